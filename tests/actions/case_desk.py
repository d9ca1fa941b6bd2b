"""A case desk that keeps its cases in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from bot.cases.request import Receipt, Request, TooMany
from knowledge.records import Language


@dataclass
class MemoryDesk:
    """Takes what the form hands in; `away` makes it fail, and `full` refuse."""

    begun: dict[str, str] = field(default_factory=dict)
    submitted: dict[str, Request] = field(default_factory=dict)
    withdrawn: list[str] = field(default_factory=list)
    waiting: Receipt | None = None
    away: bool = False
    full: bool = False

    async def begin(self, key: str, conversation_id: str, language: Language, area: str) -> None:
        self.begun[key] = area

    async def submit(self, key: str, request: Request) -> Receipt:
        if self.away:
            raise ConnectionError("the database is away")
        if self.full:
            raise TooMany("1/hour altogether")
        self.submitted[key] = request
        return Receipt("7KQ4-M2XP-9S", date(2026, 12, 7), "focal_point")

    async def withdraw(self, key: str) -> None:
        self.withdrawn.append(key)

    async def open_in(self, conversation_id: str) -> Receipt | None:
        return self.waiting
