"""`python -m bot.review` takes turns into the review queue as they are recorded; with `all`, every one of the record.

`all` is for records that were loaded past the recorder; what is known already is not counted twice.
"""

from __future__ import annotations

import argparse
import asyncio
import sys

from bot.logs import configure
from bot.parent import end_with_supervisor
from bot.process import told_to_end
from bot.review.intake import Intake
from bot.review.nearness import KnownQuestions
from bot.review.process import take_in
from bot.settings import ReviewSettings, Settings
from bot.store.database import Place, connect, migrate, sessions, writing
from bot.store.review_arrivals import all_arrived
from knowledge.base import load


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="bot.review", description=__doc__)
    parser.add_argument("command", choices=("run", "all"), nargs="?", default="run")
    chosen = parser.parse_args(arguments)
    end_with_supervisor()
    settings = Settings()
    configure(settings.log_format)
    asyncio.run(_serve(settings, whole=chosen.command == "all"))
    return 0


async def _serve(settings: Settings, *, whole: bool) -> None:
    stop = told_to_end()
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = connect(settings.database, short=True)
    store = sessions(engine)
    try:
        await migrate(engine)
        intake = Intake(store, KnownQuestions(load()), ReviewSettings())
        if whole:
            async with writing(store, Place.RECORD) as session:
                await all_arrived(session)
            print(f"{await intake.take_in_all()} turns taken in")
        else:
            await take_in(intake, stop)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    sys.exit(main())
