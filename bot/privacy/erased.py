"""What was erased, so that it can be erased once more when a backup has brought it back. It names nobody."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from bot.privacy.subject import Subject
from bot.store.contact_keys import Digest
from bot.store.sealed import marks


class Erased:
    """A file with a line for each erasure: the conversation's random id, or the keyed hash of the address."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def note(self, session: AsyncSession, subject: Subject, now: datetime) -> None:
        """Notes an erasure, on the disk when this returns; nothing where it is done once more."""
        if subject.marks:
            return
        line: dict[str, object] = {"at": now.isoformat()}
        if subject.conversation:
            line["conversation"] = subject.conversation
        else:
            line["marks"] = marks(session, subject.email or "")
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def subjects(self) -> Iterator[Subject]:
        """All of them, each once, in the order in which they were erased."""
        lines = self._file.read_text(encoding="utf-8").splitlines() if self._file.exists() else []
        for line in dict.fromkeys(json.dumps({**json.loads(line), "at": ""}) for line in lines):
            one = json.loads(line)
            yield Subject(
                conversation=one.get("conversation"), marks=tuple(Digest(mark) for mark in one.get("marks", ()))
            )
