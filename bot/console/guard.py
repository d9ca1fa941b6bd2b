"""Lets a request through to its route, or not: who asks, what the route needs, and whether our own page sent it."""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import hdrs, web
from aiohttp_session import get_session
from yarl import URL

from bot.console.permissions import Access
from bot.console.routing import PREFIX, Handler, Unguarded, route_of, see_other
from bot.console.sessions import ACCOUNT, is_csrf_token
from bot.console.viewer import VIEWER, Viewer
from bot.settings import ConsoleSettings
from bot.store.staff import Staff

CSRF_FIELD, CSRF_HEADER = "csrf", "X-CSRF-Token"
NEXT = "next"
"""The parameter of the sign-in page that names the page wanted."""


class Guard:
    """The one place where access is decided."""

    def __init__(self, staff: Staff, settings: ConsoleSettings) -> None:
        self._staff = staff
        self._address = URL(settings.console_address).origin() if settings.console_address else None

    @web.middleware
    async def admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The middleware.

        Raises:
            HTTPForbidden: the viewer's role does not permit it, or another page than ours sent it.
            Unguarded: the route was never registered.
        """
        await get_session(request)
        who = await self._viewer(request)
        if who is not None:
            request[VIEWER] = who
        if request.match_info.http_exception is not None:
            return await handler(request)
        route = route_of(request)
        if route is None:
            raise Unguarded(f"{request.method} {request.path} was registered without saying what it needs")
        if route.needs is not Access.ANYONE:
            if who is None:
                return _to_sign_in(request)
            if not who.may(route.needs):
                raise web.HTTPForbidden
        if route.method != hdrs.METH_GET and not (self._is_ours(request) and await _has_token(request)):
            raise web.HTTPForbidden(reason="Sent from elsewhere")
        return await handler(request)

    async def _viewer(self, request: web.Request) -> Viewer | None:
        account = (await get_session(request)).get(ACCOUNT)
        row = await self._staff.by_id(account) if account is not None else None
        return Viewer.of(row) if row is not None and row.disabled_at is None else None

    def _is_ours(self, request: web.Request) -> bool:
        try:
            origin = URL(request.headers.get(hdrs.ORIGIN, "")).origin()
        except ValueError:
            return False
        if self._address is not None:
            return origin == self._address
        # Which scheme browsers use is not known here; the host is.
        return origin.authority == URL(f"{origin.scheme}://{request.host}").authority


async def _has_token(request: web.Request) -> bool:
    given = request.headers.get(CSRF_HEADER) or (await request.post()).get(CSRF_FIELD)
    return isinstance(given, str) and is_csrf_token(request, given)


def _to_sign_in(request: web.Request) -> web.Response:
    wanted = request.path_qs if request.method == hdrs.METH_GET else ""
    query = {NEXT: wanted} if wanted.strip("/") != PREFIX.strip("/") and wanted else {}
    response = see_other(request, "sign_in", query)
    if "HX-Request" in request.headers:
        # htmx would put the page that a redirect leads to into the middle of the present one.
        response.headers["HX-Redirect"] = response.headers.pop(hdrs.LOCATION)
        response.set_status(HTTPStatus.OK)
    return response


def next_page(wanted: object) -> str | None:
    """A page of ours that was wanted before signing in; nothing where it leads elsewhere."""
    if not isinstance(wanted, str) or not wanted.startswith(f"{PREFIX}/") or "\\" in wanted or "//" in wanted:
        return None
    return wanted if wanted.isprintable() else None
