"""How long what was said is kept: as it was written, and masked."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from bot.log.selection import first_moment
from bot.store import turn_words
from bot.store.conversations import Conversations
from bot.store.database import Place, Sessions, writing
from bot.store.record_tables import DAY, TurnRow
from bot.store.tracker_events import TrackerEvents
from bot.store.turns import drop_turns

BATCH = 500
"""Turns erased in one transaction."""


class Retention:
    """Erases what has been kept long enough: conversations after `unmasked`, the record's turns after `masked`.

    What was counted of the turns stays.
    """

    def __init__(self, sessions: Sessions, written: TrackerEvents, *, unmasked: timedelta, masked: timedelta) -> None:
        self._sessions, self._written = sessions, written
        self._conversations = Conversations(sessions)
        self._unmasked, self._masked = unmasked, masked

    def oldest(self, now: datetime) -> int:
        """The first day, in days since 1970, whose turns are kept."""
        return first_moment((now - self._masked).date()) // DAY

    async def apply(self, now: datetime) -> None:
        """Erases what is due, and takes what was erased out of the search and the database's files."""
        while ids := await self._conversations.expire(now - self._unmasked):
            await self._written.erase(*ids)
        while await self._drop(self.oldest(now) * DAY):
            pass
        while await self._tidy():
            pass
        await self._conversations.remove_traces()

    async def close(self) -> None:
        """Ends what still goes on in the background."""
        await self._conversations.close()

    async def _drop(self, before: int) -> int:
        async with writing(self._sessions, Place.RECORD, Place.REVIEW) as session:
            old = select(TurnRow.id).where(TurnRow.id < before).order_by(TurnRow.id).limit(BATCH)
            ids = (await session.scalars(old)).all()
            await drop_turns(session, ids)
            return len(ids)

    async def _tidy(self) -> bool:
        async with writing(self._sessions, Place.RECORD, Place.REVIEW) as session:
            return await turn_words.tidy(session)
