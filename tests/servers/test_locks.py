"""Rasa's locks on a real Redis, held by processes that are killed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from bot.launch.model import ENGINE_PYTHON, engine_environment
from bot.settings import ROOT
from tests.servers.redis_server import RedisServer

pytestmark = pytest.mark.servers

Engine = asyncio.subprocess.Process
Hold = Callable[[str], Awaitable[Engine]]


@asynccontextmanager
async def holding(redis: RedisServer, conversation: str) -> AsyncIterator[Engine]:
    program = [str(ENGINE_PYTHON), str(ROOT / "tests/servers/hold_lock.py"), redis.url, conversation]
    environment = {**os.environ, **engine_environment(), "PYTHONPATH": str(ROOT)}
    engine = await asyncio.create_subprocess_exec(*program, env=environment, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        yield engine
    finally:
        if engine.returncode is None:
            engine.kill()
        await engine.wait()


@pytest.fixture
async def hold(redis: RedisServer) -> AsyncIterator[Hold]:
    """Starts an engine that takes the lock of a conversation."""
    async with AsyncExitStack() as stack:

        async def start(conversation: str) -> Engine:
            return await stack.enter_async_context(holding(redis, conversation))

        yield start


async def held(engine: Engine) -> bool:
    """Whether it got the lock; false where it waited for it in vain."""
    assert engine.stdout is not None
    return (await engine.stdout.readline()).strip() == b"held"


async def test_the_lock_of_an_engine_that_died_is_free_and_of_one_that_lives_is_not(hold: Hold) -> None:
    first = await hold("a")
    assert await held(first)
    second = await hold("a")
    assert await held(await hold("b"))
    # Longer than a lock lasts that nobody renews.
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(held(second), 7)
    third = await hold("a")
    first.kill()
    second.kill()
    assert await asyncio.wait_for(held(third), 60), "it got the lock before it gave up"


async def test_while_redis_is_away_an_engine_locks_by_itself(hold: Hold, redis: RedisServer) -> None:
    redis.stop()
    assert await held(await hold("a"))
