"""Where Rasa's events wait to be read when several engines share a PostgreSQL: the same as the spool, in a table."""

from __future__ import annotations

import json
import logging
from asyncio import AbstractEventLoop
from collections.abc import Iterable
from typing import Any

import psycopg2
from psycopg2.extras import execute_values
from rasa.core.brokers.broker import EventBroker
from rasa.utils.endpoints import EndpointConfig

from bot.engine.postgresql import NOTICED

logger = logging.getLogger(__name__)


class EventTable(EventBroker):
    """Keeps events in the table `spooled_events` of the database at `url`, which the desk has made.

    Where it cannot, it says so in the log and the conversation goes on: an answer matters more than its record.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Any = None

    @classmethod
    async def from_endpoint_config(
        cls, broker_config: EndpointConfig, event_loop: AbstractEventLoop | None = None
    ) -> EventTable:
        """The table in the database at the `url` of endpoints.yml."""
        return cls(broker_config.url)

    def publish(self, event: dict[str, Any]) -> None:
        """Keeps one event."""
        self.publish_all([event])

    def publish_all(self, events: Iterable[dict[str, Any]]) -> None:
        """Keeps these events, all or none."""
        rows = [(event.get("sender_id"), json.dumps(event)) for event in events]
        # A connection that the server has closed meanwhile shows only when it is used.
        for last in (False, True):
            try:
                self._insert(rows)
            except psycopg2.Error as error:
                self._connection = None
                if last:
                    logger.error("%d events are not in the spool: %s", len(rows), error)
            else:
                return

    async def close(self) -> None:
        """Closes the connection."""
        if self._connection is not None:
            self._connection.close()

    def _insert(self, rows: list[tuple[Any, str]]) -> None:
        if not rows:
            return
        if self._connection is None:
            self._connection = psycopg2.connect(self._url, **NOTICED)
        with self._connection, self._connection.cursor() as cursor:
            execute_values(cursor, "INSERT INTO spooled_events (sender_id, data) VALUES %s", rows)
