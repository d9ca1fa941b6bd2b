"""A real database file with somebody in it who may edit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.publishing.changes import Changes
from bot.store.database import Sessions, connect, migrate, sessions
from bot.store.staff import Staff, Way
from tests.database import database_of

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Sessions]:
    engine = connect(database_of(tmp_path))
    await migrate(engine)
    yield sessions(engine)
    await engine.dispose()


@pytest.fixture
async def editor(store: Sessions) -> int:
    return (await Staff(store).add("editor", "editor", Way.PASSWORD, None, "a test", NOW)).id


@pytest.fixture
def changes(store: Sessions) -> Changes:
    return Changes(store)
