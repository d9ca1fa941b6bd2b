"""Columns that are sealed: whoever has the database's file alone reads nothing of them."""

from __future__ import annotations

import base64
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Dialect, LargeBinary, String, Text, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from bot.store.contact_keys import ContactKeys, Digest, KeysTrouble
from bot.store.tables import Table

MARK_LENGTH = 41
"""An id of a key, a dot, 32 hexadecimal digits."""

_KEYS: WeakKeyDictionary[Dialect, ContactKeys] = WeakKeyDictionary()
"""By the database they belong to: columns learn of nothing but its dialect, of which each engine has its own."""


def give_keys(engine: AsyncEngine, keys: ContactKeys) -> None:
    """Has all that is sealed in this database be sealed with these."""
    _KEYS[engine.dialect] = keys


def keys_of(dialect: Dialect) -> ContactKeys:
    """The keys of the database that is spoken to.

    Raises:
        LookupError: it was not opened by `bot.store.database.connect`.
    """
    return _KEYS[dialect]


def marks(session: AsyncSession, value: str) -> list[Digest]:
    """What may stand for a value in a column of marks."""
    return list(keys_of(session.get_bind().dialect).marks(value))


class ContactKeyRow(Table):
    """A key, by its id, that something in this database may be sealed with."""

    __tablename__ = "contact_keys"

    id: Mapped[str] = mapped_column(String(8), primary_key=True)


def check_keys(connection: Connection) -> None:
    """Whether this process has the keys that the database was sealed with; those that are new to it are noted.

    Raises:
        KeysTrouble: it has not: its file is another machine's, or was lost.
    """
    keys = keys_of(connection.dialect)
    known = set(connection.scalars(select(ContactKeyRow.id)))
    if missing := known - set(keys.ids):
        raise KeysTrouble(
            f"this database was sealed with the keys {', '.join(sorted(missing))}, which {keys.file} does not have; put"
            " the file that belongs to the database there (CONTACT_KEYS_FILE in docs/settings.md)"
        )
    new = [{"id": one} for one in keys.ids if one not in known]
    if new:
        connection.execute(insert(ContactKeyRow), new)


class Sealed(TypeDecorator[str]):
    """A text; `place` is the table and the column, of which it cannot be moved into another."""

    impl = Text
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Sealed, in base64."""
        return None if value is None else sealed_text(keys_of(dialect), value, self.place)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Opened."""
        return None if value is None else opened_text(keys_of(dialect), value, self.place)


class SealedBytes(TypeDecorator[bytes]):
    """As `Sealed`, of bytes. Nothing stays nothing, so that the database knows which messages have lost theirs."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Sealed."""
        return keys_of(dialect).seal(value, self.place) if value else value

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Opened."""
        return keys_of(dialect).open(bytes(value), self.place) if value else value


class Mark(TypeDecorator[str]):
    """Stands for a value that is looked up: set it to the value, look for it with `in_(marks(session, value))`."""

    impl = String(MARK_LENGTH)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The value's keyed hash."""
        return value if value is None or isinstance(value, Digest) else keys_of(dialect).mark(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Digest | None:
        """As it is kept: a value cannot be had of it."""
        return None if value is None else Digest(value)


def sealed_text(keys: ContactKeys, value: str, place: str) -> str:
    """As the database has a text."""
    return base64.urlsafe_b64encode(keys.seal(value.encode(), place)).decode()


def opened_text(keys: ContactKeys, value: str, place: str) -> str:
    """The text again."""
    return keys.open(base64.urlsafe_b64decode(value), place).decode()
