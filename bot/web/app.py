"""The public application, put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import aiohttp_jinja2
import jinja2
from aiohttp import hdrs, web
from aiohttp.typedefs import Middleware

from bot.publishing.served import Served
from bot.settings import Settings
from bot.store.cases import Cases
from bot.store.conversations import Conversations
from bot.store.database import connect, migrate, sessions
from bot.store.nodes import Heartbeat
from bot.store.tracker_events import TrackerEvents
from bot.store.word import Word
from bot.switch import Switch
from bot.web.admission import admit
from bot.web.api import Api
from bot.web.arrivals import Arrivals
from bot.web.health import Health, Metrics
from bot.web.limits import Limits, Seen, unseen
from bot.web.openapi import document
from bot.web.page import Page
from bot.web.problems import Handler, problem_documents
from bot.web.relay import Relay
from bot.web.request_id import request_id
from bot.web.streams import Streams
from bot.web.talk import Talk
from bot.web.turns import Turns
from bot.web.window import Window

HERE = Path(__file__).parent
LARGEST_BODY = 64 * 1024

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; frame-src 'self';"
        " base-uri 'none'; form-action 'self'; frame-ancestors 'self'; require-trusted-types-for 'script'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_HTTPS_ALONE = "max-age=31536000; includeSubDomains"


def public_app(settings: Settings, served: Served, seen: Seen = unseen, *, https: bool = False) -> web.Application:
    """The application for the public port; it opens the database and the relay when it starts.

    `seen` is told which client speaks in a conversation; with `https` browsers are told to come by nothing else.
    """
    metrics = Metrics(settings)
    headers = {**_HEADERS, "Strict-Transport-Security": _HTTPS_ALONE} if https else _HEADERS
    app = web.Application(
        client_max_size=LARGEST_BODY,
        middlewares=[request_id, _with(headers), metrics.count, problem_documents, admit],
    )
    app.on_response_prepare.append(_without_server)
    engine = connect(settings.database, short=True)
    store = sessions(engine)
    conversations = Conversations(store, settings.node)
    composer = served.composer
    relay = Relay(served, settings.engine_seconds, settings.engine_token)
    arrivals = Arrivals()
    switch = Switch(settings.data, store)
    turns = Turns(conversations, relay, arrivals, composer, Heartbeat(store, settings.node), switch, metrics.answered)
    word = Word(settings.database, arrivals.tell, arrivals.tell_all)
    written = TrackerEvents.of(store, settings.tracker_file, settings.spool_file)
    talk = Talk(settings, conversations, Cases(store), written, turns, arrivals, composer, switch)
    limits, streams = Limits(settings, seen), Streams(settings)
    health = Health(conversations, relay, settings.data)

    async def lifespan(_: web.Application) -> AsyncIterator[None]:
        await migrate(engine)
        await relay.open()
        word.open()
        await turns.resume()
        await asyncio.gather(conversations.remove_traces(), written.remove_traces())
        yield
        await turns.close()
        await word.close()
        await limits.close()
        await relay.close()
        await written.close()
        await conversations.close()
        await engine.dispose()

    async def let_go(_: web.Application) -> None:
        arrivals.close()

    app.cleanup_ctx.append(lifespan)
    app.on_shutdown.append(let_go)
    aiohttp_jinja2.setup(app, loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True)
    app[aiohttp_jinja2.APP_KEY].policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    openapi = document()

    async def show_openapi(_: web.Request) -> web.Response:
        return web.json_response(openapi)

    app.router.add_routes(Api(settings, conversations, talk, limits, streams, arrivals, composer).routes())
    app.router.add_routes(Page(settings, conversations, talk, limits, composer).routes())
    app.router.add_routes(Window(settings, composer).routes())
    app.router.add_routes(health.routes())
    app.router.add_get("/api/v1/openapi.json", show_openapi)
    app.router.add_static("/static", HERE / "static")
    if settings.shows_metrics:
        app.router.add_get("/metrics", metrics.page(store, relay, streams, switch))
    return app


def _with(headers: Mapping[str, str]) -> Middleware:
    @web.middleware
    async def with_headers(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if request.path.startswith("/api/"):
            response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")
        return response

    return with_headers


async def _without_server(_: web.Request, response: web.StreamResponse) -> None:
    """Nobody needs to know what answers, and in which version."""
    response.headers.popall(hdrs.SERVER, None)
