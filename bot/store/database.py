"""Opens the database and brings its tables up to date."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, event, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from bot.settings import Settings
from bot.store.contact_keys import ContactKeys
from bot.store.sealed import check_keys, give_keys

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_MILLISECONDS = 10_000
"""How long a SQLite writer waits for another before it gives up."""

KEYS = "contact.keys"
"""The file of the keys that contact data is sealed with."""

Sessions = async_sessionmaker[AsyncSession]

_BEGIN = text("BEGIN IMMEDIATE")
"""Python's own driver begins a transaction only before the first change, after what was read to decide on it."""


def connect(url: str, *, durable: bool = False) -> AsyncEngine:
    """An engine for the database at `url`, its tables not yet touched.

    What is committed outlives the process in any case; with `durable` it outlives a power cut too, which in SQLite
    costs a write to the disk itself for every commit.
    """
    engine = create_async_engine(url, hide_parameters=True)
    give_keys(engine, ContactKeys(_keys_file(engine.url)))
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        if durable:
            event.listen(engine.sync_engine, "connect", _write_through)
    return engine


def sessions(engine: AsyncEngine) -> Sessions:
    """Sessions that leave what they loaded readable after a commit."""
    return async_sessionmaker(engine, expire_on_commit=False)


@asynccontextmanager
async def writing(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    """A transaction that writes by what it reads: in SQLite it has the one writer's place from its start."""
    async with sessions.begin() as session:
        if session.get_bind().dialect.name == "sqlite":
            await session.execute(_BEGIN)
        yield session


async def migrate(engine: AsyncEngine) -> None:
    """Brings the tables to the newest version in one transaction; processes that start at once follow each other.

    Raises:
        KeysTrouble: the database was sealed with keys that this process does not have.
    """
    async with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
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


def _write_through(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()
