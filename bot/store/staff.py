"""The staff's accounts. Every method is one transaction, and what it changes is in the trail with it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.database import Place, Sessions, writing
from bot.store.staff_tables import StaffRow, StaffSessionRow
from bot.store.trail import record


class Way(StrEnum):
    """How one signs in."""

    PASSWORD = "password"  # noqa: S105 - a name, no secret
    OPENID = "openid"


LONGEST_NAME = 200
"""Characters."""


class NotAName(ValueError):
    """What an account cannot be called."""


class NameTaken(ValueError):
    """There is an account of this name."""


class UnknownStaff(LookupError):
    """There is no account of this name."""


class LastOne(ValueError):
    """It is the only account of its role that can sign in."""


@dataclass(frozen=True)
class Setup:
    """The link by which a password is chosen, as it is stored."""

    hash: str
    until: datetime


def account_name(typed: str) -> str:
    """A name as it is kept and compared."""
    return unicodedata.normalize("NFKC", typed).strip().casefold()


class Staff:
    """The accounts."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def add(self, name: str, role: str, way: Way, setup: Setup | None, by: str, now: datetime) -> StaffRow:
        """A new account, without a password.

        Raises:
            NameTaken: there is one of this name.
            NotAName: the name is empty, too long or has something invisible in it.
        """
        name = account_name(name)
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise NotAName(name)
        row = StaffRow(name=name, role=role, way=way.value, created_at=now)
        _set_up(row, setup)
        try:
            async with self._sessions.begin() as session:
                session.add(row)
                record(session, by, "staff.added", _object(row), now, after=role)
                await session.flush()
        except IntegrityError:
            raise NameTaken(row.name) from None
        return row

    async def all(self) -> Sequence[StaffRow]:
        """Every account, by name."""
        async with self._sessions() as session:
            return (await session.scalars(select(StaffRow).order_by(StaffRow.name))).all()

    async def by_id(self, account_id: int) -> StaffRow | None:
        """The account of this id."""
        async with self._sessions() as session:
            return await session.get(StaffRow, account_id)

    async def by_name(self, name: str) -> StaffRow | None:
        """The account of this name."""
        async with self._sessions() as session:
            return await session.scalar(select(StaffRow).where(StaffRow.name == account_name(name)))

    async def by_setup(self, setup_hash: str, now: datetime) -> StaffRow | None:
        """The account whose password the link of this hash may choose."""
        async with self._sessions() as session:
            return await session.scalar(
                select(StaffRow).where(
                    StaffRow.setup_hash == setup_hash, StaffRow.setup_until > now, StaffRow.disabled_at.is_(None)
                )
            )

    async def choose_password(self, setup_hash: str, password_hash: str, now: datetime) -> bool:
        """Sets the password and uses the link up; false where it was used or is too old."""
        async with writing(self._sessions, Place.STAFF) as session:
            row = await session.scalar(
                select(StaffRow).where(
                    StaffRow.setup_hash == setup_hash, StaffRow.setup_until > now, StaffRow.disabled_at.is_(None)
                )
            )
            if row is None:
                return False
            row.password_hash, row.setup_hash, row.setup_until = password_hash, None, None
            record(session, row.name, "staff.password_chosen", _object(row), now)
            return True

    async def set_password(self, account_id: int, password_hash: str) -> None:
        """Replaces the hash by one of the same password, made with newer parameters, or by one chosen on a terminal."""
        async with self._sessions.begin() as session:
            await session.execute(
                update(StaffRow)
                .where(StaffRow.id == account_id)
                .values(password_hash=password_hash, setup_hash=None, setup_until=None)
            )

    async def enrol(self, account_id: int, secret: str, step: int, now: datetime) -> bool:
        """Keeps the authenticator's secret; false where there is one already."""
        async with writing(self._sessions, Place.STAFF) as session:
            row = await session.get_one(StaffRow, account_id)
            if row.totp_secret is not None:
                return False
            row.totp_secret, row.totp_step = secret, step
            record(session, row.name, "staff.enrolled", _object(row), now)
            return True

    async def use_step(self, account_id: int, step: int) -> bool:
        """Uses up the code of a time step; false where it, or a later one, was used before."""
        async with self._sessions.begin() as session:
            used = await session.scalar(
                update(StaffRow)
                .where(StaffRow.id == account_id, or_(StaffRow.totp_step.is_(None), StaffRow.totp_step < step))
                .values(totp_step=step)
                .returning(StaffRow.id)
            )
            return used is not None

    async def from_provider(self, subject: str, name: str, now: datetime) -> StaffRow | None:
        """The account of a person whom the OpenID provider vouches for, bound to them when they first come.

        Only an account made for this way of signing in is found, and one that is bound is never bound anew.
        """
        async with writing(self._sessions, Place.STAFF) as session:
            row = await session.scalar(select(StaffRow).where(StaffRow.subject == subject))
            if row is None:
                row = await session.scalar(
                    select(StaffRow).where(
                        StaffRow.name == account_name(name),
                        StaffRow.way == Way.OPENID.value,
                        StaffRow.subject.is_(None),
                        StaffRow.disabled_at.is_(None),
                    )
                )
                if row is None:
                    return None
                row.subject = subject
                record(session, row.name, "staff.bound", _object(row), now, after=subject)
            return row if row.disabled_at is None else None

    async def signed_in(self, account_id: int, now: datetime) -> None:
        """They are in."""
        async with self._sessions.begin() as session:
            row = await session.get_one(StaffRow, account_id)
            row.signed_in_at = now
            record(session, row.name, "staff.signed_in", _object(row), now)

    async def set_role(self, name: str, role: str, by: str, now: datetime, *, keep: str | None = None) -> None:
        """Gives a role.

        Raises:
            LastOne: nobody else of the role `keep` could sign in.
            UnknownStaff: there is no such account.
        """
        async with writing(self._sessions, Place.STAFF) as session:
            row = await _named(session, name)
            if row.role == role:
                return
            await _check_not_last(session, row, keep)
            record(session, by, "staff.role_changed", _object(row), now, row.role, role)
            row.role = role

    async def reset(self, name: str, setup: Setup | None, by: str, now: datetime) -> StaffRow:
        """Takes password, authenticator and provider's person away, ends the sessions and lets in anew by the link.

        Raises:
            UnknownStaff: there is no such account.
        """
        async with writing(self._sessions, Place.STAFF) as session:
            row = await _named(session, name)
            row.password_hash = row.totp_secret = row.totp_step = row.subject = row.disabled_at = None
            _set_up(row, setup)
            await _end_sessions(session, row)
            record(session, by, "staff.reset", _object(row), now)
            return row

    async def disable(self, name: str, by: str, now: datetime, *, keep: str | None = None) -> None:
        """Shuts an account and ends its sessions at once.

        Raises:
            LastOne: nobody else of the role `keep` could sign in.
            UnknownStaff: there is no such account.
        """
        async with writing(self._sessions, Place.STAFF) as session:
            row = await _named(session, name)
            await _check_not_last(session, row, keep)
            if row.disabled_at is None:
                row.disabled_at, row.setup_hash, row.setup_until = now, None, None
                record(session, by, "staff.disabled", _object(row), now)
            await _end_sessions(session, row)


def _object(row: StaffRow) -> str:
    return f"staff {row.name}"


def _set_up(row: StaffRow, setup: Setup | None) -> None:
    row.setup_hash, row.setup_until = (setup.hash, setup.until) if setup else (None, None)


async def _named(session: AsyncSession, name: str) -> StaffRow:
    row = await session.scalar(select(StaffRow).where(StaffRow.name == account_name(name)))
    if row is None:
        raise UnknownStaff(name)
    return row


async def _check_not_last(session: AsyncSession, row: StaffRow, keep: str | None) -> None:
    if keep is None or row.role != keep or row.disabled_at is not None:
        return
    others = await session.scalar(
        select(func.count()).where(
            StaffRow.role == keep,
            StaffRow.disabled_at.is_(None),
            StaffRow.id != row.id,
            or_(StaffRow.password_hash.is_not(None), StaffRow.way == Way.OPENID.value),
        )
    )
    if not others:
        raise LastOne(row.name)


async def _end_sessions(session: AsyncSession, row: StaffRow) -> None:
    await session.execute(delete(StaffSessionRow).where(StaffSessionRow.account_id == row.id))
