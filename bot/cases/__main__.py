"""`python -m bot.cases` carries the mail; with a command it shows and changes cases."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.cases.post import Post
from bot.cases.staff import Staff
from bot.logs import configure
from bot.settings import HandoffSettings, Settings
from bot.store.case_states import NotPermitted
from bot.store.cases import UnknownCase
from bot.store.database import connect, migrate, sessions
from knowledge.base import load

COMMANDS = ("courier", "list", "show", "resend", "close", "aside")


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="bot.cases", description=__doc__)
    parser.add_argument("command", choices=COMMANDS, nargs="?", default="courier")
    parser.add_argument("reference", nargs="?", help="the case's, for show, resend and close")
    chosen = parser.parse_args(arguments)
    if chosen.command in ("show", "resend", "close") and not chosen.reference:
        parser.error(f"{chosen.command} needs the case's reference")
    if chosen.command == "courier":
        configure()
        asyncio.run(_carry(Settings(), HandoffSettings()))
        return 0
    return asyncio.run(_for_staff(Settings(), HandoffSettings(), chosen.command, chosen.reference))


async def _carry(settings: Settings, handoff: HandoffSettings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    engine = _engine(settings)
    try:
        await migrate(engine)
        await Post(settings, handoff, sessions(engine), load()).run(stop)
    finally:
        await engine.dispose()


def _engine(settings: Settings) -> AsyncEngine:
    settings.data.mkdir(parents=True, exist_ok=True)
    return connect(settings.database)


async def _for_staff(settings: Settings, handoff: HandoffSettings, command: str, reference: str | None) -> int:
    engine = _engine(settings)
    try:
        await migrate(engine)
        staff = Staff(sessions(engine), handoff, load(), lambda: datetime.now(UTC))
        async for line in staff.do(command, reference or ""):
            print(line)
    except UnknownCase as error:
        print(f"there is no case {error}", file=sys.stderr)
        return 1
    except NotPermitted as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        await engine.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main())
