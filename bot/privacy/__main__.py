"""`python -m bot.privacy` exports and erases what is kept of a conversation or an address, and changes the keys."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from datetime import UTC, datetime
from typing import Any

from bot.privacy.erasure import Outcome, Privacy
from bot.privacy.processing import record_of_processing
from bot.privacy.subject import Subject
from bot.settings import ConsoleSettings, HandoffSettings, Settings
from bot.store.contact_keys import KeysTrouble
from bot.store.database import connect, migrate, sessions
from bot.store.resealing import forget_old_keys, rotate

BY = "the command line"
"""Who did it, as the trail says; the machine's own record knows who was at it."""


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    chosen, settings = _parser().parse_args(arguments), Settings()
    if chosen.command == "processing":
        print(record_of_processing(settings, HandoffSettings(), ConsoleSettings()), end="")
        return 0
    settings.data.mkdir(parents=True, exist_ok=True)
    try:
        return asyncio.run(_run(settings, chosen))
    except KeysTrouble as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bot.privacy", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, help_ in (
        ("export", "writes everything that is kept of it as JSON"),
        ("erase", "erases everything that is kept of it"),
    ):
        whose = commands.add_parser(name, help=help_).add_mutually_exclusive_group(required=True)
        whose.add_argument("--conversation", metavar="ID")
        whose.add_argument("--email", metavar="ADDRESS")
    commands.add_parser("erase-again", help="after a backup was put back: erases what had been erased since")
    commands.add_parser("rotate-keys", help="adds a key and seals all contact data with it")
    commands.add_parser("forget-old-keys", help="gives up all keys but the newest: older backups cannot be read then")
    commands.add_parser("processing", help="what is kept, where and how long, by the settings of this installation")
    return parser


async def _run(settings: Settings, chosen: argparse.Namespace) -> int:
    engine = connect(settings.database, durable=True)
    privacy = Privacy(settings, sessions(engine), lambda: datetime.now(UTC))
    try:
        await migrate(engine)
        match chosen.command:
            case "export":
                content: dict[str, Any] = await privacy.export(_subject(chosen), BY)
                print(json.dumps(content, ensure_ascii=False, indent=2))
            case "erase":
                outcome = await privacy.erase(_subject(chosen), BY)
                for line in _told(outcome):
                    print(line)
                return 0 if outcome else 1
            case "erase-again":
                print(f"{await privacy.erase_again(BY)} of what had been erased was there again, and is erased")
            case "rotate-keys":
                print(f"everything is sealed with the key {await rotate(sessions(engine))}")
            case "forget-old-keys":
                print(f"given up: {', '.join(await forget_old_keys(sessions(engine))) or 'none, there is one key'}")
    finally:
        await privacy.close()
        await engine.dispose()
    return 0


def _subject(chosen: argparse.Namespace) -> Subject:
    return Subject(conversation=chosen.conversation, email=chosen.email)


def _told(outcome: Outcome) -> list[str]:
    if not outcome:
        return ["nothing is kept of it"]
    lines = [
        f"erased: {outcome.conversations} conversations, {outcome.cases} cases with {outcome.letters} letters,"
        f" {outcome.messages} messages that came in, {outcome.lines} places in process logs"
    ]
    lines += [f"change {one} was published and stays: an editor has to replace it" for one in outcome.published]
    return lines


if __name__ == "__main__":
    sys.exit(main())
