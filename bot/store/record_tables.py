"""The tables of the record that staff read: one row a turn, personal data masked, and what is counted of them.

A turn's `id` is the moment it was asked, in microseconds since 1970 (UTC): ids sort by time, a span of days is a span
of ids, and every index that ends in the id serves the newest first.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.sealed import Mark, Sealed
from bot.store.tables import Table, only

_Moment = BigInteger().with_variant(Integer, "sqlite")
"""SQLite finds rows by a key only where its type is INTEGER, which has 64 bits there."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400_000_000
"""Microseconds."""
UNSURE = 0.5
IS_UNSURE = f"confidence <= {UNSURE}"
"""As an index has it. A query is served by that index where it says the same in these words."""


def moment(at: datetime) -> int:
    """The microseconds since 1970 of a time with its zone."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def time_of(moment: int) -> datetime:
    """The time in UTC."""
    return _EPOCH + timedelta(microseconds=moment)


class TurnRow(Table):
    """What was asked, masked, and how it ended. It outlives the conversation's own rows, but not its erasure."""

    __tablename__ = "turns"
    __table_args__ = (
        Index("uq_turns_message", "conversation_id", "message_id", unique=True),
        Index("ix_turns_language", "language", "outcome", "id"),
        Index("ix_turns_area", "area", "outcome", "id"),
        Index("ix_turns_outcome", "outcome", "id"),
        Index("ix_turns_request", "request", "id"),
        Index("ix_turns_model", "model", "id"),
        Index("ix_turns_wording", "wording", "id"),
        Index("ix_turns_helpful", "helpful", "id", **only("helpful IS NOT NULL")),
        Index("ix_turns_case", "id", **only("case_reference IS NOT NULL")),
        Index("ix_turns_reviewed", "id", **only("reviewed")),
        Index("ix_turns_unsure", "id", "confidence", **only(IS_UNSURE)),
    )

    id: Mapped[int] = mapped_column(_Moment, primary_key=True, autoincrement=False)
    conversation_id: Mapped[str] = mapped_column(String(36))
    message_id: Mapped[int]
    """The message's own id while the conversation is kept; it orders a conversation."""
    language: Mapped[str] = mapped_column(String(2))
    outcome: Mapped[str] = mapped_column(String(20))
    area: Mapped[str | None] = mapped_column(String(60))
    request: Mapped[str | None] = mapped_column(String(120))
    """What it most likely asked for, as `<intent>/<what>`."""
    confidence: Mapped[float | None]
    """Of the intent that was acted on."""
    entry: Mapped[str | None] = mapped_column(String(80))
    """The entry that the reply rests on; the last where there are several."""
    model: Mapped[str | None] = mapped_column(String(64))
    milliseconds: Mapped[int | None]
    """From the message's acceptance to its answer."""
    pressed: Mapped[bool]
    """Whether a button was pressed; its title is the text."""
    helpful: Mapped[bool | None]
    case_reference: Mapped[str | None] = mapped_column(String(16))
    """Of the case that this turn handed in."""
    reviewed: Mapped[bool] = mapped_column(default=False)
    wording: Mapped[int] = mapped_column(BigInteger)
    """The same for texts that differ in case, accents, punctuation or spaces only."""
    text: Mapped[str] = mapped_column(Text)
    comment: Mapped[str | None] = mapped_column(Text)


class TurnReasonsRow(Table):
    """Why a turn ended as it did, and what was replied: read with one turn or one conversation, never in a list."""

    __tablename__ = "turn_reasons"

    turn_id: Mapped[int] = mapped_column(_Moment, ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    seen: Mapped[dict[str, Any]]
    """What the edge saw (bot.log.reasons.Seen)."""
    told: Mapped[dict[str, Any] | None]
    """What Rasa's events tell (bot.log.reasons.Told)."""


class TurnEntryRow(Table):
    """An entry that a turn's reply rests on."""

    __tablename__ = "turn_entries"
    __table_args__ = (Index("ix_turn_entries_turn", "turn_id"), {"sqlite_with_rowid": False})

    entry: Mapped[str] = mapped_column(String(80), primary_key=True)
    turn_id: Mapped[int] = mapped_column(_Moment, ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)


class TurnMemberStateRow(Table):
    """A member state that a turn names, by its ISO 3166 code."""

    __tablename__ = "turn_member_states"
    __table_args__ = (Index("ix_turn_member_states_turn", "turn_id"), {"sqlite_with_rowid": False})

    member_state: Mapped[str] = mapped_column(String(2), primary_key=True)
    turn_id: Mapped[int] = mapped_column(_Moment, ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)


class ReplyTextRow(Table):
    """A reply that the knowledge base makes, kept once however often it was given; it has nothing of any delegate."""

    __tablename__ = "reply_texts"

    id: Mapped[int] = mapped_column(_Moment, primary_key=True, autoincrement=False)
    """Of its text."""
    text: Mapped[str] = mapped_column(Text)


class DayFigureRow(Table):
    """How many turns of a day, or of a week, have this value of this figure (bot.log.rollups); outlives the turns."""

    __tablename__ = "day_figures"
    __table_args__ = ({"sqlite_with_rowid": False},)

    figure: Mapped[str] = mapped_column(String(20), primary_key=True)
    days: Mapped[int] = mapped_column(primary_key=True)
    """1, or 7 from a Monday on."""
    day: Mapped[int] = mapped_column(primary_key=True)
    """The first, in days since 1970 (UTC)."""
    value: Mapped[str] = mapped_column(String(150), primary_key=True)
    turns: Mapped[int]


class ChangedDayRow(Table):
    """A day whose figures must be counted again."""

    __tablename__ = "changed_days"

    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class TurnChangeRow(Table):
    """A message whose turn the record does not yet have as it is now; written in the transaction of the change."""

    __tablename__ = "turn_changes"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)


class TurnEventsRow(Table):
    """What Rasa's events tell of a message (bot.log.reasons.Told), until and as long as its conversation is kept."""

    __tablename__ = "turn_events"

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    told: Mapped[dict[str, Any]]


class PersonalDataRow(Table):
    """What a delegate told the handoff form about themselves: masked wherever the conversation has it."""

    __tablename__ = "personal_data"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    mark: Mapped[str] = mapped_column(Mark, primary_key=True, info={"of": "value"})
    """Of the value, so that it is kept once, and found."""
    value: Mapped[str] = mapped_column(Sealed("personal_data.value"))
