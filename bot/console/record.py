"""The list of what was asked, with its search; every filter is a parameter of the page's address."""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web

from bot.console.naming import Naming
from bot.console.permissions import Permission
from bot.console.rendering import render
from bot.console.routing import MOMENT_DIGITS, Route, get, number
from bot.conversation.outcome import Outcome
from bot.log.filters import Filters, UnreadableFilter
from bot.log.record import Record
from bot.log.turns import Count, Page
from knowledge.records import Language

FEEDBACK = ("helpful", "unhelpful", "none")
ALWAYS_SHOWN = frozenset({"text", "since", "until", "language", "outcome"})
"""Filters that stand beside the search; the others are folded away until one of them is set."""


class RecordPages:
    """The page."""

    def __init__(self, record: Record, naming: Naming) -> None:
        self._record, self._naming = record, naming

    def routes(self) -> list[Route]:
        """All routes."""
        return [get("/record", self.list, Permission.RECORD_READ, name="record", nav="nav.record")]

    async def list(self, request: web.Request) -> web.Response:
        """The newest turns that fit the filters."""
        filters, unreadable = Filters(), ""
        page, count = Page((), None, None), Count(0, or_more=False)
        asked = {name: request.query.get(name, "").strip() for name in Filters.model_fields}
        try:
            filters = Filters.from_query(request.query)
        except UnreadableFilter as error:
            unreadable = error.name
        else:
            asked |= filters.to_query()
            before, after = (number(request.query.get(name, ""), MOMENT_DIGITS) for name in ("before", "after"))
            page = await self._record.page(filters, before=before, after=after)
            count = await self._record.count(filters)
        response = render(
            request,
            "record.html",
            # htmx shows no page that says it failed; it is told by the page's text.
            HTTPStatus.UNPROCESSABLE_ENTITY if unreadable and not _by_htmx(request) else HTTPStatus.OK,
            page=page,
            count=count,
            asked=asked,
            query=filters.to_query(),
            more=any(value for name, value in asked.items() if name not in ALWAYS_SHOWN),
            unreadable=unreadable,
            languages=tuple(Language),
            outcomes=tuple(Outcome),
            feedback=FEEDBACK,
            models=await self._record.models(),
            naming=self._naming,
        )
        if not unreadable:
            # The address without the filters that are not set, to be bookmarked.
            response.headers["HX-Push-Url"] = str(request.rel_url.with_query(filters.to_query()))
        return response


def _by_htmx(request: web.Request) -> bool:
    return "HX-Request" in request.headers
