"""The page of the trail, for administrators; its filters are parameters of its address."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from aiohttp import web

from bot.cases.working_days import SEAT
from bot.console.acts import Act
from bot.console.permissions import Permission
from bot.console.rendering import render
from bot.console.routing import Route, get, number
from bot.store.trail import Trail, Wanted

LINES = 100
"""On one page."""


class TrailPage:
    """The page."""

    def __init__(self, trail: Trail) -> None:
        self._trail = trail

    def routes(self) -> list[Route]:
        """All routes."""
        return [get("/trail", self.show, Permission.TRAIL_READ, name="trail", nav="nav.trail")]

    async def show(self, request: web.Request) -> web.Response:
        """The newest lines that fit the filters."""
        asked = {name: request.query.get(name, "").strip() for name in ("who", "act", "object", "since", "until")}
        last = _day(asked["until"])
        wanted = Wanted(
            who=asked["who"],
            act=asked["act"],
            object=asked["object"],
            since=_start(_day(asked["since"])),
            until=_start(last + timedelta(days=1) if last and last < date.max else None),
            below=number(request.query.get("below", "")),
        )
        lines = await self._trail.find(wanted, LINES + 1)
        older = {**asked, "below": str(lines[LINES - 1].id)} if len(lines) > LINES else None
        return render(request, "trail.html", lines=lines[:LINES], asked=asked, acts=list(Act), older=older)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _start(day: date | None) -> datetime | None:
    """When a day begins at the seat."""
    return datetime.combine(day, time.min, SEAT) if day else None
