"""Conversations held at once, and how long each answer took."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp

from bot.bench.subjects import Address

TURNS = 12
"""Messages in a conversation, where its length is not what is measured."""


@dataclass(frozen=True)
class Talked:
    """What was measured: milliseconds of each answer, and answers a second."""

    milliseconds: Sequence[float]
    a_second: float


async def talk(address: Address, says: Sequence[str], clients: int, messages: int) -> Talked:
    """So many clients hold conversations of TURNS messages, until `messages` are answered."""
    texts, left = itertools.cycle(says), itertools.count(messages, -1)
    taken: list[float] = []
    async with _session() as session:

        async def client() -> None:
            while True:
                talker = await address.talk(session)
                for _ in range(TURNS):
                    if next(left) <= 0:
                        return
                    begun = time.perf_counter()
                    await talker.say(next(texts))
                    taken.append((time.perf_counter() - begun) * 1000)

        begun = time.perf_counter()
        await asyncio.gather(*(client() for _ in range(clients)))
        seconds = time.perf_counter() - begun
    return Talked(taken, len(taken) / seconds)


async def one_conversation(address: Address, says: Sequence[str], messages: int) -> Sequence[float]:
    """Milliseconds of each answer in one conversation of so many messages."""
    taken = []
    texts = itertools.cycle(says)
    async with _session() as session:
        talker = await address.talk(session)
        for _ in range(messages):
            begun = time.perf_counter()
            await talker.say(next(texts))
            taken.append((time.perf_counter() - begun) * 1000)
    return taken


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=120))
