"""The record of the models that were built here: what is not in it, or is not as it was built, is not loaded.

A model is a program in all but name: who can put one in the folder could otherwise run anything as the engine. The
record is a file as of `sha256sum`, beside the models or where MODELS_RECORD says, which may be a place that the
assistant's account can only read.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from enum import Enum, auto
from pathlib import Path

from bot.launch.preflight import CannotStart

FILE = "built.sha256"


class Origin(Enum):
    """What the record says of a model's file."""

    OURS = auto()
    UNKNOWN = auto()
    CHANGED = auto()


class BuiltModels:
    """The models in one folder, and the record of them."""

    def __init__(self, models: Path, record: Path | None = None) -> None:
        self._record = record or models / FILE

    def add(self, model: Path, name: str | None = None, expected: str | None = None) -> None:
        """Writes a model down that was built here, or that whoever runs this vouches for.

        Args:
            model: the file.
            name: what it will be called, unless as now.
            expected: the hash that it must have, in hexadecimal.

        Raises:
            CannotStart: it has another hash.
        """
        found = hash_of(model)
        if expected is not None and not hmac.compare_digest(found, expected.lower()):
            raise CannotStart(
                f"{model} has the hash {found} and not {expected}; fetch it again from where it was built"
            )
        self._record.parent.mkdir(parents=True, exist_ok=True)
        line = f"{found}  {name or model.name}\n"
        # In one write, so that trainings that end together do not mix their lines.
        file = os.open(self._record, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, line.encode())
            os.fsync(file)
        finally:
            os.close(file)

    def origin(self, model: Path) -> Origin:
        """Whether this very file was built here."""
        known = self._known().get(model.name)
        if known is None:
            return Origin.UNKNOWN
        return Origin.OURS if hmac.compare_digest(known, hash_of(model)) else Origin.CHANGED

    def check(self, model: Path) -> None:
        """Does nothing where the model is ours.

        Raises:
            CannotStart: it is not, or there is none; the message says what to do.
        """
        if not model.is_file():
            raise CannotStart(f"there is no model {model}; train one with `make train`")
        origin = self.origin(model)
        if origin is Origin.UNKNOWN:
            raise CannotStart(
                f"{model} is not in {self._record}, the record of the models built here, and is not loaded; remove it"
                f" and train with `make train`, or, where it was built on another machine of yours, vouch for it:"
                f" python -m bot.launch accept {model} <its sha256>"
            )
        if origin is Origin.CHANGED:
            raise CannotStart(
                f"{model} is not as it was built ({self._record} has another hash) and is not loaded; find out who"
                " changed it, remove it, and train with `make train`"
            )

    def _known(self) -> dict[str, str]:
        """The last hash of each name."""
        try:
            lines = self._record.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return {}
        pairs = (line.split("  ", 1) for line in lines if "  " in line)
        return {name: digest for digest, name in pairs}


def hash_of(model: Path) -> str:
    """SHA-256 of the file, in hexadecimal."""
    with model.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
