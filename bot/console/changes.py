"""The page of staged changes: what they are, what is to be said of each, the diff they make, and what can be done."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web

from bot.console.permissions import Permission
from bot.console.rendering import render, texts_of
from bot.console.routing import Route, get, number_of, post, see_other
from bot.console.sessions import Clock, flash
from bot.console.viewer import viewer
from bot.publishing.changes import (
    AnswerEdited,
    EntryProposed,
    NotStaged,
    OutsideAdded,
    QuestionAdded,
    Staged,
    UnansweredAdded,
    UnknownChange,
)
from bot.publishing.composing import Breaches, compose
from bot.publishing.desk import Publishing
from bot.publishing.difference import FileDiff, difference
from bot.publishing.drafts import Drafts
from bot.publishing.hints import Hint, Hints
from bot.publishing.jobs import Busy
from bot.publishing.versions import Underway
from knowledge.records import Language


@dataclass(frozen=True)
class Line:
    """A change as a line of the list."""

    staged: Staged
    on: str
    """What it is about: an entry, a topic or an area."""
    language: str
    text: str
    hints: Sequence[Hint]

    @classmethod
    def of(cls, staged: Staged, hints: Sequence[Hint]) -> Line:
        """The line of a change."""
        match staged.change:
            case QuestionAdded(entry=on, language=language, text=text):
                return cls(staged, on, language, text, hints)
            case OutsideAdded(topic=on, language=language, text=text):
                return cls(staged, on, language, text, hints)
            case UnansweredAdded(area=on, language=language, text=text):
                return cls(staged, on, language, text, hints)
            case AnswerEdited(entry=on, language=language, title=title, answer=answer):
                return cls(staged, on, language, f"{title}\n{answer}", hints)
            case EntryProposed(entry=on, words=words):
                english = words[Language.EN]
                return cls(staged, on, Language.EN, f"{english.title}\n{english.answer}", hints)


class ChangePages:
    """The list, the diff and the actions."""

    def __init__(self, publishing: Publishing, drafts: Drafts, clock: Clock) -> None:
        self._publishing, self._drafts, self._clock = publishing, drafts, clock
        self._diffs = asyncio.Lock()

    def routes(self) -> list[Route]:
        """All routes."""
        edit, publish = Permission.CONTENT_EDIT, Permission.MODEL_PUBLISH
        return [
            get("/changes", self.show, edit, name="changes", nav="nav.changes"),
            get("/changes/diff", self.diff, edit, name="changes_diff"),
            post("/changes/{id}/withdraw", self.withdraw, edit, name="change_withdraw"),
            post("/changes/train", self.train, publish, name="changes_train"),
            post("/changes/publish", self.publish, publish, name="changes_publish"),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """What is staged."""
        staged = await self._publishing.changes.staged()
        content = await self._publishing.publisher.content_now()
        hints = Hints(self._publishing.served.base, content)
        all_changes = [one.change for one in staged]
        said = await asyncio.to_thread(lambda: [hints.of(one, all_changes) for one in all_changes])
        jobs = await self._publishing.jobs.newest(10)
        return render(
            request,
            "changes.html",
            lines=[Line.of(one, hints) for one, hints in zip(staged, said, strict=True)],
            answers=sum(isinstance(one, AnswerEdited) for one in all_changes),
            jobs=jobs,
            drafts=await self._drafts.all(),
            may_publish=viewer(request).may(Permission.MODEL_PUBLISH),
        )

    async def diff(self, request: web.Request) -> web.Response:
        """What the staged changes do to the files, or why they cannot be made."""
        staged = await self._publishing.changes.staged()
        problems: tuple[str, ...] = ()
        files: list[FileDiff] = []
        async with self._diffs:
            try:
                files = await self._differences(staged)
            except Breaches as breaches:
                problems = breaches.problems
        return render(request, "changes_diff.html", files=files, problems=problems)

    async def _differences(self, staged: Sequence[Staged]) -> list[FileDiff]:
        publisher, versions = self._publishing.publisher, self._publishing.versions
        current = await versions.current()
        in_force = await self._publishing.changes.by_ids(current.changes if current else ())
        changes = [one.change for one in (*in_force, *staged)]
        checkout, now = await publisher.checkout(), await publisher.content_now()
        folder = checkout.with_name("shown")

        def made() -> list[FileDiff]:
            try:
                compose(changes, folder, checkout)
                return difference(now, folder)
            finally:
                shutil.rmtree(folder, ignore_errors=True)

        return await asyncio.to_thread(made)

    async def withdraw(self, request: web.Request) -> web.Response:
        """Takes one back."""
        t = texts_of(request)
        try:
            await self._publishing.changes.withdraw(number_of(request, "id"), viewer(request).id, self._clock())
        except UnknownChange:
            raise web.HTTPNotFound from None
        except NotStaged:
            raise web.HTTPConflict from None
        flash(request, t("changes.withdrawn"))
        return see_other(request, "changes")

    async def train(self, request: web.Request) -> web.Response:
        """Begins to train a candidate with everything that is staged."""
        t, publishing = texts_of(request), self._publishing
        staged = await publishing.changes.staged()
        if not staged:
            flash(request, t("changes.nothing"))
            return see_other(request, "changes")
        current = await publishing.versions.current()
        ids, model = [one.id for one in staged], await publishing.publisher.model_now()
        try:
            row = await publishing.trainings.start(
                ids, model, current.id if current else None, viewer(request).name, self._clock()
            )
        except Busy:
            flash(request, t("changes.busy"))
            return see_other(request, "changes")
        return see_other(request, "compare", job=str(row.id))

    async def publish(self, request: web.Request) -> web.Response:
        """Publishes the staged edits of answers, without training."""
        t, publishing = texts_of(request), self._publishing
        edits = [one.id for one in await publishing.changes.staged() if isinstance(one.change, AnswerEdited)]
        if not edits:
            flash(request, t("changes.nothing"))
            return see_other(request, "changes")
        try:
            await publishing.publisher.publish_answers(edits, viewer(request).name, self._clock())
        except Underway:
            flash(request, t("versions.underway"))
            return see_other(request, "versions")
        except Breaches as breaches:
            status = HTTPStatus.UNPROCESSABLE_ENTITY
            return render(request, "changes_diff.html", status, files=[], problems=breaches.problems)
        flash(request, t("versions.published"))
        return see_other(request, "versions")
