"""Where Rasa's events come from: the spool that the engine writes. Another event broker would be another source."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import column, delete, select, table
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.log.events import Event
from bot.store.database import connect

BATCH = 400
"""Events taken at once: of about twenty messages, so that the engine never waits long for its turn to write."""

_EVENTS = table("events", column("id"), column("sender_id"), column("data"))


@dataclass(frozen=True)
class Batch:
    """Events in their order, and the mark of the last."""

    events: Sequence[Event]
    last: int


class EventSource(Protocol):
    """Gives events at least once, in order, until it is told that they are done."""

    async def take(self) -> Batch | None:
        """The oldest events that are not done; nothing where there are none."""

    async def done(self, batch: Batch) -> None:
        """These events are in the record, and are not needed any more."""

    async def close(self) -> None:
        """Lets go of what it holds."""


class Spool:
    """The SQLite file that bot.engine.event_spool writes; it may not exist yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine: AsyncEngine | None = None

    async def take(self) -> Batch | None:
        """The oldest events."""
        if not self._path.exists():
            return None
        if self._engine is None:
            self._engine = connect(f"sqlite+aiosqlite:///{self._path}")
        oldest = select(_EVENTS.c.id, _EVENTS.c.data).order_by(_EVENTS.c.id).limit(BATCH)
        try:
            async with self._engine.connect() as connection:
                rows = (await connection.execute(oldest)).all()
        except OperationalError:
            # The engine has made the file and not yet its table.
            return None
        return Batch([json.loads(row.data) for row in rows], rows[-1].id) if rows else None

    async def done(self, batch: Batch) -> None:
        """Deletes them; what they said does not stay in free pages."""
        if self._engine is not None:
            async with self._engine.begin() as connection:
                await connection.execute(delete(_EVENTS).where(_EVENTS.c.id <= batch.last))

    async def close(self) -> None:
        """Closes the file."""
        if self._engine is not None:
            await self._engine.dispose()
