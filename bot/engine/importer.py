"""Reads what Rasa learns from: the same files as Rasa's own importer, several times faster.

Rasa's reads every file of `data` four times over with a parser in plain Python, which for six languages takes
longer than all learning does. This one goes by the folders (`nlu`, `stories`), reads each file once, and is strict: a
key it does not know is an error.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rasa.shared.exceptions import RasaException
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from ruamel.yaml import YAML

_MARK = "- "


class UnreadableTrainingData(RasaException):
    """A file of training data is not as it should be; the message names the file and the mend."""


class ProjectImporter(RasaFileImporter):
    """Training data from the folders `nlu`, `stories` and, for Rasa's own tests of them, `tests` of the data paths."""

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
        **kwargs: Any,
    ) -> None:
        roots = [training_data_paths] if isinstance(training_data_paths, str) else training_data_paths or []
        self.config_file = config_file
        self._domain_path = domain_path
        self._nlu_files = [str(p) for root in roots for p in sorted(Path(root).glob("nlu/**/*.yml"))]
        self._story_files = [str(p) for root in roots for p in sorted(Path(root).glob("stories/*.yml"))]
        self._conversation_test_files = [
            str(p) for root in roots for p in [Path(root), *Path(root).glob("**/test_*.yml")] if p.is_file()
        ]

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """The examples, lookup tables and synonyms of all files."""
        return _read(tuple(self._nlu_files))


@functools.lru_cache(maxsize=1)
def _read(files: tuple[str, ...]) -> TrainingData:
    examples: list[Message] = []
    synonyms: dict[str, str] = {}
    tables: list[dict[str, Any]] = []
    for file in files:
        for block in _blocks(Path(file)):
            if "intent" in block:
                examples += _messages(block)
            elif "lookup" in block:
                tables.append({"name": block["lookup"], "elements": list(_lines(block))})
            else:
                synonyms |= dict.fromkeys(_lines(block), block["synonym"])
    return TrainingData(examples, synonyms, None, tables)


class _Written(Message):
    """An example that stays as it was written. Rasa copies and compares all training data each time it merges any."""

    def __deepcopy__(self, copied: dict[int, Any]) -> _Written:
        return self


def _blocks(path: Path) -> Iterator[dict[str, Any]]:
    content = YAML(typ="safe").load(path)
    for number, block in enumerate((content or {}).get("nlu") or [], 1):
        kinds = {"intent", "lookup", "synonym"} & set(block)
        unknown = set(block) - {"intent", "lookup", "synonym", "examples", "metadata"}
        if len(kinds) != 1 or unknown or not isinstance(block.get("examples"), str):
            raise UnreadableTrainingData(
                f"{path}: block {number} must have one of intent, lookup and synonym, and examples as text; it has"
                f" {sorted(block)}. Mend it."
            )
        yield block


def _messages(block: dict[str, Any]) -> Iterator[Message]:
    """The block's examples; what is known of their request goes with the first, its name and language with all."""
    known = block.get("metadata") or {}
    name = {key: known[key] for key in ("request", "language") if key in known}
    for number, text in enumerate(_lines(block)):
        yield _Written.build(text, block["intent"], intent_metadata=known if number == 0 else name)


def _lines(block: dict[str, Any]) -> Iterator[str]:
    for line in block["examples"].splitlines():
        if line.strip():
            if not line.startswith(_MARK):
                raise UnreadableTrainingData(f"the example {line!r} must begin with {_MARK!r}; mend it")
            yield line.removeprefix(_MARK).strip()
