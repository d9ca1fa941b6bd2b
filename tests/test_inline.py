"""Statements done where they are asked for come in the same order, and hold nothing that nobody wants any more."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.database import connect, sessions, writing

_COUNT = text("SELECT count(*) FROM said")
_SAY = text("INSERT INTO said (word) VALUES ('hello')")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "words.db"
    with sqlite3.connect(path) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("CREATE TABLE said (word)")
    made.close()
    return path


@pytest.fixture
async def engine(path: Path) -> AsyncIterator[AsyncEngine]:
    engine = connect(f"sqlite:///{path}", short=True)
    yield engine
    await engine.dispose()
    for thread in threading.enumerate():
        if "_connection_worker_thread" in thread.name:
            # It tells the loop that it is done, which must be there to be told.
            await asyncio.to_thread(thread.join, 5)


async def test_what_is_read_and_written_in_the_writers_place_needs_no_thread(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
    before = driver._handed
    async with writing(sessions(engine)) as session:
        for _ in range(10):
            await session.execute(_SAY)
        assert await session.scalar(_COUNT) == 10
    # BEGIN and COMMIT.
    assert driver._handed - before == 2


async def test_who_waits_for_the_writers_place_keeps_nobody_else_waiting(engine: AsyncEngine, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    released = threading.Timer(0.2, other.execute, ("COMMIT",))

    async def say() -> None:
        async with writing(sessions(engine)) as session:
            await session.execute(_SAY)

    waiting = asyncio.create_task(say())
    async with sessions(engine)() as session:
        assert await session.scalar(_COUNT) == 0
    assert not waiting.done()
    released.start()
    await waiting
    released.join()
    other.close()


async def test_who_gave_up_waiting_for_the_writers_place_does_not_hold_it(engine: AsyncEngine, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def say() -> None:
        async with writing(sessions(engine)) as session:
            await session.execute(_SAY)

    waiting = asyncio.create_task(say())
    while engine.pool.checkedout() == 0:  # type: ignore[attr-defined]
        await asyncio.sleep(0)
    for _ in range(50):
        await asyncio.sleep(0)
    waiting.cancel()
    other.execute("COMMIT")
    with pytest.raises(asyncio.CancelledError):
        await waiting
    other.execute("PRAGMA busy_timeout=2000")
    other.execute("BEGIN IMMEDIATE")
    assert other.execute("SELECT count(*) FROM said").fetchone() == (0,)
    other.close()


async def test_a_statement_that_fails_says_so(engine: AsyncEngine) -> None:
    async with sessions(engine)() as session:
        with pytest.raises(OperationalError, match="no such table"):
            await session.execute(text("SELECT * FROM nowhere"))
