"""Sessions of the staff's browsers, and attempts at signing in. Every method is one transaction."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select, update

from bot.store.database import Place, Sessions, writing
from bot.store.staff_tables import AttemptRow, StaffSessionRow

LONGEST_WINDOW = timedelta(days=1)
"""Attempts older than this are forgotten."""


def hash_of(secret: str) -> str:
    """What is stored of a random secret. A plain hash will do: it cannot be guessed from that."""
    return hashlib.sha256(secret.encode()).hexdigest()


class StaffSessions:
    """The sessions, by the hash of the cookie's value."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def load(self, id_hash: str) -> StaffSessionRow | None:
        """The session."""
        async with self._sessions() as session:
            return await session.get(StaffSessionRow, id_hash)

    async def begin(self, id_hash: str, account_id: int | None, data: dict[str, Any], now: datetime) -> None:
        """A new session."""
        async with self._sessions.begin() as session:
            session.add(StaffSessionRow(id_hash=id_hash, account_id=account_id, data=data, created_at=now, seen_at=now))

    async def save(self, id_hash: str, data: dict[str, Any]) -> None:
        """Replaces what a session holds; one that was ended meanwhile stays ended."""
        async with self._sessions.begin() as session:
            await session.execute(update(StaffSessionRow).where(StaffSessionRow.id_hash == id_hash).values(data=data))

    async def seen(self, id_hash: str, now: datetime) -> None:
        """Somebody is there."""
        async with self._sessions.begin() as session:
            await session.execute(update(StaffSessionRow).where(StaffSessionRow.id_hash == id_hash).values(seen_at=now))

    async def end(self, id_hash: str) -> None:
        """Ends a session."""
        async with self._sessions.begin() as session:
            await session.execute(delete(StaffSessionRow).where(StaffSessionRow.id_hash == id_hash))

    async def end_old(self, unseen_since: datetime, begun_before: datetime, visitors_before: datetime) -> None:
        """Ends those that have had their time; `visitors_before` is for those never signed in."""
        row = StaffSessionRow
        async with self._sessions.begin() as session:
            await session.execute(
                delete(row).where(
                    or_(
                        row.seen_at < unseen_since,
                        row.created_at < begun_before,
                        row.account_id.is_(None) & (row.created_at < visitors_before),
                    )
                )
            )


class Attempts:
    """Counts attempts that have not succeeded, for all processes and across restarts."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def take(self, key: str, limit: int, window: timedelta, now: datetime) -> bool:
        """Counts an attempt before it is made; false, and uncounted, where there were `limit` within the window."""
        hashed = hash_of(key)
        async with writing(self._sessions, Place.STAFF) as session:
            await session.execute(delete(AttemptRow).where(AttemptRow.at < now - LONGEST_WINDOW))
            made = await session.scalar(
                select(func.count()).where(AttemptRow.key == hashed, AttemptRow.at > now - window)
            )
            if (made or 0) >= limit:
                return False
            session.add(AttemptRow(key=hashed, at=now))
            return True

    async def forget(self, key: str) -> None:
        """It succeeded."""
        async with self._sessions.begin() as session:
            await session.execute(delete(AttemptRow).where(AttemptRow.key == hash_of(key)))
