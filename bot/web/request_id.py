"""The id of a request: it stands in every line of the logs that the request caused, on both sides of the wall."""

from __future__ import annotations

import re
import secrets
import time

import structlog
from aiohttp import web
from structlog.contextvars import bound_contextvars, get_contextvars

from bot.web.problems import Handler

log = structlog.get_logger(__name__)

HEADER = "X-Request-ID"
_FITTING = re.compile(r"[0-9a-fA-F][0-9a-fA-F-]{14,62}[0-9a-fA-F]")
"""Hexadecimal, as proxies make them: no name and no address can hide in it, and nothing that breaks a line."""
_QUIET = frozenset({"/healthz", "/readyz", "/metrics", "/static", "/widget.js"})
"""Not worth a line each."""


@web.middleware
async def request_id(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Takes the id that a proxy gave, or makes one; answers with it, and writes the request down by its route."""
    given = request.headers.get(HEADER, "")
    known = given if _FITTING.fullmatch(given) else secrets.token_hex(16)
    began = time.perf_counter()
    with bound_contextvars(request=known):
        response = await handler(request)
        route = _route(request)
        if route not in _QUIET:
            milliseconds = round((time.perf_counter() - began) * 1000, 1)
            log.info("request", method=request.method, route=route, status=response.status, ms=milliseconds)
    response.headers[HEADER] = known
    return response


def current() -> str | None:
    """The id of the request that this is part of; nothing in work that no request caused."""
    known: str | None = get_contextvars().get("request")
    return known


def _route(request: web.Request) -> str:
    """The pattern of the path: a path itself has a conversation's id in it."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else "none"
