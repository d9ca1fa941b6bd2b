"""The page of versions: what was published when and by whom, going back, undoing answers, and the export."""

from __future__ import annotations

import asyncio

from aiohttp import hdrs, web

from bot.console.permissions import Permission
from bot.console.rendering import render, texts_of
from bot.console.routing import Route, get, number_of, post, see_other
from bot.console.sessions import Clock, flash
from bot.console.viewer import viewer
from bot.publishing.composing import Breaches
from bot.publishing.desk import Publishing
from bot.publishing.export import packed
from bot.publishing.publisher import NothingBefore, Stale
from bot.publishing.versions import Underway, UnknownVersion
from bot.store.publishing_tables import VersionState


class VersionPages:
    """The page and its actions."""

    def __init__(self, publishing: Publishing, clock: Clock) -> None:
        self._publishing, self._clock = publishing, clock

    def routes(self) -> list[Route]:
        """All routes."""
        edit, publish = Permission.CONTENT_EDIT, Permission.MODEL_PUBLISH
        return [
            get("/versions", self.show, edit, name="versions", nav="nav.versions"),
            get("/versions/export", self.export, edit, name="versions_export"),
            post("/versions/roll-back", self.roll_back, publish, name="versions_roll_back"),
            post("/versions/{id}/undo", self.undo, publish, name="version_undo"),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """All versions, the newest first."""
        versions, publisher = self._publishing.versions, self._publishing.publisher
        rows, current = await versions.newest(), await versions.current()
        before = {row.id: await self._added(row.id) for row in rows}
        return render(
            request,
            "versions.html",
            rows=rows,
            current=current,
            target=await publisher.target_of(current) if current else None,
            underway=any(row.state == VersionState.PREPARING for row in rows),
            added=before,
            may_publish=viewer(request).may(Permission.MODEL_PUBLISH),
        )

    async def _added(self, version: int) -> list[int]:
        row = await self._publishing.versions.get(version)
        before = await self._publishing.versions.get(row.before) if row.before is not None else None
        known = set(before.changes if before else ())
        return [one for one in row.changes if one not in known]

    async def export(self, _: web.Request) -> web.Response:
        """What is published, as files for the repository."""
        publisher = self._publishing.publisher
        checkout, content = await publisher.checkout(), await publisher.content_now()
        body = await asyncio.to_thread(packed, checkout, content)
        headers = {
            hdrs.CONTENT_DISPOSITION: 'attachment; filename="published.zip"',
            hdrs.CONTENT_TYPE: "application/zip",
        }
        return web.Response(body=body, headers=headers)

    async def roll_back(self, request: web.Request) -> web.Response:
        """Goes back to the version before."""
        t = texts_of(request)
        try:
            await self._publishing.publisher.roll_back(viewer(request).name, self._clock())
        except NothingBefore:
            flash(request, t("versions.nothing_before"))
        except Underway:
            flash(request, t("versions.underway"))
        else:
            flash(request, t("versions.begun"))
        return see_other(request, "versions")

    async def undo(self, request: web.Request) -> web.Response:
        """Takes the answers back that one version edited."""
        t = texts_of(request)
        try:
            await self._publishing.publisher.undo(number_of(request, "id"), viewer(request).name, self._clock())
        except UnknownVersion:
            raise web.HTTPNotFound from None
        except Stale:
            flash(request, t("versions.not_in_force"))
        except Underway:
            flash(request, t("versions.underway"))
        except Breaches as breaches:
            flash(request, str(breaches))
        else:
            flash(request, t("versions.published"))
        return see_other(request, "versions")
