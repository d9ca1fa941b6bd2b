"""`/`: a page with the chat window open on it; and `/plain`, the same conversation as a form without JavaScript."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import aiohttp_jinja2
from aiohttp import web
from pydantic import ValidationError

from bot.conversation.compose import Composer
from bot.conversation.direction import isolated
from bot.conversation.source_date import day_in_words
from bot.settings import HandoffSettings, Settings
from bot.store.conversations import Conversations
from bot.store.tables import ConversationRow
from bot.web import bodies
from bot.web.limits import Limits
from bot.web.problems import Problem
from bot.web.spoken import language_of
from bot.web.talk import Talk
from bot.web.tokens import hash_of
from knowledge.records import Language


class Page:
    """The pages a browser shows. The form carries the conversation's token itself: there is no cookie."""

    def __init__(
        self,
        settings: Settings,
        conversations: Conversations,
        talk: Talk,
        limits: Limits,
        composer: Callable[[str | None], Composer],
    ) -> None:
        self._periods = {
            "unmasked_days": settings.unmasked_days,
            "record_days": settings.record_days,
            "case_days": f"{HandoffSettings().case_days:g}",
        }
        self._patience = 2 * settings.answer_seconds
        self._conversations = conversations
        self._talk = talk
        self._limits = limits
        self._composer = composer

    def routes(self) -> list[web.RouteDef]:
        """All routes."""
        return [
            web.get("/", self.show),
            web.get("/plain", self.plain),
            web.post("/plain", self.ask),
            web.get("/notice", self.notice),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """The first page."""
        return self._render("page.html", request, self._composer(language_of(request)))

    async def plain(self, request: web.Request) -> web.Response:
        """The form, empty."""
        return self._render("plain.html", request, self._composer(language_of(request)))

    async def notice(self, request: web.Request) -> web.Response:
        """How what is written is handled, with the periods of this installation."""
        return self._render("notice.html", request, self._composer(language_of(request)))

    async def ask(self, request: web.Request) -> web.Response:
        """What was sent with the form, answered on the page that follows."""
        sent = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        composer = self._composer(language_of(request))
        conversation: ConversationRow | None = None
        token = sent.get("token", "")
        try:
            if token:
                conversation = await self._conversations.by_token(hash_of(token))
                if conversation is None:
                    return self._render("plain.html", request, composer, note="page.gone", typed=sent.get("text", ""))
            if "erase" in sent and conversation:
                await self._talk.erase(conversation)
                return self._render("plain.html", request, composer, note="window.erased")
            if conversation is None:
                await self._limits.opening(request)
                conversation, token, _ = await self._talk.open(composer.language)
            waits = "show" not in sent and not await self._say(request, conversation, sent)
        except Problem as problem:
            note = _note_of(problem)
            return await self._conversed(request, composer, conversation, token, note=note, typed=sent.get("text", ""))
        late = "page.not_now" if waits else None
        return await self._conversed(request, composer, conversation, token, note=late)

    async def _say(self, request: web.Request, conversation: ConversationRow, sent: dict[str, str]) -> bool:
        """Whether it was answered in time."""
        what = {"payload": sent["payload"]} if "payload" in sent else {"text": sent.get("text", "")}
        try:
            message = bodies.Message(client_message_id=sent.get("message", ""), **what)
        except ValidationError:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "The form was changed.") from None
        await self._limits.message(request, conversation.id)
        return await self._talk.say(conversation, message, self._patience) is not None

    async def _conversed(
        self,
        request: web.Request,
        composer: Composer,
        conversation: ConversationRow | None,
        token: str,
        **more: Any,
    ) -> web.Response:
        if conversation is None:
            return self._render("plain.html", request, composer, **more)
        said = await self._talk.said(conversation)
        case = await self._talk.open_case(conversation)
        more["case"] = _told(case, composer) if case else ""
        waits = any(one.state == "waiting" for one in said)
        return self._render("plain.html", request, composer, said=said, token=token, waits=waits, **more)

    def _render(
        self, template: str, request: web.Request, composer: Composer, note: str | None = None, **more: Any
    ) -> web.Response:
        contact = composer.base.contacts[composer.default_area.contact]
        named = {"contact": contact.name[composer.language], "contact_title": contact.title[composer.language]}
        context = {
            "language": composer.language.value,
            "direction": composer.language.direction,
            "window": composer.phrases.below("window"),
            "notice": {
                key: text.format(**named, **self._periods) for key, text in composer.phrases.below("notice").items()
            },
            "page": {key: text.format(**named) for key, text in composer.phrases.below("page").items()},
            "languages": {str(one): self._composer(one).phrases("language.name") for one in Language},
            "note": composer.phrases(note) if note else "",
            "message": str(uuid.uuid4()),
            **more,
        }
        response = aiohttp_jinja2.render_template(template, request, context)
        response.headers["Cache-Control"] = "no-store"
        return response


def _told(case: bodies.Case, composer: Composer) -> str:
    contact = composer.base.contacts[case.contact.id].name[composer.language]
    day = day_in_words(case.answer_by, composer.language)
    return isolated(composer.phrases("window.case", reference=case.reference, contact=contact, date=day))


def _note_of(problem: Problem) -> str:
    if problem.status is HTTPStatus.TOO_MANY_REQUESTS:
        return "window.too_many"
    return "window.too_long" if problem.members.get("reason") == "too_long" else "window.not_taken"
