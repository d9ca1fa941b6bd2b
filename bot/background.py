"""`python -m bot.background`: the process of everything that nobody waits for.

It carries the mail (bot.cases), records what is said (bot.log) and takes turns into the review queue (bot.review): one
process, because each would import the same seventy megabytes before it holds anything. Where one of them fails for good
the process ends, and the supervisor starts it again.
"""

from __future__ import annotations

import asyncio
import sys

from bot.cases.post import Post
from bot.log.process import Process
from bot.process import run, told_to_end
from bot.review.intake import Intake
from bot.review.nearness import KnownQuestions
from bot.review.process import take_in
from bot.settings import HandoffSettings, ReviewSettings, Settings
from bot.store.database import connect, migrate, sessions
from knowledge.base import load


async def serve(settings: Settings) -> None:
    """Goes on until SIGTERM or SIGINT."""
    stop = told_to_end()
    settings.data.mkdir(parents=True, exist_ok=True)
    engine, base = connect(settings.database, short=True), load()
    store = sessions(engine)
    try:
        await migrate(engine)
        async with asyncio.TaskGroup() as together:
            together.create_task(Post(settings, HandoffSettings(), store, base).run(stop))
            together.create_task(Process(settings, store, base).run(stop))
            together.create_task(take_in(Intake(store, KnownQuestions(base), ReviewSettings()), stop))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    sys.exit(run(serve))
