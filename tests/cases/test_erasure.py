"""What is erased is in none of the files, while the courier and the engine use them too."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.conversation.outcome import Outcome
from bot.store.conversations import Conversations
from bot.store.tracker_events import TrackerEvents
from tests.cases.conftest import House, until
from tests.cases.post_office import PostOffice
from tests.cases.test_letters import converse
from tests.cases.worker import at_work
from tests.database import stay_on_sqlite

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    """What these tests are about is what stays in SQLite's files."""
    stay_on_sqlite(tmp_path)


SECRET = "quetzalcoatl"


LOOK = "import pathlib, sys; [print(p.name) for p in sorted(pathlib.Path(sys.argv[1]).glob('*.db*'))"
LOOK += " if sys.argv[2].encode() in p.read_bytes()]"


def holding(folder: Path, word: str = SECRET) -> list[str]:
    """The names of the database's files that the word is in.

    Another process looks: when this one closed the file, it would give up the locks that SQLite holds on it here.
    """
    command = [sys.executable, "-S", "-c", LOOK, str(folder), word]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


@contextlib.contextmanager
def read_by_another(path: Path) -> Iterator[None]:
    """Somebody else is in the middle of reading, as a courier may be that is stopped, or a backup."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT COUNT(*) FROM conversations").fetchall()
        yield


def said(number: int) -> list[tuple[str, Outcome, str, str | None]]:
    """Long and short, so that pages fill, split and overflow."""
    return [
        (f"{SECRET} " * (1 + turn * number % 60), Outcome.ANSWER, f"of {SECRET} " * (1 + turn * 37 % 400), None)
        for turn in range(12)
    ]


async def test_nothing_stays_while_the_courier_works(house: House, office: PostOffice) -> None:
    house.clock.now = datetime.now(UTC)
    with at_work(house.folder, house.options) as (courier,):
        for number in range(6):
            for _ in range(5):
                await house.ask()
            row = await converse(house, *said(number))
            assert holding(house.folder)
            await house.conversations.erase(row.id)
            await until(lambda: holding(house.folder) == [])
        await until(lambda: len(office.ids) > 30)
        assert courier.stop() == 0
    assert holding(house.folder) == []


async def test_a_reader_keeps_nobody_waiting_and_nothing_stays_behind_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.traces.PATIENCE", 0.1)
    row = await converse(house, *said(1))
    with read_by_another(house.folder / "assistant.db"):
        await house.conversations.erase(row.id)
        assert holding(house.folder) == ["assistant.db-wal"], "what is read there cannot be cut"
        receipt = await house.ask()
        assert await house.state(receipt) == "queued", "others can write meanwhile"
    await until(lambda: holding(house.folder) == [])


async def test_what_a_process_left_is_removed_by_the_next(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.traces.PATIENCE", 0.1)
    row = await converse(house, *said(1))
    with read_by_another(house.folder / "assistant.db"):
        await house.conversations.erase(row.id)
        await house.conversations.close()
    assert holding(house.folder)
    await Conversations(house.store).remove_traces()
    assert holding(house.folder) == []


async def test_nothing_stays_in_the_engine_s_own_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.tracker_events.LARGE", 60)
    chance, path = random.Random(3), tmp_path / "tracker.db"
    erased = [f"sender-{number}-" for number in range(1, 20, 2)]
    with contextlib.closing(sqlite3.connect(path)) as engine:  # as Rasa's, which overwrites nothing that it moves
        engine.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, sender_id VARCHAR(255), data TEXT)")
        engine.execute("CREATE INDEX ix_events_sender_id ON events (sender_id)")
        events = TrackerEvents(path)

        def talk(turns: int) -> None:
            for _ in range(turns):
                number = chance.randrange(20)
                data = f"{SECRET}{number}- " + "word " * chance.randrange(200)
                engine.execute("INSERT INTO events (sender_id, data) VALUES (?, ?)", (f"sender-{number}-", data))
                engine.commit()

        # First as long as the file is small, then when it has grown, then for good.
        for turns in (4, 40, 200, 600, 200):
            talk(turns)
            for sender in erased:
                await events.erase(sender)
            for number in range(1, 20, 2):
                assert holding(tmp_path, f"{SECRET}{number}-") == []
        assert holding(tmp_path, f"{SECRET}2-")
        assert engine.execute("PRAGMA user_version").fetchone() == (1,)
        await events.close()


async def test_the_engine_s_record_is_erased_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.traces.PATIENCE", 0.1)
    path = tmp_path / "tracker.db"
    events = TrackerEvents(path)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as engine:
        engine.execute("PRAGMA journal_mode=WAL")
        engine.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, sender_id VARCHAR(255), data TEXT)")
        engine.execute("INSERT INTO events (sender_id, data) VALUES ('one', ?)", (SECRET,))
        engine.execute("BEGIN")
        engine.execute("SELECT * FROM events").fetchall()
        await asyncio.wait_for(events.erase("one"), 5)
        assert holding(tmp_path)
        engine.execute("ROLLBACK")
        await until(lambda: holding(tmp_path) == [])
    await events.close()
