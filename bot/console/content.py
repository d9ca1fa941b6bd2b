"""The pages of the content: all entries, and the editor of one, its six languages side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from http import HTTPStatus

from aiohttp import web
from pydantic import ValidationError

from bot.console.invalid import said_of
from bot.console.permissions import Permission
from bot.console.rendering import render, texts_of
from bot.console.routing import Route, get, post, see_other
from bot.console.sessions import Clock, flash
from bot.console.viewer import viewer
from bot.publishing.changes import AnswerEdited
from bot.publishing.composing import Breaches
from bot.publishing.desk import Publishing
from bot.publishing.versions import Underway
from knowledge.base import KnowledgeBase
from knowledge.records import Entry, Language
from knowledge.rules import LONGEST_ANSWER, words_in

PUBLISH = "publish"
"""What the button says that publishes at once; the other one stages."""


class ContentPages:
    """The list and the editor."""

    def __init__(self, publishing: Publishing, clock: Clock) -> None:
        self._publishing, self._clock = publishing, clock

    def routes(self) -> list[Route]:
        """All routes."""
        edit = Permission.CONTENT_EDIT
        return [
            get("/content", self.list, edit, name="content", nav="nav.content"),
            get("/content/{entry}", self.show, edit, name="content_entry"),
            post("/content/{entry}", self.save, edit, name="content_entry"),
        ]

    @property
    def _base(self) -> KnowledgeBase:
        return self._publishing.served.base

    async def list(self, request: web.Request) -> web.Response:
        """The entries; `area` and `q` in the address choose among them."""
        area, query = request.query.get("area", ""), request.query.get("q", "").strip().casefold()
        found = [
            entry
            for entry in self._base.entries.values()
            if area in ("", entry.area) and query in f"{entry.id} {entry.title} {entry.answer}".casefold()
        ]
        today = self._clock().date()
        past = {entry.id for entry in found if entry.valid_until and entry.valid_until < today}
        found.sort(key=lambda entry: entry.id not in past)
        return render(
            request,
            "content.html",
            entries=found,
            past=past,
            areas=self._base.areas,
            area=area,
            query=request.query.get("q", ""),
            english=Language.EN,
        )

    async def show(self, request: web.Request) -> web.Response:
        """The editor."""
        entry = self._entry(request)
        return self._page(request, entry, _as_written(entry))

    async def save(self, request: web.Request) -> web.Response:
        """Stages what was edited, or publishes it at once."""
        entry, sent = self._entry(request), {name: str(value) for name, value in (await request.post()).items()}
        t, unprocessable = texts_of(request), HTTPStatus.UNPROCESSABLE_ENTITY
        try:
            edits = _edits(entry, sent)
        except (ValidationError, ValueError) as error:
            problems = said_of(error)
            return self._page(request, entry, sent, problems, unprocessable)
        if not edits:
            return self._page(request, entry, sent, [t("content.nothing")], unprocessable)
        who, now = viewer(request), self._clock()
        changes = self._publishing.changes
        before = {one.id for one in await changes.staged()}
        ids = [await changes.stage(who.id, edit, now) for edit in edits]
        if sent.get("do") != PUBLISH or not who.may(Permission.MODEL_PUBLISH):
            flash(request, t("content.staged"))
            return see_other(request, "changes")
        try:
            await self._publishing.publisher.publish_answers(ids, who.name, now)
        except (Breaches, Underway) as error:
            for one in ids:
                if one not in before:
                    await changes.withdraw(one, who.id, now)
            problems = list(error.problems) if isinstance(error, Breaches) else [t("versions.underway")]
            return self._page(request, entry, sent, problems, unprocessable)
        flash(request, t("versions.published"))
        return see_other(request, "content_entry", entry=entry.id)

    def _entry(self, request: web.Request) -> Entry:
        entry = self._base.entries.get(request.match_info["entry"])
        if entry is None:
            raise web.HTTPNotFound
        return entry

    def _page(
        self,
        request: web.Request,
        entry: Entry,
        shown: Mapping[str, str],
        problems: Sequence[str] = (),
        status: HTTPStatus = HTTPStatus.OK,
    ) -> web.Response:
        base = self._base
        return render(
            request,
            "content_entry.html",
            status,
            entry=entry,
            shown=shown,
            problems=problems,
            languages=[
                (language, language.direction, words_in(shown.get(f"answer.{language}", ""), language))
                for language in Language
            ],
            longest=LONGEST_ANSWER,
            facts=[(fact, base.facts[fact]) for fact in entry.facts],
            sources=base.sources_of(entry.facts),
            area=base.areas[entry.area].title[Language.EN],
            publish=PUBLISH,
            may_publish=viewer(request).may(Permission.MODEL_PUBLISH),
        )


def _as_written(entry: Entry) -> dict[str, str]:
    """What the form shows at first."""
    shown = {"facts": " ".join(entry.facts), "valid_until": entry.valid_until.isoformat() if entry.valid_until else ""}
    for language in Language:
        written = entry.in_language(language)
        shown |= {f"title.{language}": written.title, f"answer.{language}": written.answer}
    return shown


def _edits(entry: Entry, sent: Mapping[str, str]) -> list[AnswerEdited]:
    """The edits that a form makes. A translation that was ticked renders the new English as it stands.

    Raises:
        ValidationError: a text is missing or too long, or a fact's id is none.
        ValueError: the date is none.
    """
    day = sent.get("valid_until", "").strip()
    facts, until = tuple(sent.get("facts", "").split()), date.fromisoformat(day) if day else None
    edits = []
    english_differs = False
    for language in Language:
        written, is_english = entry.in_language(language), language is Language.EN
        edit = AnswerEdited(
            entry=entry.id,
            language=language,
            title=_one_line(sent.get(f"title.{language}", "")),
            answer=_one_line(sent.get(f"answer.{language}", "")),
            facts=facts if is_english else None,
            valid_until=until if is_english else None,
        )
        differs = (edit.title, edit.answer) != (written.title, written.answer)
        if is_english:
            english_differs = differs
            differs = differs or facts != entry.facts or until != entry.valid_until
        if differs or (english_differs and sent.get(f"stands.{language}") == "yes"):
            edits.append(edit)
    return edits


def _one_line(text: str) -> str:
    return " ".join(text.split(" ")).replace("\r", "").replace("\n", " ").strip()
