"""`python -m bot.log` records what is said; with a command it loads turns that nobody asked, or measures the record."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys

from bot.log.process import Process
from bot.logs import configure
from bot.settings import Settings
from bot.store.database import connect, migrate, sessions
from knowledge.base import load


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="bot.log", description=__doc__)
    parser.add_argument("command", choices=["record"], nargs="?", default="record")
    parser.parse_args(arguments)
    configure()
    asyncio.run(_record(Settings()))
    return 0


async def _record(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = connect(settings.database)
    try:
        await migrate(engine)
        await Process(settings, sessions(engine), load()).run(stop)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    sys.exit(main())
