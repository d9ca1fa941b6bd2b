"""What stands between the network and the application: who may hold a connection, how many, and for how long.

A connection has so many seconds for the present thing: to send a whole request's head, to have one answered and read
the answer, to lie idle. Who sends a letter a minute (slowloris) or reads none of the answer is let go, and holds no
more than one place of many until then.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import structlog
from aiohttp import hdrs, web
from aiohttp.web_protocol import RequestHandler

from bot.client_address import network_of
from bot.settings import Settings
from bot.web.problems import Problem

log = structlog.get_logger(__name__)

HEAD_SECONDS = 15.0
"""For the head of a request, once its connection is open or its first byte has come."""
ANSWER_SECONDS = 120.0
"""For the longest wait and the largest sheet, over a slow line."""
IDLE_SECONDS = 75.0
"""Between two requests; more than the proxies in front keep theirs."""
LINE_BYTES = 8190
"""Of the request's line, and of one header."""
MANY_HEADERS = 64


@dataclass(frozen=True)
class Bounds:
    """How much one may hold; `of_one_address` is none where a proxy of ours holds all connections."""

    together: int
    of_one_address: int | None
    answer_seconds: float = ANSWER_SECONDS
    """From a request's head to the last byte of its answer."""
    head_seconds: float = HEAD_SECONDS
    idle_seconds: float = IDLE_SECONDS


def bounds(settings: Settings) -> Bounds:
    """Those of the installation."""
    of_one_address = None if settings.trusted_proxies else settings.connections_address
    return Bounds(settings.connections, of_one_address)


class EdgeRunner(web.AppRunner):
    """aiohttp's runner, whose connections are bounded."""

    def __init__(self, app: web.Application, bounds: Bounds, **options: Any) -> None:
        super().__init__(app, access_log=None, keepalive_timeout=bounds.idle_seconds, **options)
        self._bounds = bounds

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        return _Edge(server, self._bounds)


class _Edge(web.Server):
    """The server that aiohttp made, with connections of ours."""

    def __init__(self, made: web.Server, bounds: Bounds) -> None:
        super().__init__(made.request_handler, request_factory=made.request_factory, **made._kwargs)
        self.bounds = bounds
        self._open = 0
        self._of: Counter[str] = Counter()

    def __call__(self) -> RequestHandler:
        return _Connection(self, loop=self._loop, max_headers=MANY_HEADERS, max_line_size=LINE_BYTES, **self._kwargs)

    def take(self, network: str) -> bool:
        """A place for one more connection from there, or none."""
        bounds = self.bounds
        if self._open >= bounds.together:
            return False
        if bounds.of_one_address is not None and self._of[network] >= bounds.of_one_address:
            return False
        self._open += 1
        self._of[network] += 1
        return True

    def leave(self, network: str) -> None:
        """The place is free again."""
        self._open -= 1
        self._of[network] -= 1
        if not self._of[network]:
            del self._of[network]


class _Connection(RequestHandler):
    """One connection and the clock on it."""

    __slots__ = ("_edge", "_network", "_timer")

    def __init__(self, edge: _Edge, **options: Any) -> None:
        super().__init__(edge, **options)
        self._edge = edge
        self._network: str | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Lets it in where there is a place."""
        peer = transport.get_extra_info("peername")
        network = network_of(str(peer[0])) if peer else "unknown"
        if not self._edge.take(network):
            self._manager = None  # connection_lost has nothing to do then
            transport.abort()  # type: ignore[attr-defined]
            return
        self._network = network
        super().connection_made(transport)
        self._allow(self._edge.bounds.head_seconds)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Gives its place back."""
        if self._timer is not None:
            self._timer.cancel()
        if self._network is not None:
            self._edge.leave(self._network)
            self._network = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes came; the first after an idle time begin the head of another request."""
        if self._network is None:
            return
        idle = self._timer is None
        super().data_received(data)
        if idle and not self._request_in_progress and not self._messages:
            self._allow(self._edge.bounds.head_seconds)

    async def _handle_request(self, *arguments: Any) -> Any:
        self._allow(self._edge.bounds.answer_seconds)
        try:
            return await super()._handle_request(*arguments)
        finally:
            # From here aiohttp's own clock runs, on a connection that lies idle.
            self._stop()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """A problem document for what is no request; aiohttp would send back, and log, what it could not read."""
        kind = HTTPStatus(status)
        if kind >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("connection.failed", error=type(exc).__name__ if exc else None)
        response = Problem(kind, "This is no request that can be read.").response()
        response.headers[hdrs.SERVER] = ""
        response.force_close()
        return response

    def _allow(self, seconds: float) -> None:
        self._stop()
        self._timer = self._loop.call_later(seconds, self._late)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        self._timer = None
        if self.transport is not None:
            # Not closed in good order: what waits to be written may never be read.
            self.transport.abort()
