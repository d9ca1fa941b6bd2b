"""The tables by which several machines know of each other."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables import Table


class NodeRow(Table):
    """A machine, and when it was last heard of by the database's clock."""

    __tablename__ = "nodes"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    seen_at: Mapped[datetime]


class LeaseRow(Table):
    """Work that one machine at a time does, which one does it, and until when by the database's clock."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(36))
    until: Mapped[datetime]


class OffRow(Table):
    """There while the assistant is turned off, on all machines."""

    __tablename__ = "turned_off"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Always 1: there is one switch."""
    since: Mapped[datetime]
