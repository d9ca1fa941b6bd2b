"""`python -m bot.engine.lean bot.engine.correction <model> <new model>`: a few questions more, untrained.

Reads JSON lines `{"text", "request"}` from the standard input: a question, and what it asks for, as the training data
name it. They are taken for that, and with them what is close to them (bot/engine/corrections.py); nothing else is
learned anew. Ends with `NOT_ENOUGH`, and writes nothing, where one of them is still not taken for what it asks for:
another contradicts it, or it is several questions. Then only a training can help.
"""

from __future__ import annotations

import functools
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rasa.engine.graph import GraphModelConfiguration
from rasa.engine.storage.storage import ModelMetadata
from rasa.shared.nlu.constants import INTENT

from bot.engine.compare import Model
from bot.engine.encoders import encode
from bot.engine.packing import pack_quickly
from bot.engine.request_classifier import REQUESTS
from bot.engine.understanding import Encoder

NOT_ENOUGH = 3
"""The status that says that a training is needed."""


@dataclass(frozen=True)
class Correction:
    """A question, and what it asks for."""

    text: str
    request: str


def correct(old: Path, new: Path, corrections: Sequence[Correction]) -> bool:
    """Writes the model `new`; whether it takes each question for what it asks for. It is not written otherwise.

    Raises:
        ValueError: the model knows nothing of what one of them asks for.
    """
    encoder = functools.cache(lambda name: functools.partial(encode, name))
    with tempfile.TemporaryDirectory() as place:
        model = Model(old, _folder(place, "model"), encoder)
        names = {name.rpartition("/")[2]: name for name in model.learned.names}
        if unknown := {one.request for one in corrections} - set(names):
            raise ValueError(f"{old} knows no {', '.join(sorted(unknown))}; train with them instead")
        for text, one in zip(model.wholes([one.text for one in corrections]), corrections):
            model.learned.correct(text, names[one.request])
        with model.storage.write_to(model.resource) as folder:
            model.learned.ranking.save(folder)
        made = Path(place) / "made.tar.gz"
        model.storage.create_model_package(made, _configuration(model.metadata), model.metadata.domain)
        if not _takes(made, _folder(place, "asked"), encoder, corrections, names):
            return False
        made.replace(new)
    return True


def _takes(
    model: Path,
    folder: Path,
    encoder: Callable[[str], Encoder],
    corrections: Sequence[Correction],
    names: dict[str, str],
) -> bool:
    """Whether each question is taken for what it asks for, surely enough to act on it."""
    understood = Model(model, folder, encoder).understand([(one.text, None) for one in corrections])
    return all(
        (said[REQUESTS][0]["name"], said[INTENT]["name"]) == (wanted := names[one.request], wanted.partition("/")[0])
        for said, one in zip(understood, corrections)
    )


def _configuration(metadata: ModelMetadata) -> GraphModelConfiguration:
    return GraphModelConfiguration(
        train_schema=metadata.train_schema,
        predict_schema=metadata.predict_schema,
        training_type=metadata.training_type,
        assistant_id=metadata.assistant_id,
        language=metadata.language,
        spaces=metadata.spaces,
        core_target=metadata.core_target,
        nlu_target=metadata.nlu_target,
    )


def _folder(place: str, name: str) -> Path:
    folder = Path(place) / name
    folder.mkdir()
    return folder


def main() -> int:
    """Corrects by the lines of the standard input."""
    old, new = map(Path, sys.argv[1:])
    pack_quickly()
    corrections = [Correction(**json.loads(line)) for line in sys.stdin if line.strip()]
    return 0 if correct(old, new, corrections) else NOT_ENOUGH
