"""The routes of the staff's pages: each says what it needs, and none can be registered that does not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from aiohttp import hdrs, web
from aiohttp.web_urldispatcher import AbstractRoute

from bot.console.permissions import Access, Need, Permission

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PREFIX = "/console"
ID_DIGITS = 9
"""At most: any number of so many digits has 32 bits, as most ids."""
MOMENT_DIGITS = 18
"""The same for the ids of turns, which have 64 bits."""


class Unguarded(TypeError):
    """A route that does not say what it needs."""


@dataclass(frozen=True)
class Route:
    """A page or an action. `path` counts from PREFIX; `nav` is the key of its text in the navigation."""

    method: str
    path: str
    handler: Handler
    needs: Need
    name: str | None = None
    nav: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.needs, Permission | Access):
            raise Unguarded(f"{self.method} {self.path} needs {self.needs!r}; name a Permission or an Access")


ROUTES = web.AppKey("ROUTES", dict[AbstractRoute, Route])
"""What every registered route needs."""


def get(path: str, handler: Handler, needs: Need, *, name: str | None = None, nav: str | None = None) -> Route:
    """A page; `name` is what templates call it by."""
    return Route(hdrs.METH_GET, path, handler, needs, name, nav)


def post(path: str, handler: Handler, needs: Need, *, name: str | None = None) -> Route:
    """An action: what changes something, by a form with the session's token."""
    return Route(hdrs.METH_POST, path, handler, needs, name)


def register(app: web.Application, routes: Iterable[Route]) -> None:
    """Adds routes, and has the application refuse to start with any that came another way."""
    known = app.setdefault(ROUTES, {})
    for route in routes:
        known[app.router.add_route(route.method, route.path, route.handler, name=route.name)] = route
    app.on_startup.append(check_guarded)


async def check_guarded(app: web.Application) -> None:
    """Looks for routes that were not registered here.

    Raises:
        Unguarded: there is one.
    """
    for route in app.router.routes():
        if route not in app[ROUTES]:
            raise Unguarded(f"{route.method} {route.resource and route.resource.canonical} was not registered by needs")


def route_of(request: web.Request) -> Route | None:
    """The route a request goes to; nothing where there is none."""
    return request.app[ROUTES].get(request.match_info.route)


def number(typed: str, digits: int = ID_DIGITS) -> int | None:
    """The number that was typed, or came from a link of ours; nothing where it is none or has more digits."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= digits else None


def number_of(request: web.Request, name: str, digits: int = ID_DIGITS) -> int:
    """The number that a part of the address is; 0, which nothing has, where it is none."""
    return number(request.match_info[name], digits) or 0


def see_other(request: web.Request, name: str, query: Mapping[str, str] | None = None, **parts: str) -> web.Response:
    """Sends the browser to another page, as after every action."""
    location = request.app.router[name].url_for(**parts).with_query(query or {})
    return web.Response(status=303, headers={hdrs.LOCATION: str(location)})
