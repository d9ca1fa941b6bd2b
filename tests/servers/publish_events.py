"""Run by the engine's Python: publishes events by the engine's event broker, as its endpoints would have it.

Usage: publish_events.py ENDPOINTS COUNT [wait]; with `wait` until the broker has them, however long it is away.
"""

import asyncio
import sys

from rasa.core.brokers.broker import EventBroker
from rasa.core.utils import AvailableEndpoints


async def publish(endpoints: str, count: int) -> None:
    """Events of three conversations, numbered."""
    loop = asyncio.get_running_loop()
    broker = await EventBroker.create(AvailableEndpoints.read_endpoints(endpoints).event_broker, loop)
    for number in range(count):
        broker.publish({"sender_id": f"conversation {number % 3}", "event": "slot", "name": "number", "value": number})
        # So that some are published while others come.
        await asyncio.sleep(0)
    if "wait" in sys.argv:
        await broker.sent()
    await broker.close()


asyncio.run(publish(sys.argv[1], int(sys.argv[2])))
