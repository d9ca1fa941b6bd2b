"""Rasa's locks in Redis, by one address; and while Redis is away, in this process.

An engine that could not lock would fail on every message. The order within a conversation does not rest on the locks
alone: the desks ask its messages one after the other (bot.web.turns).
"""

from __future__ import annotations

import logging

from rasa.core.lock import TicketLock
from rasa.core.lock_store import InMemoryLockStore, RedisLockStore
from rasa.utils.endpoints import EndpointConfig
from redis import Redis, RedisError

logger = logging.getLogger(__name__)

SECONDS = 1.0
"""How long Redis may take over anything."""


class LockStore(RedisLockStore):
    """At the `url` of endpoints.yml."""

    def __init__(self, endpoint_config: EndpointConfig) -> None:
        super().__init__()
        self.red = Redis.from_url(
            endpoint_config.url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS, retry_on_timeout=False
        )
        self._here = InMemoryLockStore()
        self._away = False

    def get_lock(self, conversation_id: str) -> TicketLock | None:
        """The conversation's lock, wherever it was kept last."""
        try:
            found = super().get_lock(conversation_id)
        except RedisError as error:
            self._tell(error)
            return self._here.get_lock(conversation_id)
        self._tell(None)
        return found or self._here.get_lock(conversation_id)

    def save_lock(self, lock: TicketLock) -> None:
        """Keeps it."""
        try:
            super().save_lock(lock)
        except RedisError as error:
            self._tell(error)
            self._here.save_lock(lock)
        else:
            self._here.delete_lock(lock.conversation_id)

    def delete_lock(self, conversation_id: str) -> None:
        """Deletes it in both places."""
        self._here.delete_lock(conversation_id)
        try:
            super().delete_lock(conversation_id)
        except RedisError as error:
            self._tell(error)

    def _tell(self, error: Exception | None) -> None:
        if error is not None and not self._away:
            logger.warning("Redis is away, locks are kept in this process: %s", error)
        elif error is None and self._away:
            logger.warning("Redis is back")
        self._away = error is not None
