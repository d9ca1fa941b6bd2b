"""Mail that came in: kept whole, once, in the transaction of what it changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation.reply import ReplyBody
from bot.store.case_causes import Cause, of_letter, of_mail
from bot.store.case_states import DONE, CaseState
from bot.store.case_tables import (
    ASKING,
    AttachmentRow,
    CaseRow,
    InboxRow,
    LetterKind,
    LetterState,
    MailKind,
    OutboxRow,
)
from bot.store.cases import move, note
from bot.store.conversations import next_moment, replies_of, take
from bot.store.database import Place, Sessions, writing
from bot.store.tables import ReplyRow
from bot.store.word import said


@dataclass(frozen=True)
class Arrival:
    """A message to keep, and what follows from it for its case."""

    mail: InboxRow
    attachments: tuple[AttachmentRow, ...] = ()
    letters: tuple[OutboxRow, ...] = ()
    """To be sent because of it."""
    reply: ReplyBody | None = None
    """To be shown in the conversation, where that still exists."""
    bounced: int | None = None
    """The letter that it says was not delivered."""


ACCEPTABLE = (MailKind.STRANGER, MailKind.REFUSED, MailKind.AUTOMATIC)
"""What staff can make an answer; what seems a machine's may have been written by a person all the same."""

SPARE = (MailKind.STRANGER, MailKind.REFUSED, MailKind.AUTOMATIC, MailKind.BOUNCE)
"""What is kept within bounds: nothing that was passed on is among it."""


class UnknownMail(LookupError):
    """There is no message of this number."""

    def __init__(self, mail_id: int) -> None:
        super().__init__(f"there is no message {mail_id}")


class Unfit(StrEnum):
    """Why a message cannot be accepted or refused."""

    SETTLED = "settled"
    """It is not set aside, or not any more."""
    EMPTY = "empty"
    """It has neither text nor files."""
    NO_CASE = "no_case"
    """It belongs to no case, and none is named."""


class NotAside(Exception):
    """A message is not set aside, or not fit for what is asked. The message says why, as `why` does."""

    def __init__(self, why: Unfit, said: str) -> None:
        super().__init__(said)
        self.why = why


class Inbox:
    """The record of mail that came in."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def kept(self, fingerprint: str) -> bool:
        """Whether this message came before."""
        async with self._sessions() as session:
            return await _known(session, fingerprint)

    async def letter_named(self, tokens: Sequence[str], message_ids: Sequence[str]) -> tuple[OutboxRow, CaseRow] | None:
        """The letter that a message replies to: by the token it is addressed to, or else by what it refers to."""
        async with self._sessions() as session:
            for named in (OutboxRow.token.in_(tokens), OutboxRow.message_id.in_(message_ids)):
                letter = await session.scalar(select(OutboxRow).where(named).order_by(OutboxRow.id.desc()).limit(1))
                if letter is not None:
                    return letter, await session.get_one(CaseRow, letter.case_key)
            return None

    async def keep(self, arrival: Arrival, now: datetime) -> bool:
        """Keeps a message with all that follows from it; false, and nothing, where it came before.

        Raises:
            NotPermitted: an answer to a case that can have none, which is never submitted.
        """
        mail = arrival.mail
        async with writing(self._sessions, Place.CASES) as session:
            if await _known(session, mail.fingerprint):
                return False
            session.add(mail)
            await session.flush()
            for attachment in arrival.attachments:
                attachment.inbox_id = mail.id
                session.add(attachment)
            if mail.case_key is None:
                return True
            case = await session.get_one(CaseRow, mail.case_key)
            session.add_all(arrival.letters)
            if mail.kind == MailKind.ANSWER:
                await _answered(session, case, arrival.reply, now)
            elif arrival.bounced is not None:
                await _not_delivered(session, case, arrival.bounced, mail.why, now)
            else:
                note(session, case, of_mail(mail.kind), now, mail.why)
            return True

    async def of_case(self, key: str) -> Sequence[InboxRow]:
        """What came in on a case, in order."""
        async with self._sessions() as session:
            rows = await session.scalars(select(InboxRow).where(InboxRow.case_key == key).order_by(InboxRow.id))
            return rows.all()

    async def mail(self, mail_id: int) -> InboxRow:
        """The message of this number.

        Raises:
            UnknownMail: there is none.
        """
        async with self._sessions() as session:
            return await _numbered(session, mail_id)

    async def with_reference(self, mail_id: int) -> tuple[InboxRow, str | None]:
        """The message of this number, with its case's reference.

        Raises:
            UnknownMail: there is none.
        """
        async with self._sessions() as session:
            mail = await _numbered(session, mail_id)
            case = await session.get(CaseRow, mail.case_key) if mail.case_key else None
            return mail, case.reference if case else None

    async def accept(
        self, mail_id: int, case_key: str, letter: OutboxRow, reply: ReplyBody, why: str, now: datetime
    ) -> None:
        """Makes a message that was set aside the answer of this case, with the letter that takes it to the delegate.

        Raises:
            NotAside: it is no such message, or not any more.
            NotPermitted: the case can have no answer.
            UnknownMail: there is no such message.
        """
        async with writing(self._sessions, Place.CASES) as session:
            mail = await _numbered(session, mail_id)
            acceptable(mail)
            if mail.case_key not in (None, case_key):
                before = await session.get_one(CaseRow, mail.case_key)
                note(session, before, Cause.GIVEN_TO_ANOTHER_CASE, now, f"message {mail_id}; {why}")
            case = await session.get_one(CaseRow, case_key)
            note(session, case, Cause.ACCEPTED_BY_STAFF, now, f"message {mail_id} from {mail.sender}; {why}")
            mail.case_key, mail.kind, mail.why = case_key, MailKind.ANSWER.value, f"{mail.why}; {why}"
            session.add(letter)
            await _answered(session, case, reply, now)

    async def refuse(self, mail_id: int, why: str, now: datetime) -> None:
        """Takes a message off the list of what waits for staff; it is kept as long as others that were set aside.

        Raises:
            NotAside: it is not set aside.
            UnknownMail: there is no such message.
        """
        async with writing(self._sessions, Place.CASES) as session:
            mail = await _numbered(session, mail_id)
            if mail.kind != MailKind.STRANGER:
                raise _settled(mail)
            mail.kind, mail.why = MailKind.REFUSED.value, f"{mail.why}; {why}"
            if mail.case_key is not None:
                case = await session.get_one(CaseRow, mail.case_key)
                note(session, case, Cause.REFUSED_BY_STAFF, now, f"message {mail_id} from {mail.sender}; {why}")

    async def trim(self, total: int, now: datetime) -> None:
        """Keeps what is `SPARE` within `total` bytes.

        The oldest messages lose all but their text, and where that is not enough those that belong to no case go; of
        either, those that belong to no case first.
        """
        raw, text = func.length(InboxRow.raw), func.length(InboxRow.text)
        async with self._sessions() as session:
            held = await session.scalar(select(func.sum(raw + text)).where(InboxRow.kind.in_(SPARE)))
        if (held or 0) <= total:
            return
        async with writing(self._sessions, Place.CASES) as session:
            rows = (
                await session.execute(
                    select(InboxRow.id, InboxRow.case_key, raw, text)
                    .where(InboxRow.kind.in_(SPARE))
                    .order_by(InboxRow.case_key.is_not(None), InboxRow.id)
                )
            ).all()
            # A tenth more, or each further message would be a reason to look through them all.
            over = sum(row[2] + row[3] for row in rows) - total + total // 10
            cut, gone = [], []
            for id_, case_key, length, _ in rows:
                if over > 0 and length:
                    over -= length
                    cut.append((id_, case_key))
            for id_, case_key, _, length in rows:
                if over > 0 and case_key is None:
                    over -= length
                    gone.append(id_)
            await _cut(session, cut, "for want of room", now)
            for some in _batches(gone):
                await session.execute(delete(InboxRow).where(InboxRow.id.in_(some)))

    async def lapse(self, before: datetime, now: datetime) -> int:
        """Ends the keeping of mail that was set aside and came before this time; returns how many messages.

        What belongs to a case stays with it as a text, refused; the rest goes.
        """
        old = (InboxRow.received_at < before, InboxRow.kind.in_((MailKind.STRANGER.value, MailKind.REFUSED.value)))
        async with writing(self._sessions, Place.CASES) as session:
            gone: CursorResult[Any] = await session.execute(  # type: ignore[assignment]
                delete(InboxRow).where(*old, InboxRow.case_key.is_(None))
            )
            rows = (
                await session.execute(select(InboxRow.id, InboxRow.case_key).where(*old, func.length(InboxRow.raw) > 0))
            ).all()
            await _cut(session, [(id_, key) for id_, key in rows], "after its time", now)
            waiting = await session.execute(
                select(InboxRow.id, InboxRow.why).where(*old, InboxRow.kind == MailKind.STRANGER.value)
            )
            for id_, why in waiting.all():
                refused = {"kind": MailKind.REFUSED.value, "why": f"{why}; nobody accepted it in time"}
                await session.execute(update(InboxRow).where(InboxRow.id == id_).values(refused))
            return gone.rowcount + len(rows)

    async def attachments(self, inbox_id: int) -> Sequence[AttachmentRow]:
        """The files that came with a message."""
        async with self._sessions() as session:
            rows = await session.scalars(
                select(AttachmentRow).where(AttachmentRow.inbox_id == inbox_id).order_by(AttachmentRow.part)
            )
            return rows.all()

    async def file_names(self, mail_ids: Sequence[int]) -> Mapping[int, Sequence[str]]:
        """The names of the files that came with each of these messages."""
        async with self._sessions() as session:
            rows = await session.execute(
                select(AttachmentRow.inbox_id, AttachmentRow.name)
                .where(AttachmentRow.inbox_id.in_(mail_ids))
                .order_by(AttachmentRow.inbox_id, AttachmentRow.part)
            )
            found: defaultdict[int, list[str]] = defaultdict(list)
            for mail_id, name in rows.all():
                found[mail_id].append(name)
            return found

    async def set_aside(
        self, limit: int = 200, kind: MailKind = MailKind.STRANGER, below: int | None = None
    ) -> Sequence[tuple[InboxRow, str | None]]:
        """Mail that waits for staff to accept or refuse it, with its case's reference; the newest first.

        With `kind` refused, what they refused; with `below`, only what is older than the message of this number.
        """
        chosen = (
            select(InboxRow, CaseRow.reference)
            .outerjoin(CaseRow, CaseRow.key == InboxRow.case_key)
            .where(InboxRow.kind == kind.value)
            .order_by(InboxRow.id.desc())
            .limit(limit)
        )
        async with self._sessions() as session:
            rows = await session.execute(chosen if below is None else chosen.where(InboxRow.id < below))
            return [(mail, reference) for mail, reference in rows.all()]

    async def count_set_aside(self) -> int:
        """How much mail waits for staff to accept or refuse it."""
        async with self._sessions() as session:
            count = await session.scalar(select(func.count()).where(InboxRow.kind == MailKind.STRANGER.value))
            return count or 0


def acceptable(mail: InboxRow) -> None:
    """Raises NotAside where a message cannot become an answer."""
    if mail.kind not in ACCEPTABLE:
        raise _settled(mail)


def _settled(mail: InboxRow) -> NotAside:
    return NotAside(Unfit.SETTLED, f"message {mail.id} is not set aside: it is of the kind {mail.kind}")


async def _numbered(session: AsyncSession, mail_id: int) -> InboxRow:
    row = await session.get(InboxRow, mail_id)
    if row is None:
        raise UnknownMail(mail_id)
    return row


async def _cut(session: AsyncSession, messages: Sequence[tuple[int, str | None]], why: str, now: datetime) -> None:
    """Leaves only the text of these messages, each given with its case."""
    for some in _batches([id_ for id_, _ in messages]):
        await session.execute(update(InboxRow).where(InboxRow.id.in_(some)).values(raw=b""))
    for id_, key in messages:
        if key is not None:
            case = await session.get_one(CaseRow, key)
            note(session, case, Cause.MAIL_CUT, now, f"message {id_}: only its text is kept, {why}")


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """As many at a time as a database takes in one statement."""
    return (ids[start : start + 500] for start in range(0, len(ids), 500))


async def _known(session: AsyncSession, fingerprint: str) -> bool:
    found = await session.scalar(select(InboxRow.id).where(InboxRow.fingerprint == fingerprint))
    return found is not None


async def _answered(session: AsyncSession, case: CaseRow, reply: ReplyBody | None, now: datetime) -> None:
    move(session, case, CaseState.ANSWERED, Cause.ANSWERED, now)
    case.answered_at = now
    # Who has answered has the question, whatever the mail server said of it.
    waiting = await session.scalars(
        select(OutboxRow).where(
            OutboxRow.case_key == case.key,
            OutboxRow.kind.in_(ASKING),
            OutboxRow.state == LetterState.QUEUED.value,
        )
    )
    for letter in waiting.all():
        letter.state, letter.response = LetterState.SENT.value, "answered meanwhile"
        letter.leased_by = letter.leased_until = None
    if reply is not None and case.conversation_id is not None:
        conversation = await take(session, case.conversation_id)
        at = now
        if conversation is not None:
            conversation.said_at = at = next_moment(conversation.said_at, now)
        session.add_all(ReplyRow(**row) for row in replies_of(case.conversation_id, None, [reply], at))
        await said(session, case.conversation_id)


async def _not_delivered(session: AsyncSession, case: CaseRow, letter_id: int, why: str, now: datetime) -> None:
    letter = await session.get_one(OutboxRow, letter_id)
    cause = of_letter(letter.kind, "bounced")
    if letter.state == LetterState.REPLACED or (letter.kind in ASKING and case.state in DONE):
        # It went again to another address, or its reader has answered all the same.
        note(session, case, cause, now, why)
        return
    letter.state, letter.response = LetterState.FAILED.value, why
    letter.leased_by = letter.leased_until = None
    if letter.kind == LetterKind.QUESTION and case.state in (CaseState.SENT, CaseState.QUEUED):
        move(session, case, CaseState.FAILED, cause, now, why)
    else:
        note(session, case, cause, now, why)
