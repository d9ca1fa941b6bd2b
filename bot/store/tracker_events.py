"""Erases a conversation from Rasa's own tracker store.

Rasa offers no erasure except over the HTTP API that we keep closed, so the rows are deleted where they lie.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import column, delete, inspect, table, text

from bot.store.database import connect

_EVENTS = table("events", column("sender_id"))
"""The table of Rasa's SQLTrackerStore."""


class TrackerEvents:
    """The tracker store's rows in the SQLite file at `path`, which may not exist yet."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def erase(self, conversation_id: str) -> None:
        """Deletes the conversation's events, from the file too."""
        if not self._path.exists():
            return
        engine = connect(f"sqlite+aiosqlite:///{self._path}")
        try:
            async with engine.begin() as connection:
                if not await connection.run_sync(lambda c: inspect(c).has_table(_EVENTS.name)):
                    return
                await connection.execute(delete(_EVENTS).where(_EVENTS.c.sender_id == conversation_id))
            async with engine.connect() as connection:
                await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        finally:
            await engine.dispose()
