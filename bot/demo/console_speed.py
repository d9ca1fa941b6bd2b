"""`python -m bot.demo.console_speed [TURNS …]`: how long the staff's pages take, with few turns and with many.

The records are those of `python -m bot.log measure`, in DATA_DIR/measure, and made there if need be. Nothing is judged
here.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from aiohttp import ClientSession

from bot.console.permissions import Role
from bot.console.routing import PREFIX
from bot.demo.console import COOKIE, console, signed_in
from bot.log.filters import Filters
from bot.log.measure import NOW
from bot.log.record import Record
from bot.log.synthetic import load_turns
from bot.settings import Settings
from bot.store.database import Sessions, connect, migrate, sessions
from knowledge.base import KnowledgeBase, load

SIZES = (10_000, 1_000_000)
TIMES = 40
"""How often each page is asked for, after once to warm up."""

Times = Mapping[str, Sequence[tuple[float, float]]]
"""Milliseconds by the clock and of the processor, by what was asked for."""


def _days(count: int) -> str:
    return f"/overview?since={NOW.date() - timedelta(days=count - 1)}&until={NOW.date()}"


async def _pages(store: Sessions) -> dict[str, str]:
    """Addresses, by what they are called."""
    record = Record(store, lambda text, known=(): text)
    half = (await record.page(Filters(until=NOW.date() - timedelta(days=180)))).turns[0]
    return {
        "list, first page": "/record",
        "list, half a year back": f"/record?before={half.id}",
        "list, one language and outcome": "/record?language=ar&outcome=refer",
        "list, one entry": f"/record?entry={half.entry or 'inn_tisc_what'}",
        "search, a word": "/record?text=mediation",
        "search, a word in Chinese": "/record?text=调解",
        "search, two words": "/record?text=tisc network",
        "search, nothing found": "/record?text=xylophone",
        "transcript": f"/record/conversations/{half.conversation}",
        "overview, 7 days": _days(7),
        "overview, 30 days": _days(30),
        "overview, 90 days": _days(90),
    }


async def _asked(address: str, cookie: str, pages: Mapping[str, str]) -> Times:
    """How long each takes a colleague's browser, from asking to the last byte."""
    times: dict[str, list[tuple[float, float]]] = {}
    async with ClientSession(cookies={COOKIE: cookie}) as browser:
        for name, path in pages.items():
            for number in range(TIMES + 1):
                begun, worked = time.perf_counter(), time.process_time()
                async with browser.get(f"{address}{PREFIX}{path}", allow_redirects=False) as response:
                    response.raise_for_status()
                    await response.read()
                if number:
                    took = (time.perf_counter() - begun) * 1000, (time.process_time() - worked) * 1000
                    times.setdefault(name, []).append(took)
    return times


async def measured(folder: Path, base: KnowledgeBase, turns: int) -> Times:
    """The pages over a record of so many turns."""
    path = folder / f"{turns}.db"
    is_new = not path.exists()
    engine = connect(f"sqlite+aiosqlite:///{path}")
    await migrate(engine)
    store = sessions(engine)
    if is_new:
        await load_turns(store, base, turns, NOW)
    try:
        async with console(store, base, lambda: NOW) as address:
            return await _asked(address, await signed_in(store, Role.READER, NOW), await _pages(store))
    finally:
        await engine.dispose()


def table(sizes: Sequence[int], found: Sequence[Times]) -> Iterator[str]:
    """The figures side by side, the ratios being those of the last to the first.

    The processor's time is that of the service and of who asks; other work on the machine does not count in it.
    """
    heads = " | ".join(f"{size:,}: median | p95 | processor" for size in sizes)
    yield f"| ms | {heads} | ratio: median | p95 | processor |"
    yield "|---" * (3 * len(sizes) + 4) + "|"
    for name in found[0]:
        figures = [_figures(one[name]) for one in found]
        cells = " | ".join(f"{figure:.0f}" for one in figures for figure in one)
        ratios = " | ".join(f"{last / first:.1f}" for first, last in zip(figures[0], figures[-1]))
        yield f"| {name} | {cells} | {ratios} |"


def _figures(times: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    clock, processor = zip(*times)
    return statistics.median(clock), statistics.quantiles(clock, n=20)[-1], statistics.median(processor)


def main(arguments: Sequence[str]) -> int:
    """Prints the figures."""
    sizes = [int(one) for one in arguments] or list(SIZES)
    folder, base = Settings().data / "measure", load()
    folder.mkdir(parents=True, exist_ok=True)
    found = [asyncio.run(measured(folder, base, size)) for size in sizes]
    sys.stdout.write("\n".join([*table(sizes, found), ""]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
