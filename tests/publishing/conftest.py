"""A real database file with somebody in it who may edit."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.publishing.changes import Changes
from bot.store.database import Sessions
from bot.store.staff import Staff, Way

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture
async def editor(store: Sessions) -> int:
    return (await Staff(store).add("editor", "editor", Way.PASSWORD, None, "a test", NOW)).id


@pytest.fixture
def changes(store: Sessions) -> Changes:
    return Changes(store)
