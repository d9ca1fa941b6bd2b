"""Rasa's events by an AMQP broker: published in their order, and kept here until the broker has them.

Rasa's own Pika broker publishes each event in a task of its own, so that after a fault they come in any order; where it
cannot, it writes what a delegate said into the log; and an engine does not start while the broker is away.
"""

from __future__ import annotations

import asyncio
import json
import logging
from asyncio import AbstractEventLoop
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

import aio_pika
from rasa.core.brokers.broker import EventBroker
from rasa.utils.endpoints import EndpointConfig

logger = logging.getLogger(__name__)

EXCHANGE = "rasa-exchange"
"""Of the name and kind of Rasa's own: whoever else wants the events binds a queue to it."""
BATCH = 100
"""Events published at once; where one fails all come again, and are known by who reads them."""
SECONDS = 5.0
"""How long the broker may take over a batch, or to let us in."""
AGAIN_SECONDS = 1.0
"""After which a broker that was away is looked for."""
MOST = 200_000
"""Events that are kept, about 200 MB: beyond, the oldest are lost. A message has about twenty."""


class EventQueue(EventBroker):
    """Publishes to the durable `queues` of the broker at `url`."""

    def __init__(self, url: str, queues: Sequence[str]) -> None:
        self._url, self._queues = url, queues
        self._waiting: deque[bytes] = deque(maxlen=MOST)
        self._wake, self._empty = asyncio.Event(), asyncio.Event()
        self._connection: Any = None
        self._exchange: Any = None
        self._away = False
        self._sending: asyncio.Task[None] | None = None

    @classmethod
    async def from_endpoint_config(
        cls, broker_config: EndpointConfig, event_loop: AbstractEventLoop | None = None
    ) -> EventQueue:
        """By the `url` and the `queues` of endpoints.yml; the broker may be away."""
        return cls(broker_config.url, broker_config.kwargs["queues"])

    def publish(self, event: dict[str, Any]) -> None:
        """Publishes one event, soon."""
        self.publish_all([event])

    def publish_all(self, events: Iterable[dict[str, Any]]) -> None:
        """Publishes these events, soon and in this order."""
        if self._sending is None:
            self._sending = asyncio.create_task(self._send())
        self._waiting.extend(json.dumps(event).encode() for event in events)
        self._empty.clear()
        self._wake.set()

    async def close(self) -> None:
        """Waits a little until the broker has everything, and ends."""
        if self._sending is not None:
            try:
                await asyncio.wait_for(self.sent(), SECONDS)
            except asyncio.TimeoutError:
                logger.error("%d events were not published", len(self._waiting))
            self._sending.cancel()
        await self._leave()

    async def sent(self) -> None:
        """Waits until the broker has everything."""
        await self._empty.wait()

    async def _send(self) -> None:
        while True:
            while not self._waiting:
                self._empty.set()
                self._wake.clear()
                await self._wake.wait()
            batch = [self._waiting[at] for at in range(min(BATCH, len(self._waiting)))]
            try:
                await asyncio.wait_for(self._publish(batch), SECONDS)
            except Exception as error:  # noqa: BLE001 - whatever it is, the events wait
                self._tell(error)
                await self._leave()
                await asyncio.sleep(AGAIN_SECONDS)
            else:
                self._tell(None)
                for one in batch:
                    # Where more came than can be kept, the oldest are gone already.
                    if self._waiting and self._waiting[0] is one:
                        self._waiting.popleft()

    async def _publish(self, batch: Sequence[bytes]) -> None:
        if self._exchange is None:
            await self._join()
        persistent = aio_pika.DeliveryMode.PERSISTENT
        messages = [aio_pika.Message(one, delivery_mode=persistent) for one in batch]
        await asyncio.gather(*(self._exchange.publish(one, "") for one in messages))

    async def _join(self) -> None:
        self._connection = await aio_pika.connect(self._url)
        channel = await self._connection.channel()
        exchange = await channel.declare_exchange(EXCHANGE, type=aio_pika.ExchangeType.FANOUT)
        for name in self._queues:
            queue = await channel.declare_queue(name, durable=True)
            await queue.bind(exchange, "")
        self._exchange = exchange

    async def _leave(self) -> None:
        connection, self._connection, self._exchange = self._connection, None, None
        if connection is not None:
            try:
                await asyncio.wait_for(connection.close(), SECONDS)
            except Exception as error:  # noqa: BLE001 - it is gone either way
                logger.debug("the broker did not say goodbye: %s", type(error).__name__)

    def _tell(self, error: Exception | None) -> None:
        if error is not None and not self._away:
            logger.warning("the event broker is away, events are kept: %s", type(error).__name__)
        elif error is None and self._away:
            logger.warning("the event broker is back")
        self._away = error is not None
