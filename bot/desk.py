"""`python -m bot.desk`: the desk's process, with the public port and the loopback port that Rasa calls."""

from __future__ import annotations

import contextlib
import hmac
import sys

from aiohttp import hdrs, web
from pydantic import SecretStr

from actions.webhook import LARGEST_CALL, Webhook
from bot.cases.desk import MailDesk
from bot.cases.limits import CaseLimits
from bot.cases.request import CaseDesk
from bot.console.app import Installation, console_app, mount
from bot.conversation.language import Languages
from bot.process import run, told_to_end
from bot.publishing.desk import published_content
from bot.publishing.engines import bearer
from bot.publishing.served import Served
from bot.settings import ConsoleSettings, HandoffSettings, Settings
from bot.store.database import connect, migrate, sessions
from bot.web.app import public_app
from bot.web.edge import EdgeRunner, bounds
from bot.web.limits import Seen, unseen
from knowledge.base import load

SHUTDOWN_SECONDS = 5


def public_port(installation: Installation, seen: Seen = unseen) -> web.Application:
    """What the public port serves: delegates, and the staff's pages."""
    public = public_app(installation.settings, installation.publishing.served, seen, https=installation.console.secure)
    mount(public, console_app(installation))
    return public


class Webhooks:
    """The action webhook of each engine, with the content that goes with its model: while two of them answer, what one
    was asked before the other took over is answered as it was understood."""

    def __init__(self, cases: CaseDesk, token: SecretStr | None = None) -> None:
        self._cases, self._headers = cases, bearer(token)
        self._of: dict[str, Webhook] = {}

    def take(self, served: Served) -> None:
        """The content that is served goes with the engine that is."""
        self._of[served.slot] = Webhook(served.composers, Languages(served.base), self._cases)

    def app(self) -> web.Application:
        """The application for the loopback port: `POST /webhook/<slot>`."""
        app = web.Application(client_max_size=LARGEST_CALL)
        app.router.add_post("/webhook/{slot}", self._handle)
        return app

    async def _handle(self, request: web.Request) -> web.Response:
        if not self._is_the_engine(request):
            raise web.HTTPUnauthorized
        webhook = self._of.get(request.match_info["slot"])
        if webhook is None:
            # An engine that was never asked anything.
            raise web.HTTPNotFound
        return await webhook.handle(request)

    def _is_the_engine(self, request: web.Request) -> bool:
        given = request.headers.get(hdrs.AUTHORIZATION, "")
        expected = self._headers.get(hdrs.AUTHORIZATION, given)
        return hmac.compare_digest(
            given.encode("utf-8", "surrogateescape"), expected.encode("utf-8", "surrogateescape")
        )


async def serve(settings: Settings) -> None:
    """Serves both ports until SIGTERM or SIGINT."""
    base, handoff = load(published_content(settings) / "knowledge"), HandoffSettings()
    engine = connect(settings.database, durable=True)
    store, limits = sessions(engine), CaseLimits(handoff, settings.redis_url)
    installation = Installation(settings, ConsoleSettings(), handoff, base, store)
    public, publishing = public_port(installation, limits.seen), installation.publishing
    webhook = Webhooks(MailDesk(handoff, store, base, limits=limits), settings.engine_token)
    publishing.served.watch(webhook.take)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(engine.dispose)
        stack.push_async_callback(limits.close)
        await migrate(engine)
        await publishing.begin()
        stack.push_async_callback(publishing.close)
        for runner, host, port in (
            (
                web.AppRunner(webhook.app(), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS),
                "127.0.0.1",
                settings.actions_port,
            ),
            (
                EdgeRunner(public, bounds(settings), shutdown_timeout=SHUTDOWN_SECONDS),
                str(settings.host),
                settings.port,
            ),
        ):
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, host, port).start()
        await told_to_end().wait()


if __name__ == "__main__":
    sys.exit(run(serve))
