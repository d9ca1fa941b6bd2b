"""The review queue: what deserves eyes first, and one text with what can be decided of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web

from bot.console.naming import Naming
from bot.console.permissions import Permission
from bot.console.rendering import render, texts_of
from bot.console.routing import MOMENT_DIGITS, Route, get, number, number_of, post, see_other
from bot.console.sessions import Clock, flash
from bot.console.viewer import viewer
from bot.log.reasons import Request
from bot.log.record import Record
from bot.log.turns import WholeTurn
from bot.review.choices import Choices, Unfit
from bot.review.decisions import Decisions, Outdated, Reviewer
from bot.review.queue import Item, Line, Queue, QueueFilters
from bot.review.reasons import Reason
from bot.review.sample import DAYS
from bot.review.settling import Choice, State, Verdict
from knowledge.records import Language

SHOW = ("waiting", "disputed", "mine", "decided")
LONGEST_COMMENT = 1000
_NEIGHBOURS = 100
"""Texts among which the next and the one before are looked for."""


@dataclass(frozen=True)
class Candidate:
    """What the engine thought of too, as a choice of one click."""

    choice: Choice
    confidence: float

    @property
    def value(self) -> str:
        """As the form sends it."""
        return f"{self.choice.verdict}:{self.choice.target}"


class ReviewPages:
    """The pages and their actions."""

    def __init__(
        self, queue: Queue, decisions: Decisions, choices: Choices, record: Record, naming: Naming, clock: Clock
    ) -> None:
        self._queue, self._decisions, self._choices = queue, decisions, choices
        self._record, self._naming, self._clock = record, naming, clock

    def routes(self) -> list[Route]:
        """All routes."""
        decide = Permission.REVIEW_DECIDE
        return [
            get("/review", self.list, decide, name="review", nav="nav.review"),
            get("/review/turns/{turn}", self.of_turn, decide, name="review_turn"),
            post("/review/undo", self.undo, decide, name="review_undo"),
            get("/review/{id}", self.show, decide, name="review_item"),
            post("/review/{id}", self.decide, decide, name="review_item"),
        ]

    async def list(self, request: web.Request) -> web.Response:
        """The queue by the filters of the address."""
        filters = QueueFilters.from_query(request.query)
        response = render(
            request,
            "review.html",
            filters=filters,
            query=filters.to_query(page=1),
            page=await self._queue.page(filters, viewer(request).id),
            waiting=await self._queue.waiting(),
            estimate=await self._queue.estimate(self._clock().date()),
            days=DAYS,
            show=SHOW,
            reasons=tuple(Reason),
            verdicts=tuple(Verdict),
            languages=tuple(Language),
            naming=self._naming,
            words=self._words(request),
        )
        response.headers["HX-Push-Url"] = str(request.rel_url.with_query(filters.to_query()))
        return response

    async def of_turn(self, request: web.Request) -> web.Response:
        """Leads to the text of a turn, as from a transcript."""
        item = await self._queue.item_of(number_of(request, "turn", MOMENT_DIGITS))
        if item is None:
            raise web.HTTPNotFound
        return see_other(request, "review_item", {"show": "decided"}, id=str(item))

    async def show(self, request: web.Request) -> web.Response:
        """One text."""
        return await self._page(request, await self._item(request))

    async def decide(self, request: web.Request) -> web.Response:
        """Decides it, and what was ticked with it; leads to the next."""
        item, t, sent = await self._item(request), texts_of(request), await request.post()
        fields = {name: value for name, value in sent.items() if isinstance(value, str)}
        try:
            choice = self._choice(fields)
        except Unfit:
            return await self._page(request, item, problem=t("review.name_it"), status=HTTPStatus.UNPROCESSABLE_ENTITY)
        ticked = dict(_pair(value) for value in sent.getall("with", []) if isinstance(value, str))
        wanted = {**ticked, item.line.id: number(fields.get("turn", ""), MOMENT_DIGITS) or 0}
        comment = fields.get("comment", "").strip()[:LONGEST_COMMENT] or None
        try:
            states = await self._decisions.decide(_reviewer(request), wanted, choice, comment, self._clock())
        except Outdated:
            raise web.HTTPConflict from None
        state = states[item.line.id]
        flash(request, t("review.decided", choice=self._words(request)(choice), state=t.of("review_state", state)))
        return await self._to_next(request)

    async def undo(self, request: web.Request) -> web.Response:
        """Takes back what the viewer decided last, wherever that was."""
        t, undone = texts_of(request), await self._decisions.undo(_reviewer(request), self._clock())
        if not undone:
            flash(request, t("review.nothing_to_undo"))
            return see_other(request, "review", QueueFilters.from_query(request.query).to_query())
        flash(request, t("review.undone", count=len(undone)))
        return see_other(request, "review_item", dict(request.query), id=str(min(undone)))

    async def _to_next(self, request: web.Request) -> web.Response:
        filters = QueueFilters.from_query(request.query)
        if filters.show == "waiting":
            page = await self._queue.page(filters.model_copy(update={"page": 1}), viewer(request).id, size=1)
            if page.lines:
                return see_other(request, "review_item", filters.to_query(page=1), id=str(page.lines[0].id))
        return see_other(request, "review", filters.to_query())

    async def _item(self, request: web.Request) -> Item:
        found = await self._queue.item(number_of(request, "id"), viewer(request).id)
        if found is None:
            raise web.HTTPNotFound
        return found

    async def _page(
        self, request: web.Request, item: Item, problem: str = "", status: HTTPStatus = HTTPStatus.OK
    ) -> web.Response:
        filters, who = QueueFilters.from_query(request.query), viewer(request)
        whole = await self._record.turn(item.line.turn)
        if whole is None:
            raise web.HTTPNotFound
        before, after = await self._beside(item.line.id, filters, who.id)
        searched = request.query.get("q", "")[:200]
        return render(
            request,
            "review_item.html",
            status,
            item=item,
            line=item.line,
            whole=whole,
            candidates=self._candidates(whole),
            topic=next((one.target for one in _asked(whole) if one.verdict is Verdict.OUT_OF_SCOPE), None),
            settles=item.line.state is State.DISPUTED and who.may(Permission.CONTENT_EDIT),
            topics=self._choices.topics,
            searched=searched,
            found=self._choices.search(searched),
            query=filters.to_query(),
            before=before,
            after=after,
            problem=problem,
            longest=LONGEST_COMMENT,
            naming=self._naming,
            words=self._words(request),
        )

    async def _beside(self, item: int, filters: QueueFilters, who: int) -> tuple[Line | None, Line | None]:
        """The texts before and after it, as the filters have them; the first where it is not among them."""
        page = await self._queue.page(filters.model_copy(update={"page": 1}), who, size=_NEIGHBOURS)
        at = next((at for at, line in enumerate(page.lines) if line.id == item), -1)
        return (page.lines[at - 1] if at > 0 else None), (page.lines[at + 1] if at + 1 < len(page.lines) else None)

    def _candidates(self, whole: WholeTurn) -> tuple[Candidate, ...]:
        """What the engine ranked, but for what it answered."""
        answered = Choice(Verdict.ENTRY, whole.turn.entry)
        found: dict[Choice, Candidate] = {}
        for asked, request in zip(_asked(whole), whole.reasons.requests):
            try:
                self._choices.check(asked)
            except Unfit:
                continue
            if asked != answered:
                found.setdefault(asked, Candidate(asked, request.confidence))
        return tuple(found.values())

    def _choice(self, fields: Mapping[str, str]) -> Choice:
        """What a form asks for.

        Raises:
            Unfit: it names nothing that there is.
        """
        verdict, _, target = fields.get("decision", "").partition(":")
        if verdict not in tuple(Verdict):
            raise Unfit(verdict)
        named = {Verdict.UNANSWERED: fields.get("area"), Verdict.OUT_OF_SCOPE: fields.get("topic")}
        choice = Choice(Verdict(verdict), target or named.get(Verdict(verdict)) or None)
        self._choices.check(choice)
        return choice

    def _words(self, request: web.Request) -> _Words:
        return _Words(request, self._naming)


class _Words:
    """Choices in words."""

    def __init__(self, request: web.Request, naming: Naming) -> None:
        self._texts, self._naming = texts_of(request), naming

    def __call__(self, choice: Choice) -> str:
        verdict = self._texts.of("verdict", choice.verdict)
        return f"{verdict}: {self.target(choice)}" if choice.target else verdict

    def target(self, choice: Choice) -> str:
        """What it names."""
        named = choice.target or ""
        if choice.verdict is Verdict.ENTRY:
            return self._naming.entry(named)
        return self._naming.area(named) if choice.verdict is Verdict.UNANSWERED else self.topic(named)

    def topic(self, topic: str) -> str:
        """A topic's name."""
        return topic.replace("_", " ")


def _asked(whole: WholeTurn) -> list[Choice]:
    """What each ranked request would be as a decision, in their order; it may be one that cannot be made."""
    return [_as_choice(request) for request in whole.reasons.requests]


def _as_choice(request: Request) -> Choice:
    intent, _, what = request.name.partition("/")
    if intent == "out_of_scope":
        return Choice(Verdict.OUT_OF_SCOPE, what)
    if what.startswith("other_"):
        return Choice(Verdict.UNANSWERED, what.removeprefix("other_"))
    return Choice(Verdict.ENTRY, what)


def _reviewer(request: web.Request) -> Reviewer:
    who = viewer(request)
    return Reviewer(who.id, who.name, settles=who.may(Permission.CONTENT_EDIT))


def _pair(text: str) -> tuple[int, int]:
    item, _, turn = text.partition(":")
    return number(item) or 0, number(turn, MOMENT_DIGITS) or 0
