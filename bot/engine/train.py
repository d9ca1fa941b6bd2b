"""`python -m bot.engine.lean bot.engine.train --out … --name …`: as `rasa train --force`, where the content is."""

from __future__ import annotations

import argparse
import hashlib
import logging
import sys
import uuid
from pathlib import Path

from rasa.model_training import train
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import INTENT, METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.utils.common import configure_logging_and_warnings
from rasa.utils.log_utils import configure_structlog

from bot.engine.lighter import replace
from bot.engine.packing import pack_quickly


def fingerprint(message: Message) -> str:
    """What tells an example from all others.

    Rasa's own goes over all that is said of an example, of which a block's metadata are the most, to see whether
    something is still as at the last training; here everything is learned anew.
    """
    if message._cached_fingerprint is None:
        about = (message.get(METADATA) or {}).get(METADATA_INTENT) or {}
        told = (message.get(TEXT), message.get(INTENT), about.get("request"), about.get("language"))
        message._cached_fingerprint = hashlib.blake2b("\0".join(map(str, told)).encode(), digest_size=16).hexdigest()
    return str(message._cached_fingerprint)


def main() -> int:
    """Trains; returns the exit status."""
    parser = argparse.ArgumentParser(prog="bot.engine.train", description=__doc__)
    parser.add_argument("--out", required=True)
    parser.add_argument("--name", required=True)
    chosen = parser.parse_args()
    # config.yml names components by their modules, some of which may stand beside it.
    sys.path.insert(1, str(Path.cwd()))
    configure_logging_and_warnings(logging.WARNING)
    configure_structlog(logging.WARNING)
    pack_quickly()
    replace(Message, "fingerprint", fingerprint)
    replace(DialogueStateTracker, "fingerprint", lambda _: uuid.uuid4().hex)
    done = train("domain.yml", "config.yml", "data", chosen.out, force_training=True, fixed_model_name=chosen.name)
    return int(done.code)
