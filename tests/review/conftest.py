"""A queue over a real database file, and what it stages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.review.decisions import Decisions, Reviewer
from bot.review.intake import Intake
from bot.review.nearness import KnownQuestions
from bot.review.queue import Line, Queue, QueueFilters
from bot.review.settling import Choice, State, Verdict
from bot.settings import ReviewSettings
from bot.store.database import Sessions
from bot.store.staff import Staff, Way
from knowledge.base import KnowledgeBase
from knowledge.records import Language
from tests.log.conftest import Shelf

NONE_DRAWN = ReviewSettings(review_sample=0)
VISITOR = 0
"""The id of an account that decided nothing."""


@dataclass
class Staged:
    """What is staged, as the room of published content would have it."""

    texts: dict[int, tuple[Choice, Language, str, str, int]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    async def stage(
        self, author: int, choice: Choice, language: Language, text: str, because: str, now: datetime
    ) -> int:
        self.calls.append(f"stage {choice}")
        number = len(self.calls)
        self.texts[number] = (choice, language, text, because, author)
        return number

    async def withdraw(self, change: int, author: int, now: datetime) -> None:
        self.calls.append(f"withdraw {change}")
        self.texts.pop(change, None)


@dataclass
class Desk:
    """A queue, its turns, and reviewers."""

    store: Sessions
    base: KnowledgeBase
    settings: ReviewSettings = NONE_DRAWN
    staged: Staged = field(default_factory=Staged)

    def __post_init__(self) -> None:
        self.shelf, self.queue, self.staff = Shelf(self.store), Queue(self.store), Staff(self.store)
        self.set(self.settings)

    def set(self, settings: ReviewSettings) -> None:
        self.settings = settings
        self.intake = Intake(self.store, KnownQuestions(self.base), settings)
        self.decisions = Decisions(self.store, settings, self.staged)

    async def put(self, text: str, **what: Any) -> int:
        """A turn, taken in."""
        turn = await self.shelf.put(text, **what)
        await self.intake.take_in_all()
        return turn

    async def reviewer(self, name: str, *, settles: bool = False) -> Reviewer:
        known = await self.staff.by_name(name) or await self.staff.add(name, "reviewer", Way.PASSWORD, None, "-", now())
        return Reviewer(known.id, name, settles)

    async def lines(self, viewer: int = VISITOR, **filters: Any) -> list[Line]:
        return list((await self.queue.page(QueueFilters(**filters), viewer)).lines)

    async def texts(self, viewer: int = VISITOR, **filters: Any) -> list[str]:
        return [line.text for line in await self.lines(viewer, **filters)]

    async def decide(self, turn: int, choice: Choice, name: str = "ann", *, settles: bool = False) -> State:
        """What a reviewer decides of a turn's text."""
        item = await self.queue.item_of(turn)
        assert item is not None
        reviewer = await self.reviewer(name, settles=settles)
        return (await self.decisions.decide(reviewer, {item: turn}, choice, None, now()))[item]

    async def undo(self, name: str = "ann") -> int:
        return len(await self.decisions.undo(await self.reviewer(name), now()))


RIGHT, SKIP = Choice(Verdict.RIGHT), Choice(Verdict.SKIP)
SHOULD_BE = Choice(Verdict.ENTRY, "inn_tisc_hosts")


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def desk(store: Sessions, base: KnowledgeBase) -> Desk:
    return Desk(store, base)
