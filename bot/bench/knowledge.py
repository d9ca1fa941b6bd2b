"""What a message costs with a larger knowledge base."""

from __future__ import annotations

import json

from bot.bench.engine import in_engine
from bot.bench.figures import Figures, percentile
from bot.bench.subjects import Ours
from bot.bench.talking import talk
from bot.bench.visits import Effort

SIZES = (1, 10, 100)
"""Times today's. Actions find an entry by its id, whatever their number: only understanding grows with it."""


async def knowledge(figures: Figures, effort: Effort, rounds: int) -> None:
    """The middle reply of one client, and what understanding adds to it where the knowledge base is larger.

    Raises:
        RuntimeError: understanding could not be measured; the message ends with its last lines.
    """
    says = Ours().says[: effort.messages]
    for _ in range(rounds):
        with Ours().running() as address:
            await talk(address, says, 1, effort.messages // 4)
            reply = percentile((await talk(address, says, 1, effort.messages)).milliseconds, 0.5)
        understood: dict[str, float] = json.loads(in_engine("larger", *map(str, SIZES), texts=says))
        for size in SIZES:
            figures.add("ours", {(f"understanding, knowledge base {size} times", "ms"): understood[str(size)]})
        for size in SIZES[1:]:
            larger = reply + understood[str(size)] - understood[str(SIZES[0])]
            figures.add("ours", {(f"knowledge base {size} times", ""): larger / reply})
