"""The application of the staff's pages, put together. A new page is one more in `_sections`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from aiohttp import web
from aiohttp_session import session_middleware

from bot.built import Built
from bot.cases.courier import Courier
from bot.cases.desk import message_id_domain
from bot.cases.dossier import Dossiers
from bot.cases.letters import Letters
from bot.cases.staff_desk import StaffDesk
from bot.console import rendering
from bot.console.accounts import Accounts
from bot.console.attempts import Throttle
from bot.console.cases import CasePages
from bot.console.entry import Entry
from bot.console.guard import Guard
from bot.console.home import Home
from bot.console.mail import MailPages
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
from bot.store.inbox import Inbox
from bot.store.outbox import Outbox
from bot.store.staff import Staff
from bot.store.staff_sessions import Attempts, StaffSessions
from bot.store.trail import Trail
from knowledge.base import KnowledgeBase


@dataclass(frozen=True)
class Installation:
    """What stands behind the pages."""

    settings: Settings
    console: ConsoleSettings
    handoff: HandoffSettings
    base: KnowledgeBase
    sessions: Sessions
    """Of the database."""
    clock: Clock = lambda: datetime.now(UTC)


class Section(Protocol):
    """A page, or some that belong together."""

    def routes(self) -> Iterable[Route]:
        """Its routes; those with `nav` stand in the navigation, in the order of the sections."""


def console_app(installation: Installation) -> web.Application:
    """The application; whoever mounts it has brought the database's tables up to date."""
    one = installation
    staff = Staff(one.sessions)
    storage = DatabaseStorage(StaffSessions(one.sessions), one.console, one.clock)
    app = web.Application(
        middlewares=[with_headers, session_middleware(storage), problem_pages, Guard(staff, one.console).admit]
    )
    built = Built(rendering.BUILT)
    rendering.set_up(app, Texts(), built)
    sections = [*_sections(one), *_way_in(one, storage)]
    register(app, [*(route for section in sections for route in section.routes()), _assets(built)])
    return app


def mount(public: web.Application, console: web.Application) -> None:
    """Puts the staff's pages on the public port."""

    async def add_slash(_: web.Request) -> web.Response:
        return web.Response(status=308, headers={"Location": f"{PREFIX}/"})

    public.router.add_get(PREFIX, add_slash)
    public.add_subapp(f"{PREFIX}/", console)


def _sections(one: Installation) -> list[Section]:
    """The pages for those who are signed in, in the order of the navigation."""
    desk, dossiers = StaffDesk(one.handoff, one.sessions, one.base, one.clock), _dossiers(one)
    return [
        Home(one.settings, one.handoff, one.console, one.base, dossiers),
        CasePages(one.handoff, dossiers, desk, Trail(one.sessions), one.base, one.clock),
        MailPages(Inbox(one.sessions), desk, Trail(one.sessions), one.base, one.clock),
        Accounts(one.console, Staff(one.sessions), one.clock),
        TrailPage(Trail(one.sessions)),
    ]


def _dossiers(one: Installation) -> Dossiers:
    letters = Letters(one.base, message_id_domain(one.handoff))
    folder, outbox = one.settings.data / "outbox", Outbox(one.sessions)
    courier = Courier(one.handoff, folder, outbox, one.base, letters, one.clock)
    return Dossiers(one.sessions, courier, letters, one.clock)


def _way_in(one: Installation, storage: DatabaseStorage) -> list[Section]:
    """The pages on the way in and out."""
    staff, trail = Staff(one.sessions), Trail(one.sessions)
    throttle, passwords, entry = Throttle(Attempts(one.sessions)), Passwords(), Entry(staff, storage, one.clock)
    return [
        SignIn(one.settings, one.console, staff, trail, throttle, passwords, entry, one.clock),
        SetUp(staff, throttle, passwords, entry, one.clock),
    ]


def _assets(built: Built) -> Route:
    async def asset(request: web.Request) -> web.Response:
        """A built file."""
        response = built.response(request.match_info["file"])
        if response is None:
            raise web.HTTPNotFound
        return response

    return get("/assets/{file}", asset, Access.ANYONE, name="asset")
