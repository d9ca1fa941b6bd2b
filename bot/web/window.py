"""The chat window: its loader, the page of its frame, its assets and its texts (built by scripts/window)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus

import aiohttp_jinja2
from aiohttp import web

from bot.built import Built, packed
from bot.conversation.compose import Composer
from bot.conversation.question import LONGEST
from bot.settings import ROOT, Settings
from bot.web.problems import Problem
from bot.web.spoken import language_of
from knowledge.records import Language

BUILT = ROOT / "bot/widget/dist"
FOR_TEN_MINUTES = "public, max-age=600"


class Window:
    """`/widget.js` and what stands below `/widget/`."""

    def __init__(self, settings: Settings, composer: Callable[[str | None], Composer]) -> None:
        self._composer = composer
        self._built = Built(BUILT)
        titles = {str(language): composer(language).phrases("window.title") for language in Language}
        labels = json.dumps(titles, ensure_ascii=False, separators=(",", ":"))
        loader = (BUILT / "loader.js").read_text(encoding="utf-8")
        self._loader = loader.replace("LABELS", labels, 1)
        self._policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';"
            f" base-uri 'none'; form-action 'self'; frame-ancestors {settings.frame_ancestors};"
            " require-trusted-types-for 'script'; trusted-types lit-html"
        )

    def routes(self) -> list[web.RouteDef]:
        """All routes."""
        return [
            web.get("/widget.js", self.loader),
            web.get("/widget/frame", self.frame),
            web.get("/widget/texts/{language}", self.texts),
            web.get("/widget/assets/{file}", self.asset),
        ]

    async def loader(self, _: web.Request) -> web.Response:
        """The script that a page includes, which may be anybody's."""
        headers = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
        return packed(self._loader.encode(), "text/javascript", FOR_TEN_MINUTES, headers)

    async def frame(self, request: web.Request) -> web.Response:
        """The page in the frame, with the window's texts in a block of JSON."""
        composer = self._composer(language_of(request))
        settings = {"language": composer.language, "texts": self._texts(composer), "longest": LONGEST}
        context = {
            "language": composer.language.value,
            "direction": composer.language.direction,
            "title": composer.phrases("window.title"),
            "no_script": _no_script(composer),
            "without_script": composer.phrases("page.without_script"),
            "settings": settings,
            "script": self._built.assets["window.ts"],
            "style": self._built.assets["window.css"],
        }
        page = aiohttp_jinja2.render_string("frame.html", request, context)
        # Pages of other origins show it, also those that ask everything they embed for its consent.
        headers = {"Content-Security-Policy": self._policy, "Cross-Origin-Resource-Policy": "cross-origin"}
        return packed(page.encode(), "text/html", "no-cache", headers)

    async def texts(self, request: web.Request) -> web.Response:
        """What the window says of itself in one language."""
        language = request.match_info["language"]
        if language not in set(Language):
            raise Problem(HTTPStatus.NOT_FOUND, "There is nothing here.")
        body = json.dumps(self._texts(self._composer(language)), ensure_ascii=False).encode()
        return packed(body, "application/json", FOR_TEN_MINUTES)

    async def asset(self, request: web.Request) -> web.Response:
        """A built file."""
        response = self._built.response(request.match_info["file"])
        if response is None:
            raise Problem(HTTPStatus.NOT_FOUND, "There is nothing here.")
        return response

    @staticmethod
    def _texts(composer: Composer) -> Mapping[str, str]:
        return {**composer.phrases.below("window"), "language_name": composer.phrases("language.name")}


def _no_script(composer: Composer) -> str:
    contact = composer.base.contacts[composer.default_area.contact]
    named = {"contact": contact.name[composer.language], "contact_title": contact.title[composer.language]}
    return composer.phrases("page.no_script", **named)
