"""Several machines at one database: which of them live, and which of them does what only one may do at a time.

All of it goes by the database's clock. SQLite belongs to one machine, so that there everything is always ours.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import ColumnElement, DateTime, Select, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from bot.store.database import Sessions, inserting, is_postgresql
from bot.store.node_tables import LeaseRow, NodeRow

BEAT_SECONDS = 2.0
"""How often a machine is to be heard of."""
SILENT = timedelta(seconds=12)
"""After which a machine that is not heard of counts as gone, and its work is taken over."""
RENEW_SECONDS = 4.0
"""How often a lease is renewed; it lasts for SILENT."""

NOW: ColumnElement[object] = func.clock_timestamp(type_=DateTime(timezone=True))
"""PostgreSQL's clock, and not the beginning of the transaction."""


class LeaseLost(Exception):
    """Another machine has taken over what this one was at."""


def living() -> Select[str]:
    """The machines that are heard of."""
    return select(NodeRow.id).where(NodeRow.seen_at > NOW - SILENT)


def of(column: InstrumentedAttribute[str | None], node: str | None) -> ColumnElement[bool]:
    """What this machine has begun, or nobody knows who."""
    return or_(column == node, column.is_(None))


class Heartbeat:
    """Lets the others know that this machine lives."""

    def __init__(self, sessions: Sessions, node: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._sessions, self._node, self._clock = sessions, node, clock
        self._steady_since: float | None = None
        self._last = 0.0

    async def beat(self) -> bool:
        """Is heard; returns whether this machine may tell who is gone.

        After a time without the database it may not, until the others have had the time to be heard again.
        """
        async with self._sessions.begin() as session:
            if not is_postgresql(session):
                return False
            row = inserting(session, NodeRow).values(id=self._node, seen_at=NOW)
            await session.execute(row.on_conflict_do_update(index_elements=["id"], set_={"seen_at": NOW}))
        now = self._clock()
        if self._steady_since is None or now - self._last > SILENT.total_seconds() / 2:
            self._steady_since = now
        self._last = now
        return now - self._steady_since > SILENT.total_seconds()

    async def end(self) -> None:
        """This machine goes: the others need not wait to take over."""
        async with self._sessions.begin() as session:
            await session.execute(delete(NodeRow).where(NodeRow.id == self._node))


class Lease:
    """What one machine at a time does."""

    def __init__(self, sessions: Sessions, name: str, node: str) -> None:
        self._sessions, self._name, self._node = sessions, name, node
        self._renewed = float("-inf")

    async def held(self) -> bool:
        """Whether it is this machine's; taken where nobody has it, and renewed when it is time."""
        if time.monotonic() - self._renewed < RENEW_SECONDS:
            return True
        async with self._sessions.begin() as session:
            if not is_postgresql(session):
                return True
            mine = {"holder": self._node, "until": NOW + SILENT}
            taken = (
                inserting(session, LeaseRow)
                .values(name=self._name, **mine)
                .on_conflict_do_update(
                    index_elements=["name"],
                    set_=mine,
                    where=(LeaseRow.holder == self._node) | (LeaseRow.until < NOW),
                )
                .returning(LeaseRow.name)
            )
            is_ours = (await session.execute(taken)).first() is not None
        if is_ours:
            self._renewed = time.monotonic()
        return is_ours

    async def check(self, session: AsyncSession) -> None:
        """Fails the transaction where another machine has it by now: what was read for it may be old.

        Raises:
            LeaseLost: it is not ours any more.
        """
        if not is_postgresql(session):
            return
        holder = await session.scalar(select(LeaseRow.holder).where(LeaseRow.name == self._name))
        if holder not in (self._node, None):
            self._renewed = float("-inf")
            raise LeaseLost(self._name)

    async def release(self) -> None:
        """Others may have it at once."""
        self._renewed = float("-inf")
        async with self._sessions.begin() as session:
            if is_postgresql(session):
                ours = update(LeaseRow).where(LeaseRow.name == self._name, LeaseRow.holder == self._node)
                await session.execute(ours.values(until=NOW))
