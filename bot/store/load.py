"""How much waits at this moment, for the metrics; nothing of what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select

from bot.store.case_tables import CaseRow, OutboxRow
from bot.store.database import Sessions
from bot.store.tables import MessageRow, MessageState


@dataclass(frozen=True)
class Load:
    """Counts, and the age of the oldest message that waits, in seconds."""

    waiting: int
    oldest_seconds: float
    cases: Mapping[str, int]
    letters: Mapping[str, int]
    """By their states."""


async def read_load(sessions: Sessions, now: datetime | None = None) -> Load:
    """Three short queries on indexes or small tables."""
    waiting = select(func.count(), func.min(MessageRow.created_at)).where(MessageRow.state == MessageState.WAITING)
    async with sessions() as session:
        count, oldest = (await session.execute(waiting)).one()
        cases = (
            await session.execute(select(CaseRow.state, func.count().label("number")).group_by(CaseRow.state))
        ).all()
        letters = (
            await session.execute(select(OutboxRow.state, func.count().label("number")).group_by(OutboxRow.state))
        ).all()
    age = ((now or datetime.now(UTC)) - oldest).total_seconds() if oldest else 0.0
    return Load(
        count, max(0.0, age), {one.state: one.number for one in cases}, {one.state: one.number for one in letters}
    )
