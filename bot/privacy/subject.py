"""What belongs to one conversation, or to one e-mail address, wherever it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from bot.store.case_tables import CaseRow, InboxRow, OutboxRow
from bot.store.contact_keys import Digest
from bot.store.inbox import SPARE
from bot.store.record_tables import PersonalDataRow, TurnRow
from bot.store.sealed import marks
from bot.store.tables import ConversationRow, FeedbackRow, MessageRow, ReplyRow

Value = TypeVar("Value")

BATCH = 200
"""Messages opened at a time, of those that belong to no case."""


@dataclass(frozen=True)
class Subject:
    """Whose data: exactly one is given. `marks` stand for an address that only its keyed hash is known of."""

    conversation: str | None = None
    email: str | None = None
    marks: tuple[Digest, ...] = ()

    def __str__(self) -> str:
        """Without the address itself, since the trail is never changed."""
        return f"conversation {self.conversation}" if self.conversation else "e-mail address"


@dataclass(frozen=True)
class Found:
    """What belongs to the subject."""

    conversations: Sequence[str] = ()
    """Ids, also of conversations of which only the record is left."""
    cases: Sequence[str] = ()
    """Keys."""
    mails: Sequence[int] = ()
    """Messages that came in and belong to none of these cases."""

    def __bool__(self) -> bool:
        """Whether anything does."""
        return bool(self.conversations or self.cases or self.mails)


async def find(session: AsyncSession, subject: Subject) -> Found:
    """Looks everywhere. What an address leads to are its cases and their conversations, conversations whose form was
    told it or in whose words it stands, and mail from it."""
    if subject.conversation is not None:
        return await _of_conversation(session, subject.conversation)
    known = [*subject.marks, *(marks(session, subject.email) if subject.email else [])]
    cases = set(await _all(session, CaseRow.key, CaseRow.email_mark.in_(known)))
    cases |= set(await _all(session, OutboxRow.case_key, OutboxRow.address_mark.in_(known)))
    conversations = set(await _all(session, PersonalDataRow.conversation_id, PersonalDataRow.mark.in_(known)))
    conversations |= {one for one in await _all(session, CaseRow.conversation_id, CaseRow.key.in_(cases)) if one}
    if subject.email:
        conversations |= await _naming(session, subject.email.strip())
    cases |= set(await _all(session, CaseRow.key, CaseRow.conversation_id.in_(conversations)))
    return Found(
        conversations=sorted(conversations),
        cases=sorted(cases),
        mails=await _mails(session, subject.email, known, cases),
    )


async def _of_conversation(session: AsyncSession, conversation: str) -> Found:
    known = await session.get(ConversationRow, conversation) is not None
    recorded = await session.scalar(select(TurnRow.id).where(TurnRow.conversation_id == conversation).limit(1))
    cases = await _all(session, CaseRow.key, CaseRow.conversation_id == conversation)
    # A case outlives its conversation's rows, and the record then still names it.
    references = await _all(session, TurnRow.case_reference, TurnRow.conversation_id == conversation)
    handed = [one for one in references if one]
    cases = [*cases, *(await _all(session, CaseRow.key, CaseRow.reference.in_(handed)) if handed else ())]
    return Found(
        conversations=[conversation] if known or recorded is not None else (),
        cases=sorted(set(cases)),
    )


async def _naming(session: AsyncSession, email: str) -> set[str]:
    """Conversations in whose words the address stands."""
    found: set[str] = set()
    for column, text in (
        (MessageRow.conversation_id, MessageRow.text),
        (TurnRow.conversation_id, TurnRow.text),
        (TurnRow.conversation_id, TurnRow.comment),
    ):
        found |= set(await _all(session, column, func.lower(text).contains(email.lower(), autoescape=True)))
    comments = (
        select(ReplyRow.conversation_id)
        .join(FeedbackRow, FeedbackRow.reply_id == ReplyRow.id)
        .where(func.lower(FeedbackRow.comment).contains(email.lower(), autoescape=True))
    )
    return found | set((await session.scalars(comments)).all())


async def _mails(
    session: AsyncSession, email: str | None, known: Sequence[Digest], cases: Iterable[str]
) -> Sequence[int]:
    """Mail from the address, and mail of no case that has it in it; what is a person's answer stays with its case."""
    spare = [one.value for one in SPARE]
    elsewhere = or_(InboxRow.case_key.is_(None), InboxRow.case_key.not_in(list(cases)))
    found = set(await _all(session, InboxRow.id, InboxRow.sender_mark.in_(known), InboxRow.kind.in_(spare), elsewhere))
    if email:
        needle, last = email.strip().lower(), 0
        # Sealed, so each has to be opened.
        chosen = select(InboxRow).where(InboxRow.case_key.is_(None)).order_by(InboxRow.id).limit(BATCH)
        while rows := (await session.scalars(chosen.where(InboxRow.id > last))).all():
            found |= {row.id for row in rows if needle in row.text.lower() or needle.encode() in row.raw.lower()}
            last = rows[-1].id
    return sorted(found)


async def _all(
    session: AsyncSession, column: InstrumentedAttribute[Value], *where: ColumnElement[bool]
) -> Sequence[Value]:
    return (await session.scalars(select(column).where(*where).distinct())).all()
