"""The trail: who saw and changed what. It is added to and read, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.database import Sessions
from bot.store.staff_tables import TrailRow


@dataclass(frozen=True)
class Wanted:
    """Which lines of the trail to show; what is empty does not matter."""

    who: str = ""
    act: str = ""
    object: str = ""
    since: datetime | None = None
    until: datetime | None = None
    """The first moment that is too late."""
    below: int | None = None
    """Only lines older than the one of this id."""


class Trail:
    """Reads the trail, and adds to it what no other transaction belongs to."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def add(
        self, who: str, act: str, on: str, now: datetime, before: str | None = None, after: str | None = None
    ) -> None:
        """Adds a line by itself, as for what was only looked at."""
        async with self._sessions.begin() as session:
            record(session, who, act, on, now, before, after)

    async def find(self, wanted: Wanted, limit: int) -> Sequence[TrailRow]:
        """The newest lines first."""
        chosen = select(TrailRow).order_by(TrailRow.id.desc()).limit(limit)
        for column, value in ((TrailRow.who, wanted.who), (TrailRow.act, wanted.act), (TrailRow.object, wanted.object)):
            if value:
                chosen = chosen.where(column == value)
        if wanted.since:
            chosen = chosen.where(TrailRow.at >= wanted.since)
        if wanted.until:
            chosen = chosen.where(TrailRow.at < wanted.until)
        if wanted.below is not None:
            chosen = chosen.where(TrailRow.id < wanted.below)
        async with self._sessions() as session:
            return (await session.scalars(chosen)).all()


def record(
    session: AsyncSession,
    who: str,
    act: str,
    on: str,
    now: datetime,
    before: str | None = None,
    after: str | None = None,
) -> None:
    """Adds a line in the transaction of what it tells of: both happen or neither."""
    session.add(TrailRow(at=now, who=who, act=act, object=on, before=before, after=after))
