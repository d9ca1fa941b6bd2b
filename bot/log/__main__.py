"""`python -m bot.log` records what is said; with a command it loads turns that nobody asked, or measures the record."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from bot.log.measure import compare
from bot.log.process import Process
from bot.log.synthetic import NotEmpty, load_turns
from bot.logs import configure
from bot.parent import end_with_supervisor
from bot.process import told_to_end
from bot.settings import Settings
from bot.store.database import connect, migrate, sessions
from knowledge.base import load


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="bot.log", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("record", help="the recorder's process, as the supervisor starts it; what is done by default")
    loading = commands.add_parser("load", help="puts turns that nobody asked into an empty record")
    loading.add_argument("turns", type=int)
    measuring = commands.add_parser("measure", help="how long pages take, with records of these sizes below DATA_DIR")
    measuring.add_argument("sizes", type=int, nargs="*", default=[10_000, 1_000_000])
    chosen = parser.parse_args(arguments)
    settings = Settings()
    settings.data.mkdir(parents=True, exist_ok=True)
    match chosen.command:
        case "load":
            return asyncio.run(_load(settings, chosen.turns))
        case "measure":
            asyncio.run(_measure(settings, chosen.sizes))
        case _:
            end_with_supervisor()
            configure(settings.log_format)
            asyncio.run(_record(settings))
    return 0


async def _load(settings: Settings, turns: int) -> int:
    engine = connect(settings.database, short=True)
    begun = time.perf_counter()
    try:
        await migrate(engine)
        await load_turns(sessions(engine), load(), turns, datetime.now(UTC))
    except NotEmpty as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        await engine.dispose()
    print(f"{turns} turns in {time.perf_counter() - begun:.0f} s")
    return 0


async def _measure(settings: Settings, sizes: Sequence[int]) -> None:
    folder = settings.data / "measure"
    folder.mkdir(exist_ok=True)
    for line in await compare(folder, load(), sizes):
        print(line)


async def _record(settings: Settings) -> None:
    stop = told_to_end()
    engine = connect(settings.database, short=True)
    try:
        await migrate(engine)
        await Process(settings, sessions(engine), load()).run(stop)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    sys.exit(main())
