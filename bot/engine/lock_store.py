"""Rasa's locks in Redis, by one address: each is held for a few seconds, as long as whoever has it lives to renew it.

Rasa's own tickets are held for a minute whoever has died with one, and it asks Redis six times a message, standing
still meanwhile. While Redis is away each engine locks by itself. The order within a conversation does not rest on the
locks alone: the desks ask its messages one after the other (bot.web.turns).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, LockError
from rasa.core.lock_store import LockStore as RasaLockStore
from rasa.utils.endpoints import EndpointConfig
from redis.asyncio import Redis
from redis.asyncio.lock import Lock
from redis.exceptions import LockError as NotOurs
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

SECONDS = 1.0
"""How long Redis may take over anything."""
HELD_SECONDS = 5.0
"""After which a lock is free whose engine has died."""
RENEWED_SECONDS = 1.5
"""How often a lock is renewed that is held for longer."""
LOOK_SECONDS = 0.1
"""How often a lock is asked for that another engine has."""
AWAY_SECONDS = 5.0
"""How long a Redis that was away is not asked again."""


class LockStore(RasaLockStore):
    """At the `url` of endpoints.yml."""

    def __init__(self, endpoint_config: EndpointConfig) -> None:
        self._redis = Redis.from_url(
            endpoint_config.url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS, retry_on_timeout=False
        )
        self._here: dict[str, asyncio.Lock] = {}
        self._wanted: Counter[str] = Counter()
        self._away_until = 0.0

    @contextlib.asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = LOOK_SECONDS,
    ) -> AsyncGenerator[TicketLock, None]:
        """The conversation is this message's alone, in this engine and in the others.

        Raises:
            LockError: another engine has it for longer than `lock_lifetime` seconds.
        """
        async with self._one_here(conversation_id):
            lock = await self._taken(conversation_id, lock_lifetime)
            renewing = asyncio.create_task(self._renew(lock)) if lock else None
            try:
                yield TicketLock(conversation_id)
            finally:
                if lock is not None and renewing is not None:
                    renewing.cancel()
                    await self._release(lock)

    @contextlib.asynccontextmanager
    async def _one_here(self, conversation_id: str) -> AsyncIterator[None]:
        self._wanted[conversation_id] += 1
        try:
            async with self._here.setdefault(conversation_id, asyncio.Lock()):
                yield
        finally:
            self._wanted[conversation_id] -= 1
            if not self._wanted[conversation_id]:
                del self._wanted[conversation_id], self._here[conversation_id]

    async def _taken(self, conversation_id: str, seconds: float) -> Lock | None:
        """The lock among all engines; nothing while Redis is away."""
        if time.monotonic() < self._away_until:
            return None
        lock = Lock(
            self._redis, f"lock:{conversation_id}", timeout=HELD_SECONDS, sleep=LOOK_SECONDS, thread_local=False
        )
        try:
            is_ours = await lock.acquire(blocking_timeout=seconds)
        except (RedisError, OSError) as error:
            self._tell(error)
            return None
        self._tell(None)
        if not is_ours:
            raise LockError(f"Could not acquire lock for conversation_id '{conversation_id}'.")
        return lock

    async def _renew(self, lock: Lock) -> None:
        while True:
            await asyncio.sleep(RENEWED_SECONDS)
            with contextlib.suppress(RedisError, OSError):
                await lock.extend(HELD_SECONDS, replace_ttl=True)

    async def _release(self, lock: Lock) -> None:
        try:
            await lock.release()
        except NotOurs:
            logger.warning("a lock was held for longer than it was ours")
        except (RedisError, OSError) as error:
            # It is free by itself in a few seconds.
            self._tell(error)

    def _tell(self, error: Exception | None) -> None:
        was_away = self._away_until > 0
        if error is not None:
            self._away_until = time.monotonic() + AWAY_SECONDS
            if not was_away:
                logger.warning("Redis is away, locks are kept in this process: %s", type(error).__name__)
        elif was_away:
            self._away_until = 0.0
            logger.warning("Redis is back")
