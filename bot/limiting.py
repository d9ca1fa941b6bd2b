"""Counts what may be done only so often: in this process, or in Redis where several machines count together."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import structlog
from limits import RateLimitItem
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.util import WindowStats
from pydantic import SecretStr
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

T = TypeVar("T")

SECONDS = 1.0
"""How long Redis may take over anything."""
FORGET_SECONDS = 10.0
"""How long what is past may be kept."""
AWAY_SECONDS = 5.0
"""How long a Redis that was away is not asked again: where it says nothing at all, every call would wait for it."""


class Limiter:
    """A moving window for each limit. While Redis is away this process counts by itself: a limit then holds for each
    machine rather than for all, and nobody is turned away for the fault."""

    def __init__(self, redis_url: SecretStr | None = None) -> None:
        self._here = MovingWindowRateLimiter(_Here())
        self._pool = _pool(redis_url) if redis_url else None
        self._shared = MovingWindowRateLimiter(_storage(self._pool)) if self._pool else None
        self._away_until = 0.0

    async def hit(self, limit: RateLimitItem, *who: str) -> bool:
        """Counts; false, and uncounted, where the limit is reached."""
        return await self._ask(lambda limiter: limiter.hit(limit, *who))

    async def test(self, limit: RateLimitItem, *who: str) -> bool:
        """Whether a hit would be counted."""
        return await self._ask(lambda limiter: limiter.test(limit, *who))

    async def window(self, limit: RateLimitItem, *who: str) -> WindowStats:
        """When there is room again, and how much there is."""
        return await self._ask(lambda limiter: limiter.get_window_stats(limit, *who))

    async def _ask(self, question: Callable[[MovingWindowRateLimiter], Awaitable[T]]) -> T:
        if self._shared is not None and time.monotonic() >= self._away_until:
            try:
                answer = await question(self._shared)
            except (RedisError, OSError) as error:
                self._tell(error)
            else:
                self._tell(None)
                return answer
        return await question(self._here)

    async def close(self) -> None:
        """Closes the connections."""
        if self._pool is not None:
            await self._pool.aclose()

    def _tell(self, error: Exception | None) -> None:
        was_away = self._away_until > 0
        if error is not None:
            self._away_until = time.monotonic() + AWAY_SECONDS
            if not was_away:
                log.warning("limits.redis_away", error=type(error).__name__)
        elif was_away:
            self._away_until = 0.0
            log.info("limits.redis_back")


class _Here(MemoryStorage):
    """Counts in this process, and forgets what is past now and then.

    The library's own does so at every hit, for each that ever hit in the last minute, in a thread each time: a hall of
    500 delegates would pay 500 threads' work for every message.
    """

    def __init__(self) -> None:
        super().__init__()
        self._forgotten = time.monotonic()

    async def _MemoryStorage__schedule_expiry(self) -> None:  # noqa: N802 - the library's own name for it
        if time.monotonic() - self._forgotten >= FORGET_SECONDS:
            self._forgotten = time.monotonic()
            await super()._MemoryStorage__schedule_expiry()  # type: ignore[misc]


def _pool(url: SecretStr) -> ConnectionPool:
    return ConnectionPool.from_url(
        url.get_secret_value(), socket_timeout=SECONDS, socket_connect_timeout=SECONDS, max_connections=100
    )


def _storage(pool: ConnectionPool) -> Storage:
    # The pool knows where; the address is for the storage's own reading of it.
    options: Any = {"connection_pool": pool}
    return RedisStorage("async+redis://localhost:6379", implementation="redispy", **options)
