"""Counting costs as much in a full hall as in an empty one, and what is past is forgotten."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from limits import parse

from bot import limiting
from bot.limiting import Limiter

HALL = 300


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was done in a thread."""
    done: list[Any] = []
    to_thread = asyncio.to_thread

    async def counted(function: Any, *args: Any) -> Any:
        done.append(function)
        return await to_thread(function, *args)

    monkeypatch.setattr(asyncio, "to_thread", counted)
    return done


async def test_a_message_does_not_cost_more_the_more_delegates_there_are(threads: list[Any]) -> None:
    limiter, limit = Limiter(), parse("60/minute")
    for delegate in range(HALL):
        assert await limiter.hit(limit, "conversation", str(delegate))
        await asyncio.sleep(0)
    assert not threads


async def test_what_is_past_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiting, "FORGET_SECONDS", 0.0)
    now = [1_000_000.0]
    monkeypatch.setattr("limits.aio.storage.memory.time.time", lambda: now[0])
    limiter, limit = Limiter(), parse("1/minute")
    assert await limiter.hit(limit, "conversation", "a")
    assert not await limiter.hit(limit, "conversation", "a")
    now[0] += 61
    await limiter.hit(limit, "conversation", "b")
    storage: Any = limiter._here.storage
    await storage.timer
    assert not [key for key in storage.events if "/a/" in key]
    assert await limiter.hit(limit, "conversation", "a")
