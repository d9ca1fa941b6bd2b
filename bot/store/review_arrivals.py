"""Tells the review queue of turns, in the transaction that writes or erases them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.database import add
from bot.store.record_tables import TurnRow
from bot.store.review_tables import ReviewArrivalRow


async def arrived(session: AsyncSession, turn_ids: Iterable[int]) -> None:
    """Has the queue look at these turns: new ones, changed ones, and those that are gone."""
    await add(session, ReviewArrivalRow, [{"turn_id": turn_id} for turn_id in dict.fromkeys(turn_ids)])


async def all_arrived(session: AsyncSession) -> None:
    """Has the queue look at every turn of the record, as after turns were loaded past `put_turns`."""
    missing = select(TurnRow.id).where(TurnRow.id.not_in(select(ReviewArrivalRow.turn_id)))
    await session.execute(insert(ReviewArrivalRow).from_select(["turn_id"], missing))
