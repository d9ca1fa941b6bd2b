"""A whole installation below one folder: the desk's cases and letters, the record, the engine's files, the logs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.log.masking.mask import Masking
from bot.log.process import Process
from bot.privacy.erasure import Privacy
from bot.settings import Settings
from bot.store.database import Sessions, connect, migrate, sessions
from knowledge.base import KnowledgeBase
from tests.cases.conftest import House


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
async def installation(
    tmp_path: Path, base: KnowledgeBase, masking: Masking, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Installation]:
    monkeypatch.setattr("bot.log.process.Masking", lambda _: masking)
    settings = Settings(data_dir=tmp_path)
    engine = connect(settings.database)
    await migrate(engine)
    store = sessions(engine)
    # Without a mail server: letters become files.
    house = House(tmp_path, base, store, {"mail_from": "assistant@example.org"})
    house.clock.now = datetime.now(UTC)
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


def tracked(folder: Path, conversation: str, text: str) -> None:
    """What Rasa has of a message in its own record."""
    with sqlite3.connect(folder / "tracker.db") as file:
        file.execute(
            "INSERT INTO events (sender_id, data) VALUES (?, ?)",
            (conversation, json.dumps({"event": "user", "text": text})),
        )
