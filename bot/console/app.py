"""The application of the staff's pages, put together. A new page is one more in `_sections`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Protocol

from aiohttp import web
from aiohttp_session import session_middleware

from bot.built import Built
from bot.console import rendering
from bot.console.accounts import Accounts
from bot.console.attempts import Throttle
from bot.console.entry import Entry
from bot.console.guard import Guard
from bot.console.home import Home
from bot.console.passwords import Passwords
from bot.console.permissions import Access
from bot.console.problems import problem_pages, with_headers
from bot.console.routing import PREFIX, Route, get, register
from bot.console.sessions import Clock, DatabaseStorage
from bot.console.set_up import SetUp
from bot.console.sign_in import SignIn
from bot.console.texts import Texts
from bot.console.trail import TrailPage
from bot.settings import ConsoleSettings, HandoffSettings, Settings
from bot.store.database import Sessions
from bot.store.staff import Staff
from bot.store.staff_sessions import Attempts, StaffSessions
from bot.store.trail import Trail
from knowledge.base import KnowledgeBase


class Section(Protocol):
    """A page, or some that belong together."""

    def routes(self) -> Iterable[Route]:
        """Its routes; those with `nav` stand in the navigation, in the order of the sections."""


def console_app(
    settings: Settings,
    console: ConsoleSettings,
    handoff: HandoffSettings,
    base: KnowledgeBase,
    sessions: Sessions,
    clock: Clock = lambda: datetime.now(UTC),
) -> web.Application:
    """The application; whoever mounts it has brought the database's tables up to date."""
    staff = Staff(sessions)
    storage = DatabaseStorage(StaffSessions(sessions), console, clock)
    app = web.Application(
        middlewares=[with_headers, session_middleware(storage), problem_pages, Guard(staff, console).admit]
    )
    built = Built(rendering.BUILT)
    rendering.set_up(app, Texts(), built)
    sections = [
        *_sections(settings, console, handoff, base, sessions, clock),
        *_way_in(settings, console, sessions, storage, clock),
    ]
    register(app, [*(route for section in sections for route in section.routes()), _assets(built)])
    return app


def mount(public: web.Application, console: web.Application) -> None:
    """Puts the staff's pages on the public port."""

    async def add_slash(_: web.Request) -> web.Response:
        return web.Response(status=308, headers={"Location": f"{PREFIX}/"})

    public.router.add_get(PREFIX, add_slash)
    public.add_subapp(f"{PREFIX}/", console)


def _sections(
    settings: Settings,
    console: ConsoleSettings,
    handoff: HandoffSettings,
    base: KnowledgeBase,
    sessions: Sessions,
    clock: Clock,
) -> list[Section]:
    """The pages for those who are signed in, in the order of the navigation."""
    return [
        Home(settings, handoff, console, base),
        Accounts(console, Staff(sessions), clock),
        TrailPage(Trail(sessions)),
    ]


def _way_in(
    settings: Settings, console: ConsoleSettings, sessions: Sessions, storage: DatabaseStorage, clock: Clock
) -> list[Section]:
    """The pages on the way in and out."""
    staff, trail = Staff(sessions), Trail(sessions)
    throttle, passwords, entry = Throttle(Attempts(sessions)), Passwords(), Entry(staff, storage, clock)
    return [
        SignIn(settings, console, staff, trail, throttle, passwords, entry, clock),
        SetUp(staff, throttle, passwords, entry, clock),
    ]


def _assets(built: Built) -> Route:
    async def asset(request: web.Request) -> web.Response:
        """A built file."""
        response = built.response(request.match_info["file"])
        if response is None:
            raise web.HTTPNotFound
        return response

    return get("/assets/{file}", asset, Access.ANYONE, name="asset")
