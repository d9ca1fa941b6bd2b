"""The tables of publishing: changes to the content, the versions they went into, and the trainings. Times are UTC."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables import Table, only


class ChangeState(StrEnum):
    """Where a change stands."""

    DRAFT = "draft"
    """Offered, and not complete: an editor has to finish it before it can be staged."""
    STAGED = "staged"
    """Waits to be published."""
    WITHDRAWN = "withdrawn"
    PUBLISHED = "published"


class VersionState(StrEnum):
    """Where a version of what is published stands."""

    PREPARING = "preparing"
    """On its way: its engine is being started."""
    PUBLISHED = "published"
    """It was taken over; the newest of these runs."""
    FAILED = "failed"
    """It never ran."""


class VersionKind(StrEnum):
    """How a version came about."""

    CHECKOUT = "checkout"
    """From the repository alone."""
    MODEL = "model"
    """With a model trained for it."""
    ANSWERS = "answers"
    """Texts changed, with the model there was."""
    ROLL_BACK = "roll_back"
    """The content and the model of an earlier version."""
    REBASED = "rebased"
    """What was published, put upon a newer checkout."""


class JobState(StrEnum):
    """Where a training stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    """The desk ended while it ran."""


class ChangeRow(Table):
    """One change to the content. `content` is a `bot.publishing.changes.Change`; `digest` tells that it is the same."""

    __tablename__ = "content_changes"
    __table_args__ = (
        Index("uq_content_changes_open", "digest", unique=True, **only("state IN ('draft', 'staged')")),
        Index("ix_content_changes_state", "state", "id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(20))
    content: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(String(64))
    because: Mapped[str | None] = mapped_column(Text)
    """What it came from, as `review:123` or `case:7KQ4-M2XP-9S`."""
    state: Mapped[str] = mapped_column(String(10))
    author: Mapped[str] = mapped_column(String(200))
    """The account's name, as the trail has it."""
    at: Mapped[datetime]
    ended_by: Mapped[str | None] = mapped_column(String(200))
    """Who withdrew it."""
    ended_at: Mapped[datetime | None]


class VersionRow(Table):
    """A version of what is published: its content and its model, from the first on."""

    __tablename__ = "content_versions"
    __table_args__ = (Index("ix_content_versions_state", "state", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    changes: Mapped[list[int]] = mapped_column(JSON)
    """All changes in force, in the order in which they are applied to the checkout."""
    model: Mapped[str] = mapped_column(String(100))
    """The file's name in the folder of models."""
    content: Mapped[str] = mapped_column(String(100))
    """The folder's name in `content` below the data folder."""
    base: Mapped[str] = mapped_column(String(16))
    """The fingerprint of the checkout's content that the changes were applied to."""
    before: Mapped[int | None] = mapped_column(ForeignKey("content_versions.id", ondelete="SET NULL"))
    """The version that ran before it."""
    restores: Mapped[int | None] = mapped_column(ForeignKey("content_versions.id", ondelete="SET NULL"))
    """The version that a roll back goes back to."""
    job: Mapped[int | None]
    author: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    problem: Mapped[str | None] = mapped_column(Text)
    """Why it never ran, or what of it was set aside."""
    node: Mapped[str | None] = mapped_column(String(36))
    """The machine that published it."""


class JobRow(Table):
    """A candidate that is trained and compared with what runs."""

    __tablename__ = "train_jobs"
    __table_args__ = (
        Index("uq_train_jobs_running", "state", unique=True, **only("state = 'running'")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    state: Mapped[str] = mapped_column(String(12))
    step: Mapped[str] = mapped_column(String(12))
    done: Mapped[int]
    """Of `total`, in this step."""
    total: Mapped[int]
    changes: Mapped[list[int]] = mapped_column(JSON)
    """Those it trains on beside what is published."""
    old_model: Mapped[str] = mapped_column(String(100))
    version: Mapped[int | None]
    """The version that ran when it began."""
    model: Mapped[str | None] = mapped_column(String(100))
    author: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    problem: Mapped[str | None] = mapped_column(Text)
    result: Mapped[dict[str, Any] | None]
    """A `bot.publishing.comparison.Comparison`."""
    node: Mapped[str | None] = mapped_column(String(36))
    """The machine that trains it."""
