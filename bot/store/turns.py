"""Writes the record's turns and erases them; what is found and counted of them goes along."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store import turn_words
from bot.store.database import inserting
from bot.store.record_tables import (
    DAY,
    ChangedDayRow,
    PersonalDataRow,
    ReplyTextRow,
    TurnChangeRow,
    TurnEntryRow,
    TurnMemberStateRow,
    TurnReasonsRow,
    TurnRow,
)
from bot.store.review_arrivals import arrived
from bot.store.turn_words import FoundBy


@dataclass(frozen=True)
class RecordedTurn:
    """A turn to be put into the record, as its tables have it. `id` is the moment it was asked."""

    id: int
    conversation_id: str
    message_id: int
    columns: dict[str, Any]
    """The other columns of TurnRow, but `reviewed`, which is the staff's."""
    found_by: FoundBy
    seen: dict[str, Any]
    told: dict[str, Any] | None
    entries: Sequence[str] = ()
    member_states: Sequence[str] = ()
    reply_texts: Iterable[tuple[int, str]] = ()


async def put_turn(session: AsyncSession, turn: RecordedTurn) -> int:
    """Puts a turn into the record, or sets it right where it is there already; returns its id."""
    known = await session.scalar(
        select(TurnRow).where(TurnRow.conversation_id == turn.conversation_id, TurnRow.message_id == turn.message_id)
    )
    if known is None:
        turn_id = await _free(session, turn.id)
        row = TurnRow(id=turn_id, conversation_id=turn.conversation_id, message_id=turn.message_id, **turn.columns)
        session.add(row)
    else:
        turn_id = known.id
        for name, value in turn.columns.items():
            setattr(known, name, value)
        for table in (TurnReasonsRow, TurnEntryRow, TurnMemberStateRow):
            await session.execute(delete(table).where(table.turn_id == turn_id))
    await session.flush()
    session.add(TurnReasonsRow(turn_id=turn_id, seen=turn.seen, told=turn.told))
    session.add_all(TurnEntryRow(entry=entry, turn_id=turn_id) for entry in dict.fromkeys(turn.entries))
    session.add_all(TurnMemberStateRow(member_state=s, turn_id=turn_id) for s in dict.fromkeys(turn.member_states))
    await keep_reply_texts(session, turn.reply_texts)
    await turn_words.put(session, [(turn_id, turn.found_by)])
    await days_changed(session, [turn_id])
    await arrived(session, [turn_id])
    return turn_id


async def _free(session: AsyncSession, turn_id: int) -> int:
    """The id, or the next that no turn has: two may be asked in one microsecond."""
    while await session.get(TurnRow, turn_id) is not None:
        turn_id += 1
    return turn_id


async def keep_reply_texts(session: AsyncSession, texts: Iterable[tuple[int, str]]) -> None:
    """Keeps the texts that are not kept yet."""
    rows = [{"id": text_id, "text": text} for text_id, text in texts]
    if rows:
        await session.execute(inserting(session, ReplyTextRow).on_conflict_do_nothing(), rows)


async def days_changed(session: AsyncSession, turn_ids: Iterable[int]) -> None:
    """Has the days of these turns counted again."""
    rows = [{"day": day} for day in {turn_id // DAY for turn_id in turn_ids}]
    if rows:
        await session.execute(inserting(session, ChangedDayRow).on_conflict_do_nothing(), rows)


async def turn_changed(session: AsyncSession, message_id: int) -> None:
    """Has the message's turn put into the record as it is after this transaction."""
    await session.execute(insert(TurnChangeRow).values(message_id=message_id))


async def personal_data(session: AsyncSession, conversation_id: str) -> list[tuple[str, str]]:
    """What the delegate told the handoff form about themselves: kind and value."""
    rows = await session.scalars(select(PersonalDataRow).where(PersonalDataRow.conversation_id == conversation_id))
    return [(row.kind, row.value) for row in rows]


async def forget_turns(session: AsyncSession, conversation_id: str) -> None:
    """Erases the conversation's turns from the record; they are no longer found nor counted."""
    ids = (await session.scalars(select(TurnRow.id).where(TurnRow.conversation_id == conversation_id))).all()
    await days_changed(session, ids)
    await drop_turns(session, ids)


async def drop_turns(session: AsyncSession, turn_ids: Sequence[int]) -> None:
    """Erases these turns and what belongs to them."""
    await turn_words.drop(session, turn_ids)
    await arrived(session, turn_ids)
    # The dependent rows go by the foreign keys' ON DELETE CASCADE.
    await session.execute(delete(TurnRow).where(TurnRow.id.in_(turn_ids)))
