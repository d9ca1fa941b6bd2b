"""The pages of cases: questions handed to a person, their letters and mail, and what staff can do about them."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import hdrs, web

from bot.cases.desk import CannotTake
from bot.cases.dossier import Dossier, Dossiers
from bot.cases.replies import Shown, show
from bot.cases.staff_desk import StaffDesk
from bot.console.acts import Act
from bot.console.permissions import Permission
from bot.console.rendering import render, texts_of
from bot.console.routing import Route, get, post, see_other
from bot.console.sessions import Clock, flash
from bot.console.viewer import viewer
from bot.settings import HandoffSettings
from bot.store.case_states import CaseState, NotPermitted
from bot.store.cases import UnknownCase
from bot.store.trail import Trail
from knowledge.base import KnowledgeBase
from knowledge.records import Language

STATES = tuple(state for state in CaseState if state not in (CaseState.DRAFT, CaseState.WITHDRAWN))
"""Those in which a case that was handed in can be."""
MOST = 200
"""Cases on the list."""


class CasePages:
    """The list, a case, its letters and mail, and the actions."""

    def __init__(
        self,
        settings: HandoffSettings,
        dossiers: Dossiers,
        desk: StaffDesk,
        trail: Trail,
        base: KnowledgeBase,
        clock: Clock,
    ) -> None:
        self._settings, self._dossiers, self._desk = settings, dossiers, desk
        self._trail, self._base, self._clock = trail, base, clock

    def routes(self) -> list[Route]:
        """All routes."""
        read, act = Permission.CASES_READ, Permission.CASES_ACT
        return [
            get("/cases", self.list, read, name="cases", nav="nav.cases"),
            get("/cases/{reference}", self.show, read, name="case"),
            get("/cases/{reference}/letters/{id}", self.letter, read, name="case_letter"),
            get("/cases/{reference}/letters/{id}/eml", self.letter_file, read, name="case_letter_file"),
            get("/cases/{reference}/mail/{id}", self.mail, read, name="case_mail"),
            get("/cases/{reference}/mail/{id}/eml", self.mail_file, read, name="case_mail_file"),
            post("/cases/{reference}/address", self.correct_address, act, name="case_address"),
            post("/cases/{reference}/resend", self.resend, act, name="case_resend"),
            post("/cases/{reference}/close", self.close, act, name="case_close"),
        ]

    async def list(self, request: web.Request) -> web.Response:
        """Cases, the newest first; `state`, `overdue` and `undelivered` in the address choose among them."""
        wanted = request.query.get("state", "")
        states = [state for state in STATES if state == wanted] or list(STATES)
        overdue, undelivered = "overdue" in request.query, "undelivered" in request.query
        cases = await self._dossiers.newest(states, MOST, overdue=overdue, undelivered=undelivered)
        return render(
            request,
            "cases.html",
            cases=cases,
            cut=len(cases) == MOST,
            most=MOST,
            states=STATES,
            wanted=wanted,
            only_overdue=overdue,
            only_undelivered=undelivered,
            now=self._clock(),
            contact_named=self._contact,
            area_named=self._area,
        )

    async def show(self, request: web.Request) -> web.Response:
        """One case."""
        return await self._page(request, await self._dossier(request))

    async def letter(self, request: web.Request) -> web.Response:
        """A letter, as text."""
        return await self._text(request, await self._letter(request), "case_letter_file")

    async def letter_file(self, request: web.Request) -> web.Response:
        """A letter, as a file."""
        return await self._file(request, await self._letter(request))

    async def mail(self, request: web.Request) -> web.Response:
        """Mail that came in, as text."""
        return await self._text(request, await self._mail(request), "case_mail_file")

    async def mail_file(self, request: web.Request) -> web.Response:
        """Mail that came in, as a file."""
        return await self._file(request, await self._mail(request))

    async def correct_address(self, request: web.Request) -> web.Response:
        """Gives the delegate another address; the letters that did not reach the old one go there."""
        dossier, t = await self._dossier(request), texts_of(request)
        typed = str((await request.post()).get("address", "")).strip()
        if typed == dossier.case.email:
            return await self._page(request, dossier, typed, t("case.same_address"))
        try:
            count = await self._desk.correct_address(dossier.reference, typed, viewer(request).name)
        except CannotTake:
            return await self._page(request, dossier, typed, t("case.no_address"))
        await self._note(request, Act.CASE_ADDRESS_CORRECTED, dossier.reference, after=str(count))
        flash(request, t("case.address_corrected", count=count))
        return see_other(request, "case", reference=dossier.reference)

    async def resend(self, request: web.Request) -> web.Response:
        """Sends its letters again."""
        reference, t = (await self._dossier(request)).reference, texts_of(request)
        try:
            count = await self._desk.resend(reference, viewer(request).name)
        except NotPermitted:
            flash(request, t("case.not_permitted"))
        else:
            await self._note(request, Act.CASE_RESENT, reference, after=str(count))
            flash(request, t("case.resent", count=count))
        return see_other(request, "case", reference=reference)

    async def close(self, request: web.Request) -> web.Response:
        """Closes it."""
        dossier, t = await self._dossier(request), texts_of(request)
        reference, before = dossier.reference, dossier.case.state
        try:
            await self._desk.close(reference, viewer(request).name)
        except NotPermitted:
            flash(request, t("case.not_permitted"))
        else:
            await self._note(request, Act.CASE_CLOSED, reference, before, CaseState.CLOSED)
            flash(request, t("case.closed", reference=reference))
        return see_other(request, "case", reference=reference)

    async def _page(
        self, request: web.Request, dossier: Dossier, address: str | None = None, problem: str = ""
    ) -> web.Response:
        """A case; with `problem` where the `address` typed for the delegate is none that can be taken."""
        await self._note(request, Act.CASE_SEEN, dossier.reference)
        return render(
            request,
            "case.html",
            HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
            dossier=dossier,
            case=dossier.case,
            may_act=viewer(request).may(Permission.CASES_ACT),
            address=dossier.case.email if address is None else address,
            problem=problem,
            as_files=self._settings.smtp_host is None,
            contact_named=self._contact,
            area_named=self._area,
        )

    def _contact(self, contact: str | None) -> str:
        known = self._base.contacts.get(contact or "")
        return known.name[Language.EN] if known else contact or ""

    def _area(self, area: str) -> str:
        known = self._base.areas.get(area)
        return known.title[Language.EN] if known else area

    async def _dossier(self, request: web.Request) -> Dossier:
        try:
            return await self._dossiers.of(request.match_info["reference"])
        except UnknownCase:
            raise web.HTTPNotFound from None

    async def _letter(self, request: web.Request) -> _Message:
        dossier = await self._dossier(request)
        for letter in dossier.letters:
            if str(letter.id) == request.match_info["id"]:
                kind = texts_of(request).named("letter_kind", letter.kind)
                return _Message(dossier.reference, letter.id, letter.kind, kind, self._dossiers.as_sent(letter))
        raise web.HTTPNotFound

    async def _mail(self, request: web.Request) -> _Message:
        dossier = await self._dossier(request)
        for mail in dossier.mail:
            if str(mail.id) == request.match_info["id"]:
                kind = texts_of(request).named("mail_kind", mail.kind)
                return _Message(dossier.reference, mail.id, mail.kind, kind, mail.raw, mail.text)
        raise web.HTTPNotFound

    async def _text(self, request: web.Request, message: _Message, file: str) -> web.Response:
        await self._note(request, Act.CASE_MAIL_READ, message.reference, after=message.name)
        shown = show(message.raw) if message.raw else Shown((), message.text, ())
        return render(request, "case_message.html", message=message, shown=shown, file=file)

    async def _file(self, request: web.Request, message: _Message) -> web.Response:
        await self._note(request, Act.CASE_DOWNLOADED, message.reference, after=message.name)
        # As text that is saved: no browser may take what a stranger sent for a page of ours.
        named = f'attachment; filename="{message.reference}-{message.name}.eml"'
        headers = {hdrs.CONTENT_DISPOSITION: named, hdrs.CONTENT_TYPE: "text/plain"}
        return web.Response(body=message.raw, headers=headers)

    async def _note(
        self, request: web.Request, act: Act, reference: str, before: str | None = None, after: str | None = None
    ) -> None:
        await self._trail.add(viewer(request).name, act, f"case {reference}", self._clock(), before, after)


@dataclass(frozen=True)
class _Message:
    """A letter or mail of a case."""

    reference: str
    id: int
    kind: str
    kind_in_words: str
    raw: bytes
    text: str = ""
    """What is kept of it where `raw` is not any more."""

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.id}"
