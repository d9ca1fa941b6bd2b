"""Everything that belongs to the subject, as it is kept: for its export, and to know what to erase."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.privacy.subject import Found
from bot.store.case_tables import AttachmentRow, CaseEventRow, CaseRow, InboxRow, OutboxRow
from bot.store.publishing_tables import ChangeRow
from bot.store.record_tables import PersonalDataRow, TurnEventsRow, TurnReasonsRow, TurnRow
from bot.store.review_tables import ReviewDecisionRow, ReviewTurnRow
from bot.store.sealed import Mark
from bot.store.tables import ConversationRow, FeedbackRow, MessageRow, ReplyRow, Table

Rows = dict[str, list[Table]]
"""By the name of their table."""

NEVER = {"token", "token_hash"}
"""Secrets of ours that are nobody's data."""


async def gather(session: AsyncSession, found: Found) -> Rows:
    """The rows of all tables."""
    rows: Rows = {}

    async def take(table: type[Table], *where: Any) -> Sequence[Any]:
        some = list((await session.scalars(select(table).where(*where))).all())
        rows.setdefault(table.__tablename__, []).extend(some)
        return some

    said = found.conversations
    await take(ConversationRow, ConversationRow.id.in_(said))
    messages = await take(MessageRow, MessageRow.conversation_id.in_(said))
    replies = await take(ReplyRow, ReplyRow.conversation_id.in_(said))
    await take(FeedbackRow, FeedbackRow.reply_id.in_([row.id for row in replies]))
    await take(PersonalDataRow, PersonalDataRow.conversation_id.in_(said))
    await take(TurnEventsRow, TurnEventsRow.message_id.in_([row.id for row in messages]))
    turns = [row.id for row in await take(TurnRow, TurnRow.conversation_id.in_(said))]
    await take(TurnReasonsRow, TurnReasonsRow.turn_id.in_(turns))
    await take(ReviewDecisionRow, ReviewDecisionRow.turn_id.in_(turns))
    cases = await take(CaseRow, CaseRow.key.in_(found.cases))
    await take(CaseEventRow, CaseEventRow.case_key.in_(found.cases))
    await take(OutboxRow, OutboxRow.case_key.in_(found.cases))
    mails = await take(InboxRow, InboxRow.case_key.in_(found.cases) | InboxRow.id.in_(found.mails))
    await take(AttachmentRow, AttachmentRow.inbox_id.in_([row.id for row in mails]))
    items = await session.scalars(select(ReviewTurnRow.item_id).where(ReviewTurnRow.turn_id.in_(turns)))
    because = {f"review:{item}" for item in items} | {f"case:{case.reference}" for case in cases}
    await take(ChangeRow, ChangeRow.because.in_(because))
    return rows


def texts(rows: Rows) -> Iterator[str]:
    """What the subject wrote or was called by, however often."""
    for name, columns in (
        ("conversations", ("id",)),
        ("messages", ("text",)),
        ("feedback", ("comment",)),
        ("personal_data", ("value",)),
        ("turns", ("text", "comment")),
        ("cases", ("name", "email", "question", "reference")),
        ("inbox", ("sender", "text")),
    ):
        for row in rows.get(name, ()):
            yield from (value for column in columns if (value := getattr(row, column)))


def plain(rows: Rows) -> dict[str, list[dict[str, Any]]]:
    """The rows as JSON can have them; bytes as text where they are some, else in base64."""
    return {name: [_plain(row) for row in some] for name, some in rows.items() if some}


def _plain(row: Table) -> dict[str, Any]:
    columns = inspect(type(row)).columns
    kept = (key for key, column in columns.items() if key not in NEVER and not isinstance(column.type, Mark))
    return {key: _value(getattr(row, key)) for key in kept}


def _value(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(value).decode()}
    return value
