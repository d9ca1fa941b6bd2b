"""The tables of the staff's pages: accounts, sessions, attempts at signing in, and the trail. Times are UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.sealed import Sealed
from bot.store.tables import Table


class StaffRow(Table):
    """An account. Of secrets that can be compared by their hash only the hash is kept."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    """What one signs in as: casefolded."""
    role: Mapped[str] = mapped_column(String(20))
    way: Mapped[str] = mapped_column(String(10))
    """How one signs in, as `bot.store.staff.Way`."""
    password_hash: Mapped[str | None] = mapped_column(Text)
    totp_secret: Mapped[str | None] = mapped_column(Sealed("staff.totp_secret"))
    """Shared with the authenticator, in base32; set once a code of it was shown to be right."""
    totp_step: Mapped[int | None]
    """The newest time step whose code was used; none is taken twice."""
    subject: Mapped[str | None] = mapped_column(String(500), unique=True)
    """Issuer and subject of the person at the OpenID provider; set when they first come from there."""
    setup_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Of the link by which a password is chosen, once."""
    setup_until: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    signed_in_at: Mapped[datetime | None]


class StaffSessionRow(Table):
    """A browser's session; `account_id` is empty until it is signed in. The cookie's value is kept as its hash."""

    __tablename__ = "staff_sessions"

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    data: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)


class AttemptRow(Table):
    """An attempt at signing in that has not succeeded. `key` is a hash of what it is counted by."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index("ix_sign_in_attempts_key", "key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(index=True)


class TrailRow(Table):
    """Who saw or changed what. The database itself refuses to change or delete a row."""

    __tablename__ = "trail"
    __table_args__ = (
        Index("ix_trail_at", "at"),
        Index("ix_trail_who", "who", "id"),
        Index("ix_trail_act", "act", "id"),
        Index("ix_trail_object", "object", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(200))
    act: Mapped[str] = mapped_column(String(60))
    object: Mapped[str] = mapped_column(String(300))
    """Its kind and its name, as `case 7KQ4-M2XP-9S`."""
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)
