"""What all tests share: the real knowledge base, read once, and its composer."""

from __future__ import annotations

import pytest

from bot.conversation.compose import Composer
from knowledge.base import KnowledgeBase, load


@pytest.fixture(scope="session")
def base() -> KnowledgeBase:
    return load()


@pytest.fixture(scope="session")
def composer(base: KnowledgeBase) -> Composer:
    return Composer(base)
