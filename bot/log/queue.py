"""Rasa's events by an AMQP broker: here they come out of the queue that the engine puts them into."""

from __future__ import annotations

import asyncio
import json

import aio_pika
import structlog
from aio_pika.abc import AbstractIncomingMessage, AbstractRobustConnection

from bot.log.batches import BATCH, Batch

log = structlog.get_logger(__name__)

QUEUE = "rasa_events"
"""As the engine's endpoints name it (bot.launch.endpoints)."""
FIRST_SECONDS = 0.2
"""How long the first event is waited for, while there is none."""
NEXT_SECONDS = 0.02
"""How long each further one is."""


class Queue:
    """One consumer at a time. What is taken and not done is delivered again when the connection ends, in its order."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: AbstractRobustConnection | None = None
        self._arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        self._taken: list[AbstractIncomingMessage] = []

    async def take(self) -> Batch | None:
        """The oldest events; those taken before and not done come first, again.

        Raises:
            OSError: the broker cannot be reached.
        """
        if self._connection is None or self._connection.is_closed:
            await self._begin()
        wait = FIRST_SECONDS if not self._taken else NEXT_SECONDS
        while len(self._taken) < BATCH:
            try:
                self._taken.append(await asyncio.wait_for(self._arrived.get(), wait))
            except TimeoutError:
                break
            wait = NEXT_SECONDS
        if not self._taken:
            return None
        return Batch([json.loads(one.body) for one in self._taken], [one.delivery_tag or 0 for one in self._taken])

    async def done(self, batch: Batch) -> None:
        """Tells the broker that it need not keep them."""
        taken, self._taken = self._taken[: len(batch.ids)], self._taken[len(batch.ids) :]
        try:
            for one in taken:
                await one.ack()
        except aio_pika.exceptions.AMQPError as error:
            # They come again, and what they say is known then.
            log.warning("queue.not_told", error=type(error).__name__)
            await self.rest()

    async def rest(self) -> None:
        """Gives back what was taken and is not done."""
        if self._connection is not None:
            await self._connection.close()
        self._connection = None
        self._arrived, self._taken = asyncio.Queue(), []

    async def close(self) -> None:
        """The same, for good."""
        await self.rest()

    async def _begin(self) -> None:
        await self.rest()
        try:
            connection = await aio_pika.connect_robust(self._url, timeout=5, fail_fast=True)
            channel = await connection.channel()
            await channel.set_qos(prefetch_count=2 * BATCH)
            queue = await channel.declare_queue(QUEUE, durable=True)
            await queue.consume(self._arrived.put)
        except aio_pika.exceptions.AMQPError as error:
            raise ConnectionError(f"the event broker: {type(error).__name__}") from error
        self._connection = connection
