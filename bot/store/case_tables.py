"""The tables of handoff: cases and their history, letters out, mail in. Times are UTC.

Who asked, and whole letters, are sealed (bot.store.sealed); a column `…_mark` is what they are found by.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, validates

from bot.store.sealed import Mark, Sealed, SealedBytes
from bot.store.tables import Table


class LetterKind(StrEnum):
    """What a letter is for."""

    QUESTION = "question"
    """The delegate's question, to the contact."""
    CONFIRMATION = "confirmation"
    """The reference and what happens next, to the delegate."""
    REMINDER = "reminder"
    """That the question is still unanswered, to the contact."""
    ANSWER = "answer"
    """The contact's answer, to the delegate."""
    FOLLOW_UP = "follow_up"
    """What the delegate wrote back by e-mail, to the contact."""


ASKING = (LetterKind.QUESTION, LetterKind.REMINDER)
"""Letters that ask for an answer, and have no purpose once there is one."""


class LetterState(StrEnum):
    """Where a letter stands."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    """It will not be tried again by itself, or came back."""
    REPLACED = "replaced"
    """Its address was corrected: another letter went to the new one in its stead."""


class MailKind(StrEnum):
    """What a message that came in is."""

    ANSWER = "answer"
    """From the contact: an answer to the case."""
    FOLLOW_UP = "follow_up"
    """From the delegate, in reply to a letter of ours."""
    AUTOMATIC = "automatic"
    """Sent by a machine: out of office, receipts, delays."""
    BOUNCE = "bounce"
    """A letter of ours could not be delivered."""
    STRANGER = "stranger"
    """Belongs to no case, or its sender may not answer it: set aside, and passed on only if staff accept it."""
    REFUSED = "refused"
    """Was set aside, and staff refused it."""


class CaseRow(Table):
    """A question that a person is asked to answer. `key` is the form's; a draft has nothing of the delegate yet."""

    __tablename__ = "cases"
    __table_args__ = (
        Index("ix_cases_conversation", "conversation_id"),
        Index("ix_cases_state", "state", "submitted_at"),
        Index("ix_cases_submitted", "submitted_at"),
        Index("ix_cases_answered", "answered_at"),
    )

    key: Mapped[str] = mapped_column(String(36), primary_key=True)
    reference: Mapped[str | None] = mapped_column(String(16), unique=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id", ondelete="SET NULL"))
    state: Mapped[str] = mapped_column(String(10))
    language: Mapped[str] = mapped_column(String(2))
    area: Mapped[str] = mapped_column(String(60))
    contact: Mapped[str | None] = mapped_column(String(60))
    name: Mapped[str | None] = mapped_column(Sealed("cases.name"))
    email: Mapped[str | None] = mapped_column(Sealed("cases.email"))
    email_mark: Mapped[str | None] = mapped_column(Mark, index=True, info={"of": "email"})
    member_state: Mapped[str | None] = mapped_column(String(2))
    organisation: Mapped[str | None] = mapped_column(Sealed("cases.organisation"))
    question: Mapped[str | None] = mapped_column(Text)
    consent: Mapped[bool | None]
    answer_by: Mapped[date | None]
    """The day by which the delegate was told to expect an answer."""
    since: Mapped[datetime]
    """When it came into the state it is in."""
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]

    @validates("email")
    def _mark(self, _: str, email: str | None) -> str | None:
        self.email_mark = email
        return email


class CaseEventRow(Table):
    """Something that happened to a case, and the state it was in afterwards."""

    __tablename__ = "case_events"
    __table_args__ = (Index("ix_case_events_case", "case_key", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    case_key: Mapped[str] = mapped_column(ForeignKey("cases.key", ondelete="CASCADE"))
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10))
    cause: Mapped[str] = mapped_column(String(40))
    detail: Mapped[str | None] = mapped_column(Sealed("case_events.detail"))


class OutboxRow(Table):
    """A letter to be sent, written in the transaction of what caused it.

    `content` is the whole message but for From, To and Reply-To, which are settings and added when it is sent. Either
    `contact` or `address` says where it goes. `token` is the letter's own secret: it makes its Message-ID and the
    address that replies to it come to. A worker that sends it holds a lease until `leased_until`.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_due", "state", "due_at"), Index("ix_outbox_case", "case_key"))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    case_key: Mapped[str] = mapped_column(ForeignKey("cases.key", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(12))
    contact: Mapped[str | None] = mapped_column(String(60))
    address: Mapped[str | None] = mapped_column(Sealed("outbox.address"))
    address_mark: Mapped[str | None] = mapped_column(Mark, index=True, info={"of": "address"})
    language: Mapped[str] = mapped_column(String(2))
    token: Mapped[str] = mapped_column(String(32), unique=True)
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    leased_by: Mapped[str | None] = mapped_column(String(40))
    leased_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
    """When it could first have been delivered, since it last waited for a setting or was sent again by staff."""
    sent_at: Mapped[datetime | None]
    response: Mapped[str | None] = mapped_column(Sealed("outbox.response"))
    """What the mail server said last, or why it was not asked."""
    content: Mapped[bytes] = mapped_column(SealedBytes("outbox.content"))

    @validates("address")
    def _mark(self, _: str, address: str | None) -> str | None:
        self.address_mark = address
        return address


def file_name(letter: OutboxRow) -> str:
    """The name of a letter's file, where no mail server is set."""
    return f"{letter.created_at:%Y%m%dT%H%M%S}-{letter.id}-{letter.kind}.eml"


class InboxRow(Table):
    """A message that came in, whole. `fingerprint` tells that it came before."""

    __tablename__ = "inbox"
    __table_args__ = (Index("ix_inbox_case", "case_key"), Index("ix_inbox_kind", "kind", "received_at"))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    case_key: Mapped[str | None] = mapped_column(ForeignKey("cases.key", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))
    sender: Mapped[str] = mapped_column(Sealed("inbox.sender"))
    sender_mark: Mapped[str | None] = mapped_column(Mark, index=True, info={"of": "sender"})
    subject: Mapped[str] = mapped_column(Sealed("inbox.subject"))
    text: Mapped[str] = mapped_column(Text)
    """What to show: without quotes and signature."""
    why: Mapped[str] = mapped_column(Sealed("inbox.why"))
    """What made it the kind it is."""
    raw: Mapped[bytes] = mapped_column(SealedBytes("inbox.raw"))
    received_at: Mapped[datetime]

    @validates("sender")
    def _mark(self, _: str, sender: str) -> str:
        self.sender_mark = sender
        return sender


class AttachmentRow(Table):
    """A file that came with a message. It lies in the message's `raw` and is never opened."""

    __tablename__ = "attachments"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    inbox_id: Mapped[int] = mapped_column(ForeignKey("inbox.id", ondelete="CASCADE"), index=True)
    part: Mapped[int]
    """Which part of the message it is, in the order they stand, from 0."""
    name: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(String(200))
    size: Mapped[int]
    """Bytes."""
