"""`python -m bot.desk`: the desk's process, with the public port and the loopback port that Rasa calls."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys

from aiohttp import web

from actions.webhook import Webhook
from bot.cases.desk import MailDesk
from bot.cases.limits import CaseLimits
from bot.console.app import Installation, console_app, mount
from bot.conversation.language import Languages
from bot.logs import configure
from bot.settings import ConsoleSettings, HandoffSettings, Settings
from bot.store.database import connect, sessions
from bot.web.app import composers, public_app
from bot.web.limits import Seen, unseen
from knowledge.base import load

SHUTDOWN_SECONDS = 5


def public_port(installation: Installation, seen: Seen = unseen) -> web.Application:
    """What the public port serves: delegates, and the staff's pages."""
    public = public_app(installation.settings, installation.base, seen)
    mount(public, console_app(installation))
    return public


async def serve(settings: Settings) -> None:
    """Serves both ports until SIGTERM or SIGINT."""
    base, handoff = load(), HandoffSettings()
    engine = connect(settings.database, durable=True)
    store, limits = sessions(engine), CaseLimits(handoff)
    public = public_port(Installation(settings, ConsoleSettings(), handoff, base, store), limits.seen)
    cases = MailDesk(handoff, store, base, limits=limits)
    webhook = Webhook(composers(base), Languages(base), cases).app()
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(engine.dispose)
        for app, host, port in (
            (webhook, "127.0.0.1", settings.actions_port),
            (public, str(settings.host), settings.port),
        ):
            runner = web.AppRunner(app, access_log=None)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, host, port, shutdown_timeout=SHUTDOWN_SECONDS).start()
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await stop.wait()


def main() -> int:
    """Runs the desk; returns the exit status."""
    configure()
    asyncio.run(serve(Settings()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
