"""What all tests share: the real knowledge base, read once, and its composer."""

from __future__ import annotations

import pytest

from bot.conversation.compose import Composer
from bot.conversation.language import Languages
from knowledge.base import KnowledgeBase, load
from knowledge.records import Language


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes comes first, so that of two processes none is left alone with it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("endurance") is None)


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
