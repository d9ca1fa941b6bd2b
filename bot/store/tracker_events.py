"""Erases conversations from what Rasa writes: its tracker store, and the events that wait to be read.

Rasa offers no erasure except over the HTTP API that we keep closed, so the rows are deleted where they lie: in files of
SQLite, or in two tables of the PostgreSQL that several machines share.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Row, Select, TableClause, column, delete, inspect, select, table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import Sessions, are_shared, connect
from bot.store.traces import Traces

_EVENTS = table("events", column("sender_id"), column("data"))
"""The table of Rasa's SQLTrackerStore, and of its event broker."""
_SPOOLED = table("spooled_events", column("sender_id"), column("data"))
"""What stands for that of the broker in PostgreSQL."""


REWRITTEN = 1
"""The `user_version` of a file that need not be written anew any more."""
LARGE = 1000
"""Pages from which on the table is certain to have more than its first one."""


class TrackerEvents:
    """The rows in these SQLite files, which may not exist yet, and in the tables of `shared`."""

    def __init__(self, *paths: Path, shared: Sessions | None = None) -> None:
        self._files: list[_File | _Tables] = [_File(path) for path in paths]
        if shared is not None:
            self._files.append(_Tables(shared))

    @classmethod
    def of(cls, sessions: Sessions, *paths: Path) -> TrackerEvents:
        """Those of an installation: where its records are in PostgreSQL, so are they, and the files are not used."""
        return cls(shared=sessions) if are_shared(sessions) else cls(*paths)

    async def erase(self, *conversation_ids: str) -> None:
        """Deletes the conversations' events, from the files too, as `Conversations.erase` does."""
        for file in self._files:
            await file.erase(conversation_ids)

    async def said_in(self, *conversation_ids: str) -> list[dict[str, Any]]:
        """The conversations' events, as they are kept."""
        return [event for file in self._files for event in await file.said_in(conversation_ids)]

    async def remove_traces(self) -> None:
        """Takes what was erased out of the files; also at a start, for what the last process left."""
        for file in self._files:
            await file.remove_traces()

    async def close(self) -> None:
        """Ends what still goes on in the background, and the connections."""
        for file in self._files:
            await file.close()


class _Tables:
    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def erase(self, conversation_ids: Sequence[str]) -> None:
        async with self._sessions.begin() as session:
            for one in (_EVENTS, _SPOOLED):
                await session.execute(delete(one).where(one.c.sender_id.in_(conversation_ids)))

    async def said_in(self, conversation_ids: Sequence[str]) -> list[dict[str, Any]]:
        async with self._sessions() as session:
            tables = (_EVENTS, _SPOOLED)
            return [
                event
                for one in tables
                for event in _plain((await session.execute(_said_in(one, conversation_ids))).all())
            ]

    async def remove_traces(self) -> None:
        """The server's own work (VACUUM)."""

    async def close(self) -> None:
        """The sessions are not ours."""


def _said_in(events: TableClause, conversation_ids: Sequence[str]) -> Select[Any]:
    return select(events.c.sender_id, events.c.data).where(events.c.sender_id.in_(conversation_ids))


def _plain(rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    return [{"conversation": sender, "event": json.loads(data)} for sender, data in map(tuple, rows)]


class _File:
    def __init__(self, path: Path) -> None:
        self._path, self._traces = path, Traces()
        self._engine = connect(f"sqlite+aiosqlite:///{path}")

    async def erase(self, conversation_ids: Sequence[str]) -> None:
        if not self._path.exists() or not conversation_ids:
            return
        async with self._engine.begin() as connection:
            if not await connection.run_sync(lambda c: inspect(c).has_table(_EVENTS.name)):
                return
            await connection.execute(delete(_EVENTS).where(_EVENTS.c.sender_id.in_(conversation_ids)))
        await self.remove_traces()

    async def said_in(self, conversation_ids: Sequence[str]) -> list[dict[str, Any]]:
        if not self._path.exists() or not conversation_ids:
            return []
        async with self._engine.connect() as connection:
            if not await connection.run_sync(lambda c: inspect(c).has_table(_EVENTS.name)):
                return []
            return _plain((await connection.execute(_said_in(_EVENTS, conversation_ids))).all())

    async def remove_traces(self) -> None:
        if self._path.exists():
            await self._traces.remove(self._engine, _rewrite, _rewritten)

    async def close(self) -> None:
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
