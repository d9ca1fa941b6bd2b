"""Keeps what Rasa's events tell of messages, until and as long as their conversations are kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.log.events import EventsOfMessage
from bot.store.database import add, inserting
from bot.store.record_tables import PersonalDataRow, TurnEventsRow
from bot.store.tables import ConversationRow, MessageRow, MessageState, table_of
from bot.store.turns import turns_changed

_C, _M, _E = table_of(ConversationRow), table_of(MessageRow), table_of(TurnEventsRow)
_THERE = select(_C.c.id).where(_C.c.id.in_(bindparam("conversations", expanding=True)))
_LAST = (
    select(_M.c.conversation_id, func.max(_M.c.id).label("last"))
    .join(_E, _E.c.message_id == _M.c.id)
    .where(_M.c.conversation_id.in_(bindparam("conversations", expanding=True)))
    .group_by(_M.c.conversation_id)
)
"""Of each conversation the message that something was told of last."""
_MESSAGES = (
    select(_M.c.id, _M.c.conversation_id, _M.c.state, _E.c.told)
    .outerjoin(_E, _E.c.message_id == _M.c.id)
    .where(_M.c.id.in_(bindparam("ids", expanding=True)))
)


async def keep_told(session: AsyncSession, events: Sequence[EventsOfMessage], next_recorded: Set[int]) -> list[str]:
    """Keeps it, in a transaction in the record's place; a turn that was answered before is recorded again with it.

    Args:
        session: the transaction.
        events: what they tell, in their order.
        next_recorded: the messages whose turns are recorded next anyway.

    Returns:
        The conversations that are not there any more.
    """
    conversations = list(dict.fromkeys(one.conversation for one in events))
    there = set(await session.scalars(_THERE, {"conversations": conversations}))
    kept = [one for one in events if one.conversation in there]
    await _keep_personal(session, kept)
    await _keep_told(session, kept, next_recorded)
    return [one for one in conversations if one not in there]


async def _keep_personal(session: AsyncSession, events: Iterable[EventsOfMessage]) -> None:
    rows = [
        {"conversation_id": one.conversation, "kind": kind, "mark": value, "value": value}
        for one in events
        for kind, value in one.personal
    ]
    await add(session, PersonalDataRow, rows)


async def _keep_told(session: AsyncSession, events: Sequence[EventsOfMessage], next_recorded: Set[int]) -> None:
    going_on = [one.conversation for one in events if not one.message]
    last = await _last(session, going_on) if going_on else {}
    ids = {*last.values(), *(one.message for one in events if one.message)}
    messages = {row.id: row for row in await session.execute(_MESSAGES, {"ids": list(ids)})}
    told: dict[int, dict[str, Any]] = {}
    for one in events:
        message = messages.get(one.message or last.get(one.conversation, 0))
        if message is None or message.conversation_id != one.conversation:
            continue
        last[one.conversation] = max(message.id, last.get(one.conversation, 0))
        before = told.get(message.id, message.told)
        after = {**(before or {}), **one.told.kept()}
        if after != before:
            told[message.id] = after
    if told:
        rows = [{"message_id": message_id, "told": one} for message_id, one in told.items()]
        putting = inserting(session, _E)
        putting = putting.on_conflict_do_update(index_elements=["message_id"], set_={"told": putting.excluded.told})
        await session.execute(putting, rows)
    answered = [one for one in told if messages[one].state == MessageState.ANSWERED]
    await turns_changed(session, [one for one in answered if one not in next_recorded])


async def _last(session: AsyncSession, conversations: Sequence[str]) -> dict[str, int]:
    """The messages of these conversations that something was told of last."""
    rows = await session.execute(_LAST, {"conversations": conversations})
    return {row.conversation_id: row.last for row in rows}
