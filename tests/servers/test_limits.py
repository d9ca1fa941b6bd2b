"""Limits that two machines count together in Redis."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from limits import parse
from pydantic import SecretStr

from bot import limiting
from bot.limiting import Limiter
from tests.servers.redis_server import RedisServer

THREE = parse("3/minute")


@pytest.fixture
async def one(redis: RedisServer) -> AsyncIterator[Limiter]:
    limiter = Limiter(SecretStr(redis.url))
    yield limiter
    await limiter.close()


@pytest.fixture
async def other(redis: RedisServer) -> AsyncIterator[Limiter]:
    limiter = Limiter(SecretStr(redis.url))
    yield limiter
    await limiter.close()


async def test_two_machines_count_together(one: Limiter, other: Limiter) -> None:
    assert [await limiter.hit(THREE, "address", "a") for limiter in (one, other, one, other)] == [
        True,
        True,
        True,
        False,
    ]
    assert not await one.test(THREE, "address", "a")
    assert (await other.window(THREE, "address", "a")).remaining == 0
    assert await one.hit(THREE, "address", "b")


async def test_while_redis_is_away_each_counts_by_itself_and_nobody_is_turned_away_for_it(
    redis: RedisServer, one: Limiter, other: Limiter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiting, "AWAY_SECONDS", 0.0)
    for _ in range(3):
        await one.hit(THREE, "address", "a")
    redis.stop()
    assert [await one.hit(THREE, "address", "a") for _ in range(4)] == [True, True, True, False]
    assert await other.hit(THREE, "address", "a")
    assert (await one.window(THREE, "address", "a")).remaining == 0
    redis.start()
    assert [await one.hit(THREE, "address", "a") for _ in range(4)] == [True, True, True, False], "a new Redis"
