"""What is measured without the other subject beside it: training, and the size of the log."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bot.bench.figures import Figures, percentile
from bot.bench.subjects import Address, Ours, Stock
from bot.bench.talking import talk
from bot.bench.visits import Effort
from bot.launch.model import train
from bot.settings import ROOT

TURNS = (0, 10_000, 100_000, 1_000_000)
"""Of the log; with none, what the others are compared with."""


async def training(figures: Figures, stock: Stock) -> None:
    """From nothing, without vectors kept from before; the stock project too."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        begun = time.perf_counter()
        train(Path(folder))
        figures.add("ours", {("training", "s"): time.perf_counter() - begun})
    figures.add("stock", {("training", "s"): stock.train()})


async def log(figures: Figures, effort: Effort, rounds: int, sizes: Sequence[int] = TURNS) -> None:
    """The middle reply of one client, with logs of these sizes, in turn."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        folders = {size: Path(folder) / str(size) for size in sizes}
        for size, data in folders.items():
            if size:
                _load(data, size)
        for _ in range(rounds):
            base = None
            for size, data in folders.items():
                with Ours(data).running() as address:
                    middle = await _middle_reply(address, effort)
                base = base or middle
                figures.add("ours", {(f"reply with a log of {size}", "ms"): middle})
                if size:
                    figures.add("ours", {(f"log of {size} turns", ""): middle / base})


async def _middle_reply(address: Address, effort: Effort) -> float:
    says = Ours().says
    await talk(address, says, 1, effort.messages // 4)
    return percentile((await talk(address, says, 1, effort.messages)).milliseconds, 0.5)


def _load(data: Path, turns: int) -> None:
    command = [sys.executable, "-m", "bot.log", "load", str(turns)]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "DATA_DIR": str(data)}, check=True, stdout=subprocess.DEVNULL)
