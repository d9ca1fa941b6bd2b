"""The tables. Times are UTC; ids that leave the house are random."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

import sqlalchemy
from sqlalchemy import JSON, DateTime, Dialect, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """A time in UTC; SQLite, which keeps no zone, gets it without and gives it back with."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuses a time without a zone.

        Raises:
            ValueError: the time has no zone.
        """
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value} has no time zone; use datetime.now(UTC)")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Gives the zone back where the database kept none."""
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


class Table(DeclarativeBase):
    """The base of all tables."""

    type_annotation_map: ClassVar = {dict[str, Any]: JSON, datetime: UtcDateTime}


def table_of(rows: type[Table]) -> sqlalchemy.Table:
    """The table itself: to read or write its rows as they are costs a fraction of what they cost as objects."""
    return Table.metadata.tables[rows.__tablename__]


def only(condition: str) -> dict[str, Any]:
    """Has an index hold only the rows that fulfil this."""
    return {f"{dialect}_where": text(condition) for dialect in ("sqlite", "postgresql")}


class MessageState(StrEnum):
    """Where a delegate's message stands."""

    WAITING = "waiting"
    """Accepted and stored; not yet answered."""
    ANSWERED = "answered"
    """Its replies are stored."""


class ConversationRow(Table):
    """A conversation. The token itself is never stored, only its SHA-256."""

    __tablename__ = "conversations"
    __table_args__ = (Index("ix_conversations_created", "created_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    language: Mapped[str] = mapped_column(String(2))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    said_at: Mapped[datetime | None]
    """The time of what was said last, later than that of all before (bot.store.conversations.next_moment)."""


class MessageRow(Table):
    """A delegate's message and how its turn ended. `id` orders a conversation."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "client_message_id", name="uq_messages_client_message"),
        Index("ix_messages_state", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    client_message_id: Mapped[str] = mapped_column(String(36))
    text: Mapped[str] = mapped_column(Text)
    payload: Mapped[str | None] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(10))
    outcome: Mapped[str | None] = mapped_column(String(20))
    incident: Mapped[str | None] = mapped_column(String(16))
    trace: Mapped[dict[str, Any] | None]
    """What the engine made of it: request, confidence, entries, model, timings."""
    created_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    node: Mapped[str | None] = mapped_column(String(36))
    """The machine that takes it to the engine; any may, where it is empty."""


class ReplyRow(Table):
    """A reply of the assistant; `message_id` is empty for the welcome."""

    __tablename__ = "replies"
    __table_args__ = (Index("ix_replies_conversation", "conversation_id", "created_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    """Its place among the replies to the same message."""
    body: Mapped[dict[str, Any]]
    """The reply as `bot.conversation.reply.ReplyBody`."""
    created_at: Mapped[datetime]


class FeedbackRow(Table):
    """What a delegate said of a reply; the last word counts."""

    __tablename__ = "feedback"

    reply_id: Mapped[str] = mapped_column(ForeignKey("replies.id", ondelete="CASCADE"), primary_key=True)
    helpful: Mapped[bool]
    comment: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
