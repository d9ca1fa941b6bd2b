"""How much memory each process takes, from before a fault to after it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence

import psutil

from tests.faults.service import Service

EVERY_SECONDS = 2.0
ROOM = 1.5
"""What a process took before, times this and with SPARE more, bounds what it may take."""
SPARE = 64.0
"""MB."""


class Memory:
    """The resident memory of the machines' processes, in MB; the most that each kind has taken."""

    def __init__(self, machines: Sequence[Service]) -> None:
        self._machines = machines
        self.before: dict[str, float] = {}
        self.most: defaultdict[str, float] = defaultdict(float)

    async def watch(self) -> None:
        """Looks at them until it is cancelled."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            await asyncio.to_thread(self._look)

    def begin(self) -> None:
        """What is taken now is before."""
        self._look()
        self.before = dict(self.most)
        self.most.clear()

    @property
    def unbounded(self) -> dict[str, float]:
        """What has taken more than it may."""
        return {
            name: most
            for name, most in self.most.items()
            if name in self.before and most > ROOM * self.before[name] + SPARE
        }

    def figures(self) -> dict[str, tuple[int, int]]:
        """Before and the most since, in MB."""
        return {name: (round(self.before.get(name, 0)), round(most)) for name, most in sorted(self.most.items())}

    def _look(self) -> None:
        for machine in self._machines:
            for name, process in machine.processes().items():
                try:
                    taken = process.memory_info().rss / 1e6
                except psutil.Error:
                    continue
                self.most[name] = max(self.most[name], taken)
