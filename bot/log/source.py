"""Where Rasa's events come from: the spool that the engine writes, in a file or in the database, or an AMQP broker."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import column, delete, select, table
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.log.batches import BATCH, Batch, EventSource
from bot.log.queue import Queue
from bot.settings import Settings
from bot.store.database import Sessions, are_shared, connect

_EVENTS = table("events", column("id"), column("sender_id"), column("data"))
_SPOOLED = table("spooled_events", column("id"), column("data"))


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
            self._engine = connect(f"sqlite+aiosqlite:///{self._path}", short=True)
        oldest = select(_EVENTS.c.id, _EVENTS.c.data).order_by(_EVENTS.c.id).limit(BATCH)
        try:
            async with self._engine.connect() as connection:
                rows = (await connection.execute(oldest)).all()
        except OperationalError:
            # The engine has made the file and not yet its table.
            return None
        return Batch([json.loads(row.data) for row in rows], [row.id for row in rows]) if rows else None

    async def done(self, batch: Batch) -> None:
        """Deletes them; what they said does not stay in free pages."""
        if self._engine is not None:
            async with self._engine.begin() as connection:
                await connection.execute(delete(_EVENTS).where(_EVENTS.c.id <= batch.ids[-1]))

    async def rest(self) -> None:
        """Nothing is held."""

    async def close(self) -> None:
        """Closes the file."""
        if self._engine is not None:
            await self._engine.dispose()


class SharedSpool:
    """The table of PostgreSQL that the engines of all machines write (bot.engine.event_table)."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def take(self) -> Batch | None:
        """The oldest events. Those of one conversation are in order: its messages are asked one after the other."""
        async with self._sessions() as session:
            rows = (
                await session.execute(select(_SPOOLED.c.id, _SPOOLED.c.data).order_by(_SPOOLED.c.id).limit(BATCH))
            ).all()
        return Batch([json.loads(row.data) for row in rows], [row.id for row in rows]) if rows else None

    async def done(self, batch: Batch) -> None:
        """Deletes exactly them: another engine may commit an event with a smaller number later."""
        async with self._sessions.begin() as session:
            await session.execute(delete(_SPOOLED).where(_SPOOLED.c.id.in_(batch.ids)))

    async def rest(self) -> None:
        """Nothing is held."""

    async def close(self) -> None:
        """The sessions are not ours."""


def source_of(settings: Settings, sessions: Sessions) -> EventSource:
    """The source of an installation."""
    if settings.broker_url is not None:
        return Queue(settings.broker_url.get_secret_value())
    if are_shared(sessions):
        return SharedSpool(sessions)
    return Spool(settings.spool_file)
