"""The pages of mail that was set aside: read, made the answer of a case, or refused."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web

from bot.cases.aside import Aside, newest_aside
from bot.cases.reference import read_reference
from bot.cases.staff_desk import StaffDesk
from bot.console.acts import Act
from bot.console.permissions import Permission
from bot.console.rendering import render, texts_of
from bot.console.routing import Route, get, number, number_of, post, see_other
from bot.console.sessions import Clock, flash
from bot.console.viewer import viewer
from bot.store.case_states import NotPermitted
from bot.store.case_tables import CaseRow
from bot.store.cases import UnknownCase
from bot.store.inbox import Inbox, NotAside, Unfit, UnknownMail
from bot.store.trail import Trail
from knowledge.base import KnowledgeBase
from knowledge.records import Language

MESSAGES = 20
"""On one page: each is shown with its text."""


@dataclass(frozen=True)
class _Problem:
    """Why a message cannot become an answer, in words, and whether another reference would help."""

    text: str
    status: HTTPStatus
    of_reference: bool = False


class MailPages:
    """The list, and what staff can do with a message."""

    def __init__(self, inbox: Inbox, desk: StaffDesk, trail: Trail, base: KnowledgeBase, clock: Clock) -> None:
        self._inbox, self._desk, self._trail = inbox, desk, trail
        self._base, self._clock = base, clock

    def routes(self) -> list[Route]:
        """All routes."""
        read, act = Permission.CASES_READ, Permission.CASES_ACT
        return [
            get("/mail", self.list, read, name="mail", nav="nav.mail"),
            get("/mail/{id}/accept", self.confirm, act, name="mail_accept"),
            post("/mail/{id}/accept", self.accept, act),
            post("/mail/{id}/refuse", self.refuse, act, name="mail_refuse"),
        ]

    async def list(self, request: web.Request) -> web.Response:
        """What waits for somebody to decide; with `refused` in the address, what staff refused."""
        refused, below = "refused" in request.query, number(request.query.get("below", ""))
        found = await newest_aside(self._inbox, MESSAGES + 1, refused=refused, below=below)
        shown = found[:MESSAGES]
        if shown:
            numbers = ", ".join(str(one.mail.id) for one in shown)
            await self._note(request, Act.MAIL_SEEN, "mail set aside", after=f"messages {numbers}")
        older = None
        if len(found) > MESSAGES:
            older = {"below": str(shown[-1].mail.id), **({"refused": "1"} if refused else {})}
        return render(
            request,
            "mail.html",
            messages=shown,
            refused=refused,
            older=older,
            may_act=viewer(request).may(Permission.CASES_ACT),
        )

    async def confirm(self, request: web.Request) -> web.Response:
        """A message beside the case whose answer it would be, before it goes to the delegate."""
        aside = await self._aside(request)
        typed = request.query.get("case", "").strip() or aside.reference or ""
        return await self._page(request, aside, typed, await self._tried(request, aside, typed))

    async def accept(self, request: web.Request) -> web.Response:
        """Makes it the answer of the case named."""
        aside, t = await self._aside(request), texts_of(request)
        typed = str((await request.post()).get("case", "")).strip()
        found = await self._tried(request, aside, typed)
        if isinstance(found, CaseRow):
            try:
                reference = await self._desk.accept(aside.mail.id, found.reference, viewer(request).name)
            except (NotAside, NotPermitted, UnknownCase) as error:
                # Somebody else was faster since it was tried.
                found = _problem(request, error)
            else:
                before = f"case {aside.reference}" if aside.reference not in (None, reference) else None
                await self._note(request, Act.MAIL_ACCEPTED, f"case {reference}", before, f"message {aside.mail.id}")
                flash(request, t("mail.accepted", reference=reference))
                return see_other(request, "case", reference=reference)
        return await self._page(request, aside, typed, found)

    async def refuse(self, request: web.Request) -> web.Response:
        """Takes it off the list; then back to the page it was sent from."""
        aside, t = await self._aside(request), texts_of(request)
        try:
            await self._desk.refuse(aside.mail.id, viewer(request).name)
        except NotAside as error:
            flash(request, t.of("not_aside", error.why))
        else:
            on = f"case {aside.reference}" if aside.reference else "mail set aside"
            await self._note(request, Act.MAIL_REFUSED, on, after=f"message {aside.mail.id}")
            flash(request, t("mail.refused", number=aside.mail.id))
        if aside.reference and (await request.post()).get("back") == "case":
            return see_other(request, "case", reference=aside.reference)
        return see_other(request, "mail")

    async def _aside(self, request: web.Request) -> Aside:
        try:
            mail, reference = await self._inbox.with_reference(number_of(request, "id"))
        except UnknownMail:
            raise web.HTTPNotFound from None
        return Aside(mail, reference, (await self._inbox.file_names([mail.id])).get(mail.id, ()))

    async def _tried(self, request: web.Request, aside: Aside, typed: str) -> CaseRow | _Problem:
        """The case whose answer it would be, or why there is none."""
        reference = read_reference(typed)
        if typed and reference is None:
            text = texts_of(request)("mail.no_reference", typed=typed[:40])
            return _Problem(text, HTTPStatus.UNPROCESSABLE_ENTITY, of_reference=True)
        try:
            _, _, case = await self._desk.answerable(aside.mail.id, reference)
        except (NotAside, NotPermitted, UnknownCase) as error:
            return _problem(request, error)
        return case

    async def _page(self, request: web.Request, aside: Aside, typed: str, found: CaseRow | _Problem) -> web.Response:
        case, problem = (found, None) if isinstance(found, CaseRow) else (None, found)
        await self._note(request, Act.MAIL_SEEN, "mail set aside", after=f"messages {aside.mail.id}")
        contact = None
        if case is not None:
            await self._note(request, Act.CASE_SEEN, f"case {case.reference}")
            contact = self._base.contacts[case.contact or ""].name[Language.EN]
        return render(
            request,
            "mail_accept.html",
            problem.status if problem else HTTPStatus.OK,
            one=aside,
            typed=typed,
            case=case,
            contact=contact,
            problem=problem,
        )

    async def _note(
        self, request: web.Request, act: Act, on: str, before: str | None = None, after: str | None = None
    ) -> None:
        await self._trail.add(viewer(request).name, act, on, self._clock(), before, after)


def _problem(request: web.Request, error: NotAside | NotPermitted | UnknownCase) -> _Problem:
    t = texts_of(request)
    match error:
        case NotAside():
            of_reference = error.why is Unfit.NO_CASE
            status = HTTPStatus.UNPROCESSABLE_ENTITY if of_reference else HTTPStatus.CONFLICT
            return _Problem(t.of("not_aside", error.why), status, of_reference)
        case UnknownCase():
            text = t("mail.no_case", reference=error)
            return _Problem(text, HTTPStatus.UNPROCESSABLE_ENTITY, of_reference=True)
        case _:
            return _Problem(t("mail.not_permitted"), HTTPStatus.CONFLICT, of_reference=True)
