"""`python -m bot.engine.lean bot.engine.train --out … --name …`: as `rasa train --force`, where the content is."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from rasa.model_training import train
from rasa.utils.common import configure_logging_and_warnings
from rasa.utils.log_utils import configure_structlog

from bot.engine.packing import pack_quickly


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
    done = train("domain.yml", "config.yml", "data", chosen.out, force_training=True, fixed_model_name=chosen.name)
    return int(done.code)
