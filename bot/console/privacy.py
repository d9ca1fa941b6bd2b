"""Export and erasure of what is kept of a conversation or an address, and what is kept of anybody; administrators'."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from http import HTTPStatus

from aiohttp import hdrs, web

from bot.console.permissions import Permission
from bot.console.rendering import render, texts_of
from bot.console.routing import Route, get, post, see_other
from bot.console.sessions import flash
from bot.console.viewer import viewer
from bot.privacy.erasure import Privacy
from bot.privacy.processing import Processing
from bot.privacy.subject import Subject


class PrivacyPages:
    """The page and its two acts."""

    def __init__(self, privacy: Privacy, processing: Sequence[Processing]) -> None:
        self._privacy, self._processing = privacy, processing

    def routes(self) -> list[Route]:
        """All routes."""
        need = Permission.DATA_ERASE
        return [
            get("/privacy", self.show, need, name="privacy", nav="nav.privacy"),
            post("/privacy/export", self.export, need, name="privacy_export"),
            post("/privacy/erase", self.erase, need, name="privacy_erase"),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """What is kept, and the form."""
        return self._page(request)

    async def export(self, request: web.Request) -> web.Response:
        """Everything that is kept, to be downloaded."""
        typed = str((await request.post()).get("subject", ""))
        subject = subject_of(typed)
        if subject is None:
            return self._page(request, typed, texts_of(request)("privacy.no_subject"))
        content = await self._privacy.export(subject, viewer(request).name)
        headers = {hdrs.CONTENT_DISPOSITION: 'attachment; filename="export.json"', hdrs.CACHE_CONTROL: "no-store"}
        text = json.dumps(content, ensure_ascii=False, indent=2)
        return web.Response(text=text, content_type="application/json", charset="utf-8", headers=headers)

    async def erase(self, request: web.Request) -> web.Response:
        """Erases everything."""
        sent, t = await request.post(), texts_of(request)
        typed = str(sent.get("subject", ""))
        subject = subject_of(typed)
        if subject is None:
            return self._page(request, typed, t("privacy.no_subject"))
        if "sure" not in sent:
            return self._page(request, typed, t("privacy.say_sure"))
        outcome = await self._privacy.erase(subject, viewer(request).name)
        if not outcome:
            flash(request, t("privacy.nothing"))
            return see_other(request, "privacy")
        counts = {name: getattr(outcome, name) for name in ("conversations", "cases", "letters", "messages", "lines")}
        told = t("privacy.erased", **counts)
        if outcome.published:
            told = f"{told} {t('privacy.published', changes=', '.join(map(str, outcome.published)))}"
        flash(request, told)
        return see_other(request, "privacy")

    def _page(self, request: web.Request, typed: str = "", problem: str = "") -> web.Response:
        status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
        return render(request, "privacy.html", status, processing=self._processing, typed=typed, problem=problem)


def subject_of(typed: str) -> Subject | None:
    """Whose data are meant; nothing where it is neither a conversation nor an address."""
    text = typed.strip()
    local, _, domain = text.rpartition("@")
    if local and domain and not any(one.isspace() for one in text):
        return Subject(email=text)
    try:
        return Subject(conversation=str(uuid.UUID(text)))
    except ValueError:
        return None
