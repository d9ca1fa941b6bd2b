"""What is measured of a subject while it runs: one call a section and round."""

from __future__ import annotations

import statistics
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.bench.browser import first_answer
from bot.bench.figures import percentile
from bot.bench.resident import memory, processor_seconds
from bot.bench.subjects import Address
from bot.bench.talking import one_conversation, talk

Measured = Mapping[tuple[str, str], float]
"""By name and unit."""
CLIENTS = (1, 8, 32)
LENGTHS = (5, 50, 500)
AROUND = 5
"""Messages over which the cost at a length is taken, the middle of them."""


@dataclass(frozen=True)
class Effort:
    """How much is asked in a round."""

    messages: int
    """For each number of clients."""
    longest: int
    """Messages of the long conversation."""
    remembered: int
    """Messages after which the memory is read."""
    soaked: int
    """Messages through which the memory is looked at."""


QUICK = Effort(messages=240, longest=500, remembered=500, soaked=3000)
FULL = Effort(messages=2000, longest=500, remembered=10_000, soaked=100_000)

Visit = Callable[[Address, Sequence[str], Effort], Awaitable[Measured]]


async def latency(address: Address, says: Sequence[str], effort: Effort) -> Measured:
    """How long an answer takes, and how many there are in a second, by the number of clients."""
    found: dict[tuple[str, str], float] = {}
    for clients in CLIENTS:
        begun = processor_seconds(address.processes())
        talked = await talk(address, says, clients, effort.messages)
        used = processor_seconds(address.processes()) - begun
        who = f"{clients} client{'s' * (clients > 1)}"
        for share in (50, 95, 99):
            found[f"reply, {who}, p{share}", "ms"] = percentile(talked.milliseconds, share / 100)
        found[f"answers a second, {who}", "/s"] = talked.a_second
        found[f"processor for an answer, {who}", "ms"] = 1000 * used / effort.messages
    return found


async def flat(address: Address, says: Sequence[str], effort: Effort) -> Measured:
    """How long an answer takes at different lengths of a conversation in which the same few things are asked."""
    taken = await one_conversation(address, says[:AROUND], effort.longest + AROUND)
    at = {length: statistics.median(taken[length : length + AROUND]) for length in LENGTHS if length <= effort.longest}
    found = {(f"message {length}", "ms"): value for length, value in at.items()}
    found[f"message {max(at)} to message {min(at)}", ""] = at[max(at)] / at[min(at)]
    return found


async def resident(address: Address, says: Sequence[str], effort: Effort) -> Measured:
    """The memory of all processes together and of each of ours, after so many messages."""
    await talk(address, says, 8, effort.remembered)
    each = {name: memory(pid) for pid, name in address.processes().items()}
    found = {("resident memory", "MiB"): sum(each.values())}
    if len(each) > 1:
        found |= {(f"memory of {name}", "MiB"): value for name, value in each.items()}
    return found


VISITS: Mapping[str, Visit] = {"latency": latency, "flat": flat, "memory": resident, "browser": first_answer}
