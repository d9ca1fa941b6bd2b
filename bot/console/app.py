"""The application of the staff's pages, put together. A new page is one more in `_sections`."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, field
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
from bot.console.changes import ChangePages
from bot.console.comparing import ComparePages
from bot.console.content import ContentPages
from bot.console.conversation import ConversationPages
from bot.console.drafts import DraftPages
from bot.console.entry import Entry
from bot.console.guard import Guard
from bot.console.home import Home
from bot.console.mail import MailPages
from bot.console.naming import Naming
from bot.console.overview import OverviewPages
from bot.console.passwords import Passwords
from bot.console.permissions import Access
from bot.console.privacy import PrivacyPages
from bot.console.problems import problem_pages, with_headers
from bot.console.record import RecordPages
from bot.console.review import ReviewPages
from bot.console.review_staging import ReviewStaging
from bot.console.routing import PREFIX, Route, get, register
from bot.console.sessions import Clock, DatabaseStorage
from bot.console.set_up import SetUp
from bot.console.sign_in import SignIn
from bot.console.texts import Texts
from bot.console.trail import TrailPage
from bot.console.versions import VersionPages
from bot.log.masking.mask import Masking
from bot.log.overview import Figuring
from bot.log.record import Mask, Record
from bot.privacy.erasure import Privacy
from bot.privacy.processing import processing
from bot.publishing.desk import Publishing
from bot.publishing.drafts import Drafts
from bot.publishing.served import Served
from bot.review.choices import Choices, read_topics
from bot.review.decisions import Decisions
from bot.review.expected import Expected
from bot.review.queue import Queue
from bot.settings import ConsoleSettings, HandoffSettings, ReviewSettings, Settings
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
    review: ReviewSettings = field(default_factory=ReviewSettings)

    @functools.cached_property
    def publishing(self) -> Publishing:
        """What changes the content and the model."""
        return Publishing.of(self.settings, self.sessions, self.base)


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
    record = Record(one.sessions, _mask(one.publishing.served))
    return [
        Home(one.settings, one.handoff, one.console, one.base, dossiers),
        *_record(one, record),
        _review(one, record),
        CasePages(one.handoff, dossiers, desk, Trail(one.sessions), one.base, one.clock),
        DraftPages(one.publishing, Drafts(one.sessions), dossiers, one.clock),
        MailPages(Inbox(one.sessions), desk, Trail(one.sessions), one.base, one.clock),
        ChangePages(one.publishing, Drafts(one.sessions), one.clock),
        ComparePages(one.publishing, one.clock),
        ContentPages(one.publishing, one.clock),
        VersionPages(one.publishing, one.clock),
        Accounts(one.console, Staff(one.sessions), one.clock),
        TrailPage(Trail(one.sessions)),
        PrivacyPages(
            Privacy(one.settings, one.sessions, one.clock), processing(one.settings, one.handoff, one.console)
        ),
    ]


def _record(one: Installation, record: Record) -> list[Section]:
    served = one.publishing.served
    naming, expected = _naming(served), Expected(one.sessions, lambda: served.base.entries)
    return [
        OverviewPages(Figuring(one.sessions), naming, one.clock),
        RecordPages(record, naming),
        ConversationPages(record, expected, Trail(one.sessions), served, naming, one.clock),
    ]


def _review(one: Installation, record: Record) -> ReviewPages:
    staging = ReviewStaging(one.publishing.changes, Drafts(one.sessions))
    decisions = Decisions(one.sessions, one.review, staging)
    served, choices = one.publishing.served, Choices(one.base, read_topics())
    served.watch(lambda now: choices.take(now.base))
    return ReviewPages(Queue(one.sessions), decisions, choices, record, _naming(served), one.clock)


def _naming(served: Served) -> Naming:
    naming = Naming(served.base)
    served.watch(lambda now: naming.take(now.base))
    return naming


def _mask(served: Served) -> Mask:
    """Made only when something is to be masked: it reads the whole knowledge base."""

    made: Masking | None = None

    def forget(_: Served) -> None:
        nonlocal made
        made = None

    def mask(text: str, known: Iterable[tuple[str, str]] = ()) -> str:
        nonlocal made
        masking = made = made or Masking(served.base)
        return masking(text, known)

    served.watch(forget)
    return mask


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
