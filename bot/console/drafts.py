"""The pages of drafts: a focal point offers an answer, an editor makes an entry of what is offered in six languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from aiohttp import web
from pydantic import ValidationError

from bot.cases.dossier import Dossiers
from bot.console.invalid import said_of
from bot.console.permissions import Permission
from bot.console.rendering import render, texts_of
from bot.console.routing import Route, get, number_of, post, see_other
from bot.console.sessions import Clock, flash
from bot.console.viewer import viewer
from bot.publishing.changes import EntryProposed, UnknownChange
from bot.publishing.desk import Publishing
from bot.publishing.drafts import Draft, Drafts, free_fact
from bot.store.case_tables import MailKind
from bot.store.cases import UnknownCase
from knowledge.records import Kind, Language, Use

ACCEPT = "accept"
"""What the button says that stages the entry; the other one keeps the draft."""


class DraftPages:
    """Offering, the form, and what comes of it."""

    def __init__(self, publishing: Publishing, drafts: Drafts, dossiers: Dossiers, clock: Clock) -> None:
        self._publishing, self._drafts, self._dossiers, self._clock = publishing, drafts, dossiers, clock

    def routes(self) -> list[Route]:
        """All routes."""
        edit = Permission.CONTENT_EDIT
        return [
            post("/cases/{reference}/offer", self.offer, Permission.CASES_ACT, name="case_offer"),
            get("/drafts/{id}", self.show, edit, name="draft"),
            post("/drafts/{id}", self.save, edit, name="draft"),
            post("/drafts/{id}/refuse", self.refuse, edit, name="draft_refuse"),
        ]

    async def offer(self, request: web.Request) -> web.Response:
        """A case's answer becomes a draft, with the case and the day as its source; nothing of the delegate goes in."""
        t, reference = texts_of(request), request.match_info["reference"]
        try:
            dossier = await self._dossiers.of(reference)
        except UnknownCase:
            raise web.HTTPNotFound from None
        answers = [mail for mail in dossier.mail if mail.kind == MailKind.ANSWER and mail.text]
        if not answers:
            flash(request, t("drafts.no_answer"))
            return see_other(request, "case", reference=dossier.reference)
        last = answers[-1]
        contact = self._publishing.served.base.contacts.get(dossier.case.contact or "")
        fields = {
            "area": dossier.case.area,
            "fact": last.text,
            "source_title": contact.title[Language.EN] if contact else "",
            "source_date": last.received_at.date().isoformat(),
        }
        await self._drafts.offer(viewer(request).id, f"case:{dossier.reference}", fields, self._clock())
        flash(request, t("drafts.offered"))
        return see_other(request, "case", reference=dossier.reference)

    async def show(self, request: web.Request) -> web.Response:
        """The form."""
        draft = await self._draft(request)
        return self._page(request, draft, draft.fields)

    async def save(self, request: web.Request) -> web.Response:
        """Keeps the draft, or stages the entry where it is complete."""
        draft, t = await self._draft(request), texts_of(request)
        sent = {name: str(value) for name, value in (await request.post()).items() if name not in ("csrf", "do")}
        await self._drafts.save(draft.id, sent)
        if (await request.post()).get("do") != ACCEPT:
            flash(request, t("drafts.kept"))
            return see_other(request, "draft", id=str(draft.id))
        try:
            proposed = self._proposed(draft, sent)
        except (ValidationError, ValueError) as error:
            return self._page(request, draft, sent, said_of(error), HTTPStatus.UNPROCESSABLE_ENTITY)
        await self._drafts.accept(draft.id, proposed, viewer(request).name, self._clock())
        flash(request, t("drafts.staged"))
        return see_other(request, "changes")

    async def refuse(self, request: web.Request) -> web.Response:
        """Takes it off the list."""
        draft = await self._draft(request)
        await self._publishing.changes.withdraw(draft.id, viewer(request).id, self._clock())
        return see_other(request, "changes")

    def _proposed(self, draft: Draft, sent: Mapping[str, str]) -> EntryProposed:
        """The entry that a form makes.

        Raises:
            ValidationError: something is missing or too long.
            ValueError: there is such an entry, or no such area.
        """
        base = self._publishing.served.base
        if sent.get("entry", "") in base.entries:
            raise ValueError(f"there is an entry {sent['entry']} already")
        fact, source = free_fact(base, sent.get("area", "")), draft.because.replace(":", "_").replace("-", "").lower()
        words = {
            language: {
                "title": sent.get(f"title.{language}", ""),
                "answer": " ".join(sent.get(f"answer.{language}", "").split()),
                "questions": [line for line in sent.get(f"questions.{language}", "").splitlines() if line.strip()],
            }
            for language in Language
        }
        written: dict[str, object] = {
            **{name: sent.get(name, "") for name in ("entry", "area")},
            "kinds": [sent.get("kind", "")],
            "source": {
                "id": source,
                "title": sent.get("source_title", ""),
                "url": sent.get("source_url", ""),
                "date": sent.get("source_date") or None,
                "publisher": sent.get("source_publisher", ""),
            },
            "new_facts": [
                {
                    "id": fact,
                    "text": " ".join(sent.get("fact", "").split()),
                    "source": source,
                    "use": sent.get("use", ""),
                }
            ],
            "facts": [fact],
            "confirm": sent.get("confirm") == "yes",
            "words": words,
        }
        return EntryProposed.model_validate(written)

    async def _draft(self, request: web.Request) -> Draft:
        try:
            return await self._drafts.get(number_of(request, "id"))
        except UnknownChange:
            raise web.HTTPNotFound from None

    def _page(
        self,
        request: web.Request,
        draft: Draft,
        shown: Mapping[str, str],
        problems: Sequence[str] = (),
        status: HTTPStatus = HTTPStatus.OK,
    ) -> web.Response:
        base, t = self._publishing.served.base, texts_of(request)
        return render(
            request,
            "draft.html",
            status,
            draft=draft,
            shown=shown,
            problems=problems,
            areas={name: area.title[Language.EN] for name, area in base.areas.items()},
            kind_names=[(kind, t.of("kind", kind)) for kind in Kind],
            use_names=[(use, t.of("use", use)) for use in Use],
            languages=[(language, language.direction) for language in Language],
            accept=ACCEPT,
        )
