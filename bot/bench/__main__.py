"""`python -m bot.bench [section …]`: how fast and how large the assistant is, beside the project of `rasa init`."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from bot.bench import apart
from bot.bench.figures import Figures
from bot.bench.knowledge import knowledge
from bot.bench.page import page
from bot.bench.soak import soak
from bot.bench.stages import Stage, stages
from bot.bench.subjects import Ours, Stock, Subject, stock_folder
from bot.bench.talking import one_conversation, talk
from bot.bench.visits import FULL, QUICK, VISITS, Effort
from bot.settings import Settings

APART = ("training", "knowledge", "log", "soak", "stages")
SECTIONS = ("start", *VISITS, *APART)


def main(arguments: list[str] | None = None) -> int:
    """Measures, prints and writes the figures; returns the exit status."""
    parser = argparse.ArgumentParser(prog="bot.bench", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="section", help=f"of {', '.join(SECTIONS)}; all by default")
    parser.add_argument("--rounds", type=int, default=3, help="how often each subject has its turn")
    parser.add_argument("--quick", action="store_true", help="ask less: for a look, not for a figure to be quoted")
    chosen = parser.parse_args(arguments)
    unknown = sorted(set(chosen.sections) - set(SECTIONS))
    if unknown:
        parser.error(f"there is no section {', '.join(unknown)}; there are {', '.join(SECTIONS)}")
    begun = time.perf_counter()
    sections, effort = tuple(chosen.sections or SECTIONS), QUICK if chosen.quick else FULL
    figures, spent = Figures(), list[Stage]()
    try:
        spent = asyncio.run(_measure(figures, sections, effort, chosen.rounds))
    except RuntimeError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    about = (
        f"{datetime.now(UTC):%d %B %Y}, {os.cpu_count()} processors, {platform.system()} {platform.machine()};"
        f" {chosen.rounds} rounds in turn, {effort.messages} messages a number of clients;"
        f" {time.perf_counter() - begun:.0f} s."
    )
    folder = Settings().data / "bench"
    print(about, figures.as_text(), *_lines(spent), sep="\n")
    for path in write(folder, figures, spent, about):
        print(path)
    return 0


def write(folder: Path, figures: Figures, spent: list[Stage], about: str) -> list[Path]:
    """Writes the figures into the folder, as JSON and as a page."""
    folder.mkdir(parents=True, exist_ok=True)
    as_json, as_page = folder / "figures.json", folder / "index.html"
    whole = {"about": about, "figures": figures.as_json(), "stages": {s.name: s.milliseconds for s in spent}}
    as_json.write_text(json.dumps(whole, indent=1, ensure_ascii=False), encoding="utf-8")
    as_page.write_text(page(figures, spent, about), encoding="utf-8")
    return [as_json, as_page]


async def _measure(figures: Figures, sections: tuple[str, ...], effort: Effort, rounds: int) -> list[Stage]:
    stock = Stock(stock_folder())
    if set(sections) - {"knowledge", "log", "soak", "stages"}:
        stock.build()
    if set(sections) & {"start", *VISITS}:
        for _ in range(rounds):
            for subject in (Ours(), stock):
                await _visit(figures, subject, sections, effort)
    if "training" in sections:
        await apart.training(figures, stock)
    if "knowledge" in sections:
        await knowledge(figures, effort, rounds)
    if "log" in sections:
        await apart.log(figures, effort, rounds)
    if "soak" in sections:
        await soak(figures, effort)
    return await stages() if "stages" in sections else []


async def _visit(figures: Figures, subject: Subject, sections: tuple[str, ...], effort: Effort) -> None:
    """Starts it, measures what is asked for while it runs, and ends it."""
    says = subject.says
    begun = time.perf_counter()
    with subject.running() as address:
        await one_conversation(address, says, 1)
        if "start" in sections:
            figures.add(subject.name, {("start to first answer", "s"): time.perf_counter() - begun})
        await talk(address, says, 1, effort.messages // 4)
        for name, visit in VISITS.items():
            if name in sections:
                figures.add(subject.name, await visit(address, says, effort))


def _lines(spent: list[Stage]) -> list[str]:
    whole = sum(stage.milliseconds for stage in spent)
    return [f"{s.name:36} {s.milliseconds:8.2f} ms {s.milliseconds / whole:6.0%}" for s in spent]


if __name__ == "__main__":
    sys.exit(main())
