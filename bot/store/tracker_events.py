"""Erases conversations from the files that Rasa writes: its tracker store, and the events that wait to be read.

Rasa offers no erasure except over the HTTP API that we keep closed, so the rows are deleted where they lie.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import column, delete, inspect, table, text

from bot.store.database import connect

_EVENTS = table("events", column("sender_id"))
"""The table of Rasa's SQLTrackerStore, and of its event broker."""


class TrackerEvents:
    """The rows in these SQLite files, which may not exist yet."""

    def __init__(self, *paths: Path) -> None:
        self._paths = paths

    async def erase(self, *conversation_ids: str) -> None:
        """Deletes the conversations' events, from the files too."""
        for path in self._paths:
            if path.exists() and conversation_ids:
                await _erase(path, conversation_ids)


async def _erase(path: Path, conversation_ids: Sequence[str]) -> None:
    engine = connect(f"sqlite+aiosqlite:///{path}")
    try:
        async with engine.begin() as connection:
            if not await connection.run_sync(lambda c: inspect(c).has_table(_EVENTS.name)):
                return
            await connection.execute(delete(_EVENTS).where(_EVENTS.c.sender_id.in_(conversation_ids)))
        async with engine.connect() as connection:
            await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    finally:
        await engine.dispose()
