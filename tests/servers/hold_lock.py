"""Run by the engine's Python: takes a conversation's lock as the engine does, says so, and holds it until it is killed.

Usage: hold_lock.py URL CONVERSATION
"""

import asyncio
import sys

from rasa.utils.endpoints import EndpointConfig

from bot.engine.lock_store import LockStore


async def hold(url: str, conversation: str) -> None:
    async with LockStore(EndpointConfig(url)).lock(conversation, lock_lifetime=30):
        sys.stdout.write("held\n")
        sys.stdout.flush()
        await asyncio.sleep(600)


asyncio.run(hold(sys.argv[1], sys.argv[2]))
