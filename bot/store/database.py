"""Opens the database and brings its tables up to date: SQLite on one machine, PostgreSQL for several."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from enum import IntEnum
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from psycopg.abc import Buffer
from psycopg.types.string import StrDumperUnknown
from sqlalchemy import URL, Connection, event, func, make_url, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from bot.settings import Settings
from bot.store.contact_keys import ContactKeys
from bot.store.inline import inline
from bot.store.sealed import check_keys, give_keys
from bot.store.tables import Table, table_of

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_MILLISECONDS = 10_000
"""How long a SQLite writer waits for another before it gives up."""

KEYS = "contact.keys"
"""The file of the keys that contact data is sealed with."""

Sessions = async_sessionmaker[AsyncSession]

_BEGIN = text("BEGIN IMMEDIATE")
"""Python's own driver begins a transaction only before the first change, after what was read to decide on it."""
_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
CONNECT_SECONDS = 5
"""How long a PostgreSQL that does not answer is waited for."""
NOTICED = {
    "connect_timeout": CONNECT_SECONDS,
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""Of connections to PostgreSQL, as libpq has them: a server that went without a word is noticed after 20 seconds. Linux
would wait for its answer for a quarter of an hour."""
_LOCKS = 1_464_423_503
"""The first key of our advisory locks: no other application in the same database should have it."""


class Place(IntEnum):
    """What a transaction decides on by what it has read. Those that decide on the same follow each other.

    In SQLite there is one writer's place for all. In PostgreSQL each of these is an advisory lock, taken in this order.
    """

    MIGRATIONS = 0
    CASES = 1
    """Cases, letters and mail."""
    RECORD = 2
    """Turns, what is found and counted of them, and what arrives in the review queue."""
    REVIEW = 3
    """The review queue and its decisions."""
    PUBLISHING = 4
    """Changes, drafts, versions and trainings."""
    STAFF = 5
    """Accounts, and attempts at signing in."""


def address(url: str) -> URL:
    """The address with the driver that we use, where it names none: `postgresql://…` as other programs write it."""
    parsed = make_url(url)
    return parsed.set(drivername=_DRIVERS.get(parsed.drivername, parsed.drivername))


def connect(url: str, *, durable: bool = False, short: bool = False) -> AsyncEngine:
    """An engine for the database at `url`, its tables not yet touched.

    Args:
        url: as other programs write it.
        durable: what is committed outlives the process in any case, so also a power cut, which in SQLite costs a write
            to the disk itself for every commit.
        short: whether all that is asked is short, or nobody else waits meanwhile (bot.store.inline).
    """
    parsed = address(url)
    if parsed.get_backend_name() == "sqlite":
        creator = {"async_creator": inline(parsed.database)} if short else {}
        engine = create_async_engine(parsed, hide_parameters=True, **creator)
        give_keys(engine, ContactKeys(_keys_file(engine.url)))
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        if durable:
            event.listen(engine.sync_engine, "connect", _write_through)
        return engine
    engine = create_async_engine(
        parsed,
        hide_parameters=True,
        # A server that was restarted is noticed before a connection to its former life is used.
        pool_pre_ping=True,
        pool_size=5,
        max_overflow=10,
        connect_args=NOTICED,
    )
    give_keys(engine, ContactKeys(_keys_file(engine.url)))
    event.listen(engine.sync_engine, "connect", _prepare_postgresql)
    return engine


def sessions(engine: AsyncEngine) -> Sessions:
    """Sessions that leave what they loaded readable after a commit."""
    return async_sessionmaker(engine, expire_on_commit=False)


def is_postgresql(session: AsyncSession) -> bool:
    """Whether several machines may be at the database, rather than one."""
    return session.get_bind().dialect.name == "postgresql"


def are_shared(sessions: Sessions) -> bool:
    """The same before there is a session: whether several machines may be at the database of these."""
    return bool(sessions.kw["bind"].dialect.name == "postgresql")


@asynccontextmanager
async def writing(sessions: Sessions, *places: Place) -> AsyncIterator[AsyncSession]:
    """A transaction that writes by what it reads: nobody else decides on the same until its end."""
    async with sessions.begin() as session:
        if is_postgresql(session):
            for place in sorted(places):
                await session.execute(select(func.pg_advisory_xact_lock(_LOCKS, place.value)))
        else:
            await session.execute(_BEGIN)
        yield session


def inserting(session: AsyncSession, table: Any) -> postgresql.Insert | sqlite.Insert:
    """An insertion that may say what to do where the row is there already."""
    return postgresql.insert(table) if is_postgresql(session) else sqlite.insert(table)


async def add(session: AsyncSession, table: type[Table], rows: Sequence[Mapping[str, Any]]) -> None:
    """Adds those of these rows that are not there already."""
    if rows:
        await session.execute(_adding(table, is_postgresql(session)), rows)


@functools.cache
def _adding(table: type[Table], on_postgresql: bool) -> postgresql.Insert | sqlite.Insert:
    made = postgresql.insert if on_postgresql else sqlite.insert
    return made(table_of(table)).on_conflict_do_nothing()


async def migrate(engine: AsyncEngine) -> None:
    """Brings the tables to the newest version in one transaction; processes that start at once follow each other.

    Raises:
        KeysTrouble: the database was sealed with keys that this process does not have.
    """
    async with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(select(func.pg_advisory_xact_lock(_LOCKS, Place.MIGRATIONS.value)))
        else:
            await connection.execute(_BEGIN)
        await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    check_keys(connection)


def _keys_file(url: URL) -> Path:
    """Beside a SQLite file, or below the data folder, unless a setting says where."""
    settings = Settings()
    beside = Path(url.database).parent if url.get_backend_name() == "sqlite" and url.database else settings.data
    return settings.contact_keys_file or beside / KEYS


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    # What is erased must not linger in free pages.
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


class _Text(StrDumperUnknown):
    """PostgreSQL keeps every character in a text but U+0000, which mail and addresses of pages may have in them."""

    def dump(self, obj: str) -> Buffer | None:
        return super().dump(obj.replace("\x00", ""))


def _prepare_postgresql(connection: Any, _record: object) -> None:
    connection.driver_connection.adapters.register_dumper(str, _Text)


def _write_through(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()
