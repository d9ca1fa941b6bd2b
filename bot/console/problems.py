"""Errors as pages, and nothing of the inside on them; and the headers that every page has."""

from __future__ import annotations

from http import HTTPStatus

import structlog
from aiohttp import hdrs, web

from bot.console.rendering import render, texts_of
from bot.console.routing import Handler, route_of
from bot.conversation.incident import new_incident

log = structlog.get_logger(__name__)

_DESCRIBED = frozenset({403, 404, 405, 409, 413, 422, 429, 500})

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;"
        " base-uri 'none'; form-action 'self'; frame-ancestors 'none';"
        " require-trusted-types-for 'script'; trusted-types default"
    ),
    # Without a referrer browsers would send no origin with our own forms either.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    hdrs.CACHE_CONTROL: "no-store",
}


@web.middleware
async def with_headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Adds what every response has."""
    response = await handler(request)
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response


@web.middleware
async def problem_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns every error into a page; an unforeseen one is logged under an incident id."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        response = problem_page(request, error.status)
        if hdrs.ALLOW in error.headers:
            response.headers[hdrs.ALLOW] = error.headers[hdrs.ALLOW]
        return response
    except Exception:
        incident, route = new_incident(), route_of(request)
        log.exception("console.failed", incident=incident, method=request.method, route=route and route.path)
        return problem_page(request, HTTPStatus.INTERNAL_SERVER_ERROR, incident)


def problem_page(request: web.Request, status: int, incident: str = "") -> web.Response:
    """The page that says what is wrong and what can be done."""
    kind = str(int(status)) if status in _DESCRIBED else "other"
    t = texts_of(request)
    context = {"title": t.of("problem_title", kind), "text": t.of("problem_text", kind), "incident": incident}
    return render(request, "problem.html", status=status, **context)
