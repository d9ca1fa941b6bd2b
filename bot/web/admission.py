"""What a request must be before anything is done with it: from our own pages or from no page, and sent in good time."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from aiohttp import hdrs, web

from bot.web.problems import Handler, Problem

BODY_SECONDS = 15.0
"""For a body of at most 64 KiB."""
_READING = frozenset({hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS})


@web.middleware
async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuses what another site's page sends, and reads the body whole, in good time.

    Raises:
        Problem: 403 from another site's page; 408 the body does not come; 415 a form with files.
    """
    if request.method in _READING or _is_mounted(request):
        return await handler(request)
    # Browsers say so themselves, and no page can change it; other clients say nothing.
    if request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}:
        raise Problem(HTTPStatus.FORBIDDEN, "Another site's page may not send this.")
    if request.content_type.startswith("multipart/"):
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "No files are taken here.")
    try:
        async with asyncio.timeout(BODY_SECONDS):
            await request.read()
    except TimeoutError:
        raise Problem(HTTPStatus.REQUEST_TIMEOUT, f"The body did not come within {BODY_SECONDS:g} seconds.") from None
    return await handler(request)


def _is_mounted(request: web.Request) -> bool:
    """Whether it goes to the staff's pages, which have their own guard."""
    return len(request.match_info.apps) > 1
