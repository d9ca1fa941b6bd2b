"""A whole installation below one folder: the desk's cases and letters, the record, the engine's files, the logs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.log.masking.mask import Masking
from bot.log.process import Process
from bot.privacy.erasure import Privacy
from bot.settings import Settings
from bot.store.database import Sessions, connect, migrate, sessions
from knowledge.base import KnowledgeBase
from tests.cases.conftest import House
from tests.database import new_postgresql


@dataclass
class Installation:
    folder: Path
    engine: AsyncEngine
    store: Sessions
    settings: Settings
    house: House
    recorder: Process
    privacy: Privacy


@pytest.fixture(scope="session")
def masking(base: KnowledgeBase) -> Masking:
    return Masking(base)


@pytest.fixture
def on() -> str:
    """Which database: most look into SQLite's file. A test that is about both is parametrized."""
    return "sqlite"


@pytest.fixture
async def installation(
    tmp_path: Path, base: KnowledgeBase, masking: Masking, monkeypatch: pytest.MonkeyPatch, on: str
) -> AsyncIterator[Installation]:
    monkeypatch.setattr("bot.log.process.Masking", lambda _: masking)
    settings = Settings(data_dir=tmp_path, database_url=new_postgresql() if on == "postgresql" else None)
    engine = connect(settings.database)
    await migrate(engine)
    store = sessions(engine)
    # Without a mail server: letters become files.
    house = House(tmp_path, base, store, {"mail_from": "assistant@example.org"})
    house.clock.now = datetime.now(UTC)
    if on == "sqlite":
        for name in ("tracker.db", "spool.db"):
            with sqlite3.connect(tmp_path / name) as file:
                file.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, sender_id VARCHAR(255), data TEXT)")
    (tmp_path / "log").mkdir()
    recorder = Process(settings, store, base, house.clock)
    privacy = Privacy(settings, store, house.clock)
    yield Installation(tmp_path, engine, store, settings, house, recorder, privacy)
    await privacy.close()
    await recorder.close()
    await engine.dispose()


_IN_A_FILE = "INSERT INTO events (sender_id, data) VALUES (:of, :data)"
_IN_POSTGRESQL = {
    "tracker.db": "INSERT INTO events (sender_id, type_name, data) VALUES (:of, 'user', :data)",
    "spool.db": "INSERT INTO spooled_events (sender_id, data) VALUES (:of, :data)",
}


async def written(one: Installation, file: str, conversation: str, said: str) -> None:
    """What Rasa has of a message: in its own record (tracker.db), or as an event that nobody has read (spool.db)."""
    event = {"of": conversation, "data": json.dumps({"event": "user", "text": said})}
    if one.settings.is_shared:
        async with one.store.begin() as session:
            await session.execute(text(_IN_POSTGRESQL[file]), event)
        return
    with sqlite3.connect(one.folder / file) as database:
        database.execute(_IN_A_FILE, event)
