"""The first page: the conversation over the chat API, in the browser."""

from __future__ import annotations

from collections.abc import Callable

import aiohttp_jinja2
from aiohttp import web

from bot.conversation.compose import Composer
from bot.conversation.question import LONGEST


class Page:
    """`/`."""

    def __init__(self, composer: Callable[[str | None], Composer]) -> None:
        self._composer = composer

    async def show(self, request: web.Request) -> web.Response:
        """The page with its sentences; those the script needs stand in a block of JSON."""
        composer = self._composer(None)
        contact = composer.base.contacts[composer.default_area.contact]
        language = composer.language
        named = {"contact": contact.name[language], "contact_title": contact.title[language]}
        sentences = {key: text.format(**named) for key, text in composer.phrases.below("page").items()}
        context = {
            "language": language.value,
            "direction": language.direction,
            "sentences": sentences,
            "longest": LONGEST,
        }
        return aiohttp_jinja2.render_template("page.html", request, context)
