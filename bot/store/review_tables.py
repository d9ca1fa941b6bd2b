"""The tables of the review queue: each distinct text once, why it is there, and what reviewers decided.

The texts themselves stay in `turns` alone: what is erased there cannot be read here.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables import Table, only


class ReviewArrivalRow(Table):
    """A turn that was recorded, changed or erased, and that the queue does not know as it is now."""

    __tablename__ = "review_arrivals"
    __table_args__ = ({"sqlite_with_rowid": False},)

    turn_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class ReviewItemRow(Table):
    """A distinct text of one language, however often it was typed. One without a turn left keeps its decisions."""

    __tablename__ = "review_items"
    __table_args__ = (
        UniqueConstraint("language", "wording", name="uq_review_items_text"),
        Index("ix_review_items_queue", "rank", text("times DESC"), text("last DESC"), "id"),
        Index("ix_review_items_language", "language", "rank", text("times DESC"), text("last DESC"), "id"),
        Index("ix_review_items_area", "area", "rank", text("times DESC"), text("last DESC"), "id"),
        Index("ix_review_items_group", "group_id", "rank", text("times DESC"), text("last DESC"), "id"),
        Index("ix_review_items_leaders", "language", "request", "group_id"),
        Index("ix_review_items_settled", "settled_at", **only("settled_at IS NOT NULL")),
        Index("ix_review_items_due", "id", **only("staging_due")),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    language: Mapped[str] = mapped_column(String(2))
    wording: Mapped[int] = mapped_column(BigInteger)
    """As TurnRow has it."""
    turn_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("turns.id", ondelete="SET NULL"), index=True)
    """The newest turn, whose text and answer are shown."""
    times: Mapped[int]
    """Turns with this text."""
    last: Mapped[int] = mapped_column(BigInteger)
    """When it was asked last, as turns' ids tell it."""
    area: Mapped[str | None] = mapped_column(String(60))
    request: Mapped[str | None] = mapped_column(String(120))
    group_id: Mapped[int | None]
    """The item that was the first of those like it; itself for the first. Set when it enters the queue."""
    state: Mapped[str] = mapped_column(String(10))
    """As `bot.review.settling.State`."""
    rank: Mapped[int | None]
    """Its first place in the order of the queue (bot.review.reasons); empty where it does not wait in it."""
    round: Mapped[int] = mapped_column(default=1)
    """One more each time a new model answers it differently."""
    since: Mapped[int] = mapped_column(BigInteger, default=0)
    """The first turn of the round."""
    verdict: Mapped[str | None] = mapped_column(String(20))
    target: Mapped[str | None] = mapped_column(String(80))
    settled_at: Mapped[datetime | None]
    judged_outcome: Mapped[str | None] = mapped_column(String(20))
    """What was answered when it was judged,"""
    judged_entry: Mapped[str | None] = mapped_column(String(80))
    judged_model: Mapped[str | None] = mapped_column(String(64))
    """and by which model."""
    change_id: Mapped[int | None]
    """What is staged because of it."""
    staging_due: Mapped[bool] = mapped_column(default=False)
    """Whether what is staged may not be what was decided."""


class ReviewTurnRow(Table):
    """What a turn adds to its item, so that it is added once."""

    __tablename__ = "review_turns"
    __table_args__ = (
        Index("ix_review_turns_item", "item_id", "turn_id"),
        Index("ix_review_turns_sampled", "turn_id", "right", **only("sampled")),
        {"sqlite_with_rowid": False},
    )

    turn_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    item_id: Mapped[int] = mapped_column(ForeignKey("review_items.id", ondelete="CASCADE"))
    reasons: Mapped[int]
    """A bit for each `bot.review.reasons.Reason`."""
    sampled: Mapped[bool]
    right: Mapped[bool | None]
    """Of a sampled turn: whether its answer was right; empty until that is decided."""


class ReviewReasonRow(Table):
    """How many turns of an item speak for looking at it, by reason."""

    __tablename__ = "review_reasons"
    __table_args__ = (
        Index("ix_review_reasons_item", "item_id"),
        Index("ix_review_reasons_queue", "reason", "rank", text("times DESC"), text("last DESC"), "item_id"),
        {"sqlite_with_rowid": False},
    )

    reason: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    item_id: Mapped[int] = mapped_column(ForeignKey("review_items.id", ondelete="CASCADE"), primary_key=True)
    turns: Mapped[int]
    rank: Mapped[int | None]
    """The item's place in the order, here again so that one reason's texts are found in it."""
    times: Mapped[int]
    last: Mapped[int] = mapped_column(BigInteger)


class ReviewDecisionRow(Table):
    """What a reviewer decided. It stands until it is undone or replaced by the same person's next."""

    __tablename__ = "review_decisions"
    __table_args__ = (
        Index("ix_review_decisions_item", "item_id", "author_id"),
        Index("ix_review_decisions_author", "author_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("review_items.id", ondelete="CASCADE"))
    round: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    author: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    turn_id: Mapped[int] = mapped_column(BigInteger)
    """The turn that was judged."""
    verdict: Mapped[str] = mapped_column(String(20))
    target: Mapped[str | None] = mapped_column(String(80))
    comment: Mapped[str | None] = mapped_column(Text)
    resolves: Mapped[bool]
    """Whether an editor settled a dispute by it."""
    batch: Mapped[str] = mapped_column(String(32))
    """The same for what was decided at once, which is undone at once."""
    ended_at: Mapped[datetime | None]
    ended: Mapped[str | None] = mapped_column(String(10))
    """`undone` or `replaced`."""
