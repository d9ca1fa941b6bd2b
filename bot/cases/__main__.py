"""`python -m bot.cases` carries the mail; with a command it shows and changes cases."""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.cases.desk import CannotTake
from bot.cases.post import Post
from bot.cases.staff import COMMANDS, Staff
from bot.logs import configure
from bot.parent import end_with_supervisor
from bot.process import told_to_end
from bot.settings import HandoffSettings, Settings
from bot.store.case_states import NotPermitted
from bot.store.cases import UnknownCase
from bot.store.database import connect, migrate, sessions
from bot.store.inbox import NotAside, UnknownMail
from knowledge.base import load


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    chosen = _parser().parse_args(arguments)
    settings, handoff = Settings(), HandoffSettings()
    if chosen.command in (None, "courier"):
        end_with_supervisor()
        configure(settings.log_format)
        asyncio.run(_carry(settings, handoff))
        return 0
    return asyncio.run(_for_staff(settings, handoff, chosen))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bot.cases", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("courier", help="carries the mail until it is told to stop")
    for name, (help_, takes) in COMMANDS.items():
        command = commands.add_parser(name, help=help_)
        for argument, kind in takes:
            command.add_argument(argument, type=kind)
    return parser


async def _carry(settings: Settings, handoff: HandoffSettings) -> None:
    stop = told_to_end()
    engine = _engine(settings)
    try:
        await migrate(engine)
        await Post(settings, handoff, sessions(engine), load()).run(stop)
    finally:
        await engine.dispose()


def _engine(settings: Settings) -> AsyncEngine:
    settings.data.mkdir(parents=True, exist_ok=True)
    return connect(settings.database, short=True)


async def _for_staff(settings: Settings, handoff: HandoffSettings, chosen: argparse.Namespace) -> int:
    engine = _engine(settings)
    try:
        await migrate(engine)
        staff = Staff(sessions(engine), handoff, load(), lambda: datetime.now(UTC))
        async for line in staff.do(**vars(chosen)):
            print(line)
    except UnknownCase as error:
        print(f"there is no case {error}", file=sys.stderr)
        return 1
    except (CannotTake, NotAside, NotPermitted, UnknownMail) as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        await engine.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main())
