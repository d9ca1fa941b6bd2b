"""Erases a conversation from Rasa's own tracker store.

Rasa offers no erasure except over the HTTP API that we keep closed, so the rows are deleted where they lie.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import column, delete, inspect, table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import connect
from bot.store.traces import Traces

_EVENTS = table("events", column("sender_id"))
"""The table of Rasa's SQLTrackerStore."""


REWRITTEN = 1
"""The `user_version` of a file that need not be written anew any more."""
LARGE = 1000
"""Pages from which on the table is certain to have more than its first one."""


class TrackerEvents:
    """The tracker store's rows in the SQLite file at `path`, which may not exist yet."""

    def __init__(self, path: Path) -> None:
        self._path, self._traces = path, Traces()
        self._engine = connect(f"sqlite+aiosqlite:///{path}")

    async def erase(self, conversation_id: str) -> None:
        """Deletes the conversation's events, from the file too, as `Conversations.erase` does."""
        if not self._path.exists():
            return
        async with self._engine.begin() as connection:
            if not await connection.run_sync(lambda c: inspect(c).has_table(_EVENTS.name)):
                return
            await connection.execute(delete(_EVENTS).where(_EVENTS.c.sender_id == conversation_id))
        await self.remove_traces()

    async def remove_traces(self) -> None:
        """Takes what was erased out of the file; also at a start, for what the last process left."""
        if self._path.exists():
            await self._traces.remove(self._engine, _rewrite, _rewritten)

    async def close(self) -> None:
        """Ends what still goes on in the background, and the connections."""
        await self._traces.close()
        await self._engine.dispose()


async def _rewrite(connection: AsyncConnection) -> None:
    """Rasa's own connections do not overwrite what they move.

    It only ever adds rows behind all others, and then a row is moved once: when the table outgrows its first page, and
    what stood there stays in that page, unused. So the whole file is written anew as long as it is small, and once more
    when it has grown.
    """
    if await _version(connection) < REWRITTEN:
        await connection.execute(text("VACUUM"))


async def _rewritten(connection: AsyncConnection) -> None:
    pages = (await connection.execute(text("PRAGMA page_count"))).scalar_one()
    if pages >= LARGE and await _version(connection) < REWRITTEN:
        await connection.execute(text(f"PRAGMA user_version={REWRITTEN}"))


async def _version(connection: AsyncConnection) -> int:
    return int((await connection.execute(text("PRAGMA user_version"))).scalar_one())
