"""Writes the record's turns and erases them; what is found and counted of them goes along."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store import turn_words
from bot.store.database import add
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
from bot.store.tables import table_of
from bot.store.turn_words import FoundBy

_TURNS, _PERSONAL_DATA = table_of(TurnRow), table_of(PersonalDataRow)
_ALONG = (table_of(TurnReasonsRow), table_of(TurnEntryRow), table_of(TurnMemberStateRow))
"""What belongs to a turn and is written anew with it."""
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
# Made once: to put a statement together takes longer than to carry it out.
_TAKEN = select(_TURNS.c.id).where(_TURNS.c.id.in_(_IDS))
_OF_MESSAGES = select(_TURNS.c.id, _TURNS.c.conversation_id, _TURNS.c.message_id).where(
    _TURNS.c.conversation_id.in_(bindparam("conversations", expanding=True)),
    _TURNS.c.message_id.in_(bindparam("messages", expanding=True)),
)
_INSERT, _SET_RIGHT = insert(_TURNS), update(_TURNS).where(_TURNS.c.id == bindparam("turn"))
_PUT_ALONG = [insert(one) for one in _ALONG]
_DROP_ALONG = [delete(one).where(one.c.turn_id.in_(_IDS)) for one in _ALONG]
_CHANGED = insert(table_of(TurnChangeRow))
_PERSONAL = select(_PERSONAL_DATA.c.conversation_id, _PERSONAL_DATA.c.kind, _PERSONAL_DATA.c.value).where(
    _PERSONAL_DATA.c.conversation_id.in_(bindparam("conversations", expanding=True))
)

PersonalData = defaultdict[str, list[tuple[str, str]]]
"""Kinds and values, by conversation."""


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


async def put_turns(session: AsyncSession, turns: Sequence[RecordedTurn]) -> list[int]:
    """Puts turns into the record, or sets them right where they are there already; returns their ids, in this order."""
    of = {"conversations": [turn.conversation_id for turn in turns], "messages": [turn.message_id for turn in turns]}
    known = {
        (conversation, message): turn_id for turn_id, conversation, message in await session.execute(_OF_MESSAGES, of)
    }
    taken = set(await session.scalars(_TAKEN, {"ids": [turn.id for turn in turns]}))
    new, old, ids = [], [], []
    for turn in turns:
        turn_id = known.get((turn.conversation_id, turn.message_id))
        if turn_id is None:
            turn_id = await _free(session, turn.id, taken)
            of_message = {"conversation_id": turn.conversation_id, "message_id": turn.message_id}
            new.append({"id": turn_id, **of_message, **turn.columns})
        else:
            old.append({"turn": turn_id, **turn.columns})
        ids.append(turn_id)
    if old:
        await session.execute(_SET_RIGHT, old)
        for statement in _DROP_ALONG:
            await session.execute(statement, {"ids": [row["turn"] for row in old]})
    if new:
        await session.execute(_INSERT, new)
    await _put_along(session, list(zip(ids, turns, strict=True)))
    return ids


async def _put_along(session: AsyncSession, turns: Sequence[tuple[int, RecordedTurn]]) -> None:
    """What belongs to turns, by their ids."""
    entries: list[dict[str, Any]] = [
        {"entry": entry, "turn_id": one} for one, turn in turns for entry in dict.fromkeys(turn.entries)
    ]
    states: list[dict[str, Any]] = [
        {"member_state": s, "turn_id": one} for one, turn in turns for s in dict.fromkeys(turn.member_states)
    ]
    reasons: list[dict[str, Any]] = [{"turn_id": one, "seen": turn.seen, "told": turn.told} for one, turn in turns]
    for statement, rows in zip(_PUT_ALONG, (reasons, entries, states), strict=True):
        if rows:
            await session.execute(statement, rows)
    await keep_reply_texts(session, [text for _, turn in turns for text in turn.reply_texts])
    await turn_words.put(session, [(one, turn.found_by) for one, turn in turns])
    await days_changed(session, [one for one, _ in turns])
    await arrived(session, [one for one, _ in turns])


async def _free(session: AsyncSession, turn_id: int, taken: set[int]) -> int:
    """The id, or the next that no turn has, which is taken then: two may be asked in one microsecond."""
    while turn_id in taken:
        turn_id += 1
        taken.update(await session.scalars(_TAKEN, {"ids": [turn_id]}))
    taken.add(turn_id)
    return turn_id


async def keep_reply_texts(session: AsyncSession, texts: Iterable[tuple[int, str]]) -> None:
    """Keeps the texts that are not kept yet."""
    await add(session, ReplyTextRow, [{"id": text_id, "text": text} for text_id, text in texts])


async def days_changed(session: AsyncSession, turn_ids: Iterable[int]) -> None:
    """Has the days of these turns counted again."""
    await add(session, ChangedDayRow, [{"day": day} for day in {turn_id // DAY for turn_id in turn_ids}])


async def turns_changed(session: AsyncSession, message_ids: Iterable[int]) -> None:
    """Has these messages' turns put into the record as they are after this transaction."""
    rows = [{"message_id": message_id} for message_id in message_ids]
    if rows:
        await session.execute(_CHANGED, rows)


async def personal_data(session: AsyncSession, conversation_ids: Iterable[str]) -> PersonalData:
    """What the delegates of these conversations told the handoff form about themselves."""
    found: PersonalData = defaultdict(list)
    for row in await session.execute(_PERSONAL, {"conversations": list(conversation_ids)}):
        found[row.conversation_id].append((row.kind, row.value))
    return found


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
