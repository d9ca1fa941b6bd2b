"""The overview: the figures of any period beside those of the one before, as plots and tables, and to take away."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

from aiohttp import hdrs, web

from bot.console.exports import to_csv, to_xlsx
from bot.console.naming import Naming
from bot.console.overview_sheets import OverviewSheets
from bot.console.permissions import Permission
from bot.console.rendering import render, texts_of
from bot.console.routing import Route, get
from bot.console.sessions import Clock
from bot.console.sheets import Sheet
from bot.log.filters import Filters, UnreadableFilter
from bot.log.overview import Figuring, Period

MOST_DAYS = 1100
"""Of a period: three years."""
SPANS = (7, 30, 90, 365)
"""Days of the periods that are one click away."""
ALL = "all"
"""In place of a table's name: all of them, which only a workbook can hold."""
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class OverviewPages:
    """The page, and its tables as files."""

    def __init__(self, figuring: Figuring, naming: Naming, clock: Clock) -> None:
        self._figuring, self._naming, self._clock = figuring, naming, clock

    def routes(self) -> list[Route]:
        """All routes."""
        read = Permission.RECORD_READ
        return [
            get("/overview", self.show, read, name="overview", nav="nav.overview"),
            get("/overview/{table}.csv", self.csv, read, name="overview_csv"),
            get("/overview/{table}.xlsx", self.xlsx, read, name="overview_xlsx"),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """The page."""
        today = self._clock().date()
        try:
            period = self._period(request)
        except UnreadableFilter as error:
            return render(
                request,
                "overview.html",
                HTTPStatus.UNPROCESSABLE_ENTITY,
                unreadable=error.name,
                asked={name: request.query.get(name, "") for name in ("since", "until")},
                sheets=[],
                spans={},
                most=MOST_DAYS,
                period=None,
                query={},
            )
        return render(
            request,
            "overview.html",
            unreadable="",
            asked={"since": str(period.since), "until": str(period.until)},
            sheets=await self._sheets(request, period),
            spans={days: {"since": str(today - timedelta(days=days - 1)), "until": str(today)} for days in SPANS},
            most=MOST_DAYS,
            period=period,
            query=_query(period),
        )

    async def csv(self, request: web.Request) -> web.Response:
        """One table as CSV."""
        (sheet,) = await self._wanted(request)
        return _file(f"{sheet.name}.csv", "text/csv", to_csv(sheet))

    async def xlsx(self, request: web.Request) -> web.Response:
        """One table as XLSX, or all."""
        name = request.match_info["table"]
        sheets = (
            await self._sheets(request, self._named_period(request)) if name == ALL else await self._wanted(request)
        )
        return _file(f"{name}.xlsx", _XLSX, to_xlsx(sheets))

    async def _wanted(self, request: web.Request) -> list[Sheet]:
        sheets = await self._sheets(request, self._named_period(request))
        found = [one for one in sheets if one.name == request.match_info["table"]]
        if not found:
            raise web.HTTPNotFound
        return found

    async def _sheets(self, request: web.Request, period: Period) -> list[Sheet]:
        overview = await self._figuring.overview(period, self._clock())
        return OverviewSheets(overview, texts_of(request), self._naming, _query(period)).all()

    def _named_period(self, request: web.Request) -> Period:
        try:
            return self._period(request)
        except UnreadableFilter:
            raise web.HTTPUnprocessableEntity from None

    def _period(self, request: web.Request) -> Period:
        """The period an address asks for.

        Raises:
            UnreadableFilter: it is none, or too long.
        """
        asked = {name: request.query.get(name, "") for name in ("since", "until")}
        period = Period.of(Filters.from_query(asked), self._clock().date())
        if period.days > MOST_DAYS:
            raise UnreadableFilter("since", f"more than {MOST_DAYS} days before the last")
        return period


def _query(period: Period) -> dict[str, str]:
    return {"since": str(period.since), "until": str(period.until)}


def _file(name: str, kind: str, body: bytes) -> web.Response:
    headers = {hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"', hdrs.CONTENT_TYPE: kind}
    return web.Response(body=body, headers=headers)
