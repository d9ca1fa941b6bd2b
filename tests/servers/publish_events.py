"""Run by the engine's Python: publishes events by Rasa's own Pika broker, as its endpoints would have it.

Usage: publish_events.py ENDPOINTS COUNT
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
    await asyncio.gather(*broker._background_tasks)
    await broker.close()


asyncio.run(publish(sys.argv[1], int(sys.argv[2])))
