"""What the edge and the engine have kept of messages, read for many of them by one statement of a kind.

The statements are made once, and give plain rows: most of what a turn cost was putting statements and objects together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation.outcome import Outcome
from bot.store.case_tables import CaseRow
from bot.store.record_tables import TurnEventsRow
from bot.store.tables import FeedbackRow, MessageRow, MessageState, ReplyRow, table_of
from bot.store.turns import personal_data

_M, _R = table_of(MessageRow), table_of(ReplyRow)
_F, _E = table_of(FeedbackRow), table_of(TurnEventsRow)
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_MESSAGES = (
    select(
        _M.c.id,
        _M.c.conversation_id,
        _M.c.text,
        _M.c.payload,
        _M.c.outcome,
        _M.c.incident,
        _M.c.trace,
        _M.c.created_at,
        _M.c.answered_at,
        _E.c.told,
    )
    .outerjoin(_E, _E.c.message_id == _M.c.id)
    .where(_M.c.id.in_(_IDS), _M.c.state == MessageState.ANSWERED.value)
)
_REPLIES = (
    select(_R.c.message_id, _R.c.body, _F.c.helpful, _F.c.comment, _F.c.created_at.label("said_at"))
    .outerjoin(_F, _F.c.reply_id == _R.c.id)
    .where(_R.c.message_id.in_(_IDS))
    .order_by(_R.c.message_id, _R.c.position)
)
_THERE = select(_M.c.id).where(_M.c.id.in_(_IDS))


_Row = Any
"""A row of one of these statements."""


@dataclass(frozen=True)
class Feedback:
    """What the delegate said of a reply."""

    helpful: bool
    comment: str | None


@dataclass(frozen=True)
class KnownMessage:
    """A message that was answered, and what belongs to it."""

    id: int
    conversation_id: str
    text: str
    pressed: bool
    outcome: str | None
    incident: str | None
    trace: Mapping[str, Any]
    """What the engine made of it; may be empty."""
    created_at: datetime
    answered_at: datetime | None
    replies: Sequence[Mapping[str, Any]]
    """Their bodies, in their order."""
    feedback: Feedback | None
    """The last."""
    told: Mapping[str, Any] | None
    """What Rasa's events tell of it; nothing while none came."""
    personal: Sequence[tuple[str, str]]
    """Kinds and values of what the form was told about the delegate."""
    case: str | None
    """The reference of the case that it handed in."""


async def known_messages(session: AsyncSession, message_ids: Iterable[int]) -> list[KnownMessage]:
    """Those of these messages that were answered."""
    ids = {"ids": list(message_ids)}
    messages = (await session.execute(_MESSAGES, ids)).all()
    replies: dict[int, list[_Row]] = {}
    for row in await session.execute(_REPLIES, ids):
        replies.setdefault(row.message_id, []).append(row)
    personal = await personal_data(session, {message.conversation_id for message in messages})
    return [
        KnownMessage(
            id=message.id,
            conversation_id=message.conversation_id,
            text=message.text,
            pressed=message.payload is not None,
            outcome=message.outcome,
            incident=message.incident,
            trace=message.trace or {},
            created_at=message.created_at,
            answered_at=message.answered_at,
            replies=[reply.body for reply in replies.get(message.id, ())],
            feedback=_last(replies.get(message.id, ())),
            told=message.told,
            personal=personal[message.conversation_id],
            case=await _case(session, message) if message.outcome == Outcome.HANDOFF else None,
        )
        for message in messages
    ]


async def messages_there(session: AsyncSession, message_ids: Iterable[int]) -> set[int]:
    """Those of these messages that were not erased."""
    return set(await session.scalars(_THERE, {"ids": list(message_ids)}))


def _last(replies: Sequence[_Row]) -> Feedback | None:
    said = [reply for reply in replies if reply.said_at is not None]
    if not said:
        return None
    last = max(said, key=lambda reply: reply.said_at)
    return Feedback(last.helpful, last.comment)


async def _case(session: AsyncSession, message: _Row) -> str | None:
    return await session.scalar(
        select(CaseRow.reference).where(
            CaseRow.conversation_id == message.conversation_id,
            CaseRow.submitted_at >= message.created_at,
            CaseRow.submitted_at <= (message.answered_at or datetime.now(UTC)),
        )
    )
