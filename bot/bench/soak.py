"""Whether the memory stays as it is through many messages."""

from __future__ import annotations

from bot.bench.figures import Figures
from bot.bench.resident import memory
from bot.bench.subjects import Address, Ours
from bot.bench.talking import talk
from bot.bench.visits import Effort

CLIENTS = 8
TENTHS = 10


async def soak(figures: Figures, effort: Effort) -> None:
    """The memory of all processes together after each tenth of the messages, beside that after the first."""
    subject, after = Ours(), list[float]()
    with subject.running() as address:
        for tenth in range(1, TENTHS + 1):
            await talk(address, subject.says, CLIENTS, effort.soaked // TENTHS)
            after.append(_whole(address))
            figures.add("ours", {(f"memory after {effort.soaked * tenth // TENTHS} messages", "MiB"): after[-1]})
            print(f"soak: {effort.soaked * tenth // TENTHS} messages, {after[-1]:.0f} MiB", flush=True)
    figures.add("ours", {("memory at the end to that after a tenth", ""): after[-1] / after[0]})


def _whole(address: Address) -> float:
    return sum(memory(pid) for pid in address.processes())
