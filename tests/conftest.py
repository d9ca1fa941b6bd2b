"""What all tests share: the real knowledge base, read once, its composer, and a real database of each test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.conversation.compose import Composer
from bot.conversation.language import Languages
from bot.store.database import Sessions, connect, migrate, sessions
from knowledge.base import KnowledgeBase, load
from knowledge.records import Language
from tests.database import database_of


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first, so that of two processes none is left alone with it at the end."""
    items.sort(key=lambda item: [item.get_closest_marker(name) is None for name in ("endurance", "slow")])


@pytest.fixture(scope="session")
def base() -> KnowledgeBase:
    return load()


@pytest.fixture(scope="session")
def languages(base: KnowledgeBase) -> Languages:
    return Languages(base)


@pytest.fixture(scope="session")
def composers(base: KnowledgeBase) -> dict[Language, Composer]:
    return {language: Composer(base, language) for language in Language}


@pytest.fixture(scope="session")
def composer(base: KnowledgeBase) -> Composer:
    return Composer(base)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Sessions]:
    engine = connect(database_of(tmp_path))
    await migrate(engine)
    yield sessions(engine)
    await engine.dispose()
