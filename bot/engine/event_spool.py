"""Where Rasa's events wait to be read: an event broker that keeps them in a SQLite file, in one commit a message.

Rasa's own SQL broker commits every event by itself, and a message has about twenty.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from asyncio import AbstractEventLoop
from collections.abc import Iterable
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.utils.endpoints import EndpointConfig

logger = logging.getLogger(__name__)

_SET_UP = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA busy_timeout = 2000;
CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY AUTOINCREMENT, sender_id VARCHAR(255), data TEXT);
"""
"""The table of Rasa's SQL broker, but that an id is never given twice: whoever reads deletes what was read."""


class EventSpool(EventBroker):
    """Keeps events in the file at `path` until they are read.

    Where it cannot, it says so in the log and the conversation goes on: an answer matters more than its record.
    """

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, check_same_thread=False)
        self._connection.executescript(_SET_UP)

    @classmethod
    async def from_endpoint_config(
        cls, broker_config: EndpointConfig, event_loop: AbstractEventLoop | None = None
    ) -> EventSpool:
        """The spool at the `db` of endpoints.yml."""
        return cls(broker_config.kwargs["db"])

    def publish(self, event: dict[str, Any]) -> None:
        """Keeps one event."""
        self.publish_all([event])

    def publish_all(self, events: Iterable[dict[str, Any]]) -> None:
        """Keeps these events, all or none."""
        rows = [(event.get("sender_id"), json.dumps(event)) for event in events]
        try:
            with self._connection:
                self._connection.executemany("INSERT INTO events (sender_id, data) VALUES (?, ?)", rows)
        except sqlite3.Error as error:
            logger.error("%d events are not in the spool: %s", len(rows), error)

    async def close(self) -> None:
        """Closes the file."""
        self._connection.close()
