"""What is published, as a file: the one place that decides what runs, read at every start."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

FILE = "published.json"


class Slot(StrEnum):
    """One of the two places that an engine can run in."""

    BLUE = "blue"
    GREEN = "green"

    @property
    def other(self) -> Slot:
        """The one beside it."""
        return Slot.GREEN if self is Slot.BLUE else Slot.BLUE


class Pointer(BaseModel):
    """A published version: its content and its model, by their names in their folders, and where its engine runs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int
    content: str
    model: str
    base: str
    """The fingerprint of the checkout that the changes were applied to."""
    slot: Slot


class Damaged(ValueError):
    """The file is not as it was written."""


def read(data: Path) -> Pointer | None:
    """What is published; nothing where nothing ever was.

    Raises:
        Damaged: the file cannot be understood.
    """
    path = data / FILE
    try:
        return Pointer.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        problem = "restore it from a backup, or remove it to run what the repository says"
        raise Damaged(f"{path} is damaged ({error.error_count()} faults); {problem}") from None


def write(data: Path, pointer: Pointer) -> None:
    """Publishes: after this, whatever ends, the next start runs this version. Outlives a power cut."""
    path = data / FILE
    new = path.with_name(f"{FILE}.new")
    with new.open("wb") as file:
        file.write(pointer.model_dump_json(indent=1).encode())
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    folder = os.open(data, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
