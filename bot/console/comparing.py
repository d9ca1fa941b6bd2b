"""The page of a training: how far it is, how old and new model compare, and publishing the new one."""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web

from bot.console.permissions import Permission
from bot.console.rendering import render, texts_of
from bot.console.routing import Route, get, number_of, post, see_other
from bot.console.sessions import Clock, flash
from bot.console.viewer import viewer
from bot.publishing.comparison import Comparison
from bot.publishing.composing import Breaches
from bot.publishing.desk import Publishing
from bot.publishing.jobs import STEPS, NotComplete, UnknownJob
from bot.publishing.publisher import Stale
from bot.publishing.versions import Underway
from bot.store.publishing_tables import JobRow, JobState


class ComparePages:
    """The page and its actions."""

    def __init__(self, publishing: Publishing, clock: Clock) -> None:
        self._publishing, self._clock = publishing, clock

    def routes(self) -> list[Route]:
        """All routes."""
        edit, publish = Permission.CONTENT_EDIT, Permission.MODEL_PUBLISH
        return [
            get("/compare/{job}", self.show, edit, name="compare"),
            post("/compare/{job}/cancel", self.cancel, publish, name="compare_cancel"),
            post("/compare/{job}/publish", self.publish, publish, name="compare_publish"),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """The page; while the training runs it asks for itself again and again."""
        return await self._page(request, await self._job(request))

    async def cancel(self, request: web.Request) -> web.Response:
        """Ends the training."""
        job = await self._job(request)
        await self._publishing.trainings.cancel(job.id, self._clock())
        return see_other(request, "compare", job=str(job.id))

    async def publish(self, request: web.Request) -> web.Response:
        """Publishes the candidate; where a development question got worse only with the tick that says so."""
        job, t = await self._job(request), texts_of(request)
        result = Comparison.model_validate(job.result) if job.result else None
        if result is None or job.state != JobState.DONE:
            raise web.HTTPConflict
        if result.worse_in_development and (await request.post()).get("confirmed") != "yes":
            problem = t("compare.confirm_needed")
            return await self._page(request, job, problem, HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            await self._publishing.publisher.publish_job(job.id, viewer(request).name, self._clock())
        except NotComplete:
            raise web.HTTPConflict from None
        except Stale:
            return await self._page(request, job, t("compare.stale"), HTTPStatus.CONFLICT)
        except Underway:
            return await self._page(request, job, t("versions.underway"), HTTPStatus.CONFLICT)
        except Breaches as breaches:
            return await self._page(request, job, str(breaches), HTTPStatus.UNPROCESSABLE_ENTITY)
        flash(request, t("versions.begun"))
        return see_other(request, "versions")

    async def _page(
        self, request: web.Request, job: JobRow, problem: str = "", status: HTTPStatus = HTTPStatus.OK
    ) -> web.Response:
        changes = await self._publishing.changes.by_ids(job.changes)
        return render(
            request,
            "compare.html",
            status,
            job=job,
            steps=STEPS,
            result=Comparison.model_validate(job.result) if job.result else None,
            changes=changes,
            problem=problem,
            now=self._clock(),
            may_publish=viewer(request).may(Permission.MODEL_PUBLISH),
        )

    async def _job(self, request: web.Request) -> JobRow:
        try:
            return await self._publishing.jobs.get(number_of(request, "job"))
        except UnknownJob:
            raise web.HTTPNotFound from None
