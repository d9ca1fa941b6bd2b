"""The first page: what needs somebody's attention."""

from __future__ import annotations

from aiohttp import web

from bot.cases.dossier import Dossiers
from bot.console.permissions import Access, Permission
from bot.console.rendering import render
from bot.console.routing import Route, get
from bot.console.viewer import viewer
from bot.settings import ConsoleSettings, HandoffSettings, Settings
from knowledge.base import KnowledgeBase


class Home:
    """The first page."""

    def __init__(
        self,
        settings: Settings,
        handoff: HandoffSettings,
        console: ConsoleSettings,
        base: KnowledgeBase,
        dossiers: Dossiers,
    ) -> None:
        self._dossiers = dossiers
        self._of_cases = handoff.missing(base.contacts)
        self._of_console = console.missing(loopback=settings.host.is_loopback)

    def routes(self) -> list[Route]:
        """All routes."""
        return [get("/", self.show, Access.SIGNED_IN, name="home", nav="nav.home")]

    async def show(self, request: web.Request) -> web.Response:
        """The page."""
        who = viewer(request)
        missing = [
            *(self._of_console if who.may(Permission.STAFF_MANAGE) else ()),
            *(self._of_cases if who.may(Permission.CASES_READ) else ()),
        ]
        waiting = await self._dossiers.waiting() if who.may(Permission.CASES_READ) else None
        return render(request, "home.html", missing=missing, waiting=waiting)
