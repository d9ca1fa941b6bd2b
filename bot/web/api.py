"""The chat API of conversations, below /api/v1."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

from aiohttp import web

from bot.conversation.choice import UnknownChoice, read, title_of
from bot.conversation.compose import Composer
from bot.conversation.question import LONGEST, QuestionError, clean
from bot.conversation.reply import Part
from bot.settings import Settings
from bot.store.conversations import Conversations, to_reply
from bot.store.tables import ConversationRow, MessageState
from bot.store.tracker_events import TrackerEvents
from bot.web import bodies
from bot.web.limits import Limits
from bot.web.problems import Problem
from bot.web.tokens import authorized, hash_of, new_token
from bot.web.transcript import transcript
from bot.web.turns import Turns
from knowledge.records import Language

LONGEST_QUEUE = 20
"""Messages of one conversation that may wait at once."""
RETRY_AFTER = 3
"""Seconds after which a client may ask again for an answer that was not ready."""


class Api:
    """The calls; each is described in the OpenAPI document."""

    def __init__(
        self,
        settings: Settings,
        conversations: Conversations,
        tracker_events: TrackerEvents,
        turns: Turns,
        composer: Callable[[str | None], Composer],
    ) -> None:
        self._settings = settings
        self._conversations = conversations
        self._tracker_events = tracker_events
        self._turns = turns
        self._composer = composer
        self._limits = Limits(settings)

    def routes(self) -> list[web.RouteDef]:
        """The routes, with their paths below the application's root."""
        base = "/api/v1/conversations"
        one = base + "/{conversation}"
        return [
            web.post(base, self.open),
            web.post(f"{one}/messages", self.say),
            web.get(f"{one}/messages", self.history),
            web.post(f"{one}/feedback", self.feedback),
            web.get(f"{one}/transcript", self.transcript),
            web.delete(one, self.erase),
        ]

    async def open(self, request: web.Request) -> web.Response:
        """Opens a conversation and gives its token, once."""
        await self._limits.opening(request)
        body = await bodies.read(request, bodies.Opening)
        composer = self._composer(body.language)
        token = new_token()
        lifetime = timedelta(days=self._settings.conversation_days)
        row, welcome = await self._conversations.open(hash_of(token), composer.language, lifetime, composer.welcome())
        opened = bodies.Opened(
            id=row.id, token=token, language=Language(row.language), expires_at=row.expires_at, replies=(welcome,)
        )
        return _json(opened, HTTPStatus.CREATED)

    async def say(self, request: web.Request) -> web.Response:
        """Takes a message and gives the answer; what is accepted is never lost."""
        conversation = await self._authorized(request)
        body = await bodies.read(request, bodies.Message)
        await self._limits.message(request, conversation.id)
        if self._turns.waiting_in(conversation.id) >= LONGEST_QUEUE:
            raise Problem(HTTPStatus.TOO_MANY_REQUESTS, "Earlier messages still wait.", retry_after=RETRY_AFTER)
        text, payload = self._question(body, conversation.language)
        row = await self._conversations.accept(conversation.id, body.client_message_id, text, payload)
        self._turns.start(row)
        ended = await self._turns.answered_within(row, self._settings.answer_seconds)
        if ended is None:
            raise Problem(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "The message is kept and will be answered. Send it again with the same client_message_id to get the"
                " answer, or ask for the messages of the conversation.",
                retry_after=RETRY_AFTER,
                state=MessageState.WAITING.value,
            )
        outcome, replies = ended
        return _json(bodies.Turn(outcome=outcome, replies=tuple(replies)))

    async def history(self, request: web.Request) -> web.Response:
        """What was said, oldest first; with `after`, only what came later than that cursor."""
        conversation = await self._authorized(request)
        said = await self._said(conversation)
        after = request.query.get("after")
        if after is not None:
            cursors = [one.cursor for one in said]
            if after not in cursors:
                raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "after: there is no such cursor in this conversation.")
            said = said[cursors.index(after) + 1 :]
        return _json(bodies.History(messages=tuple(said)))

    async def feedback(self, request: web.Request) -> web.Response:
        """Stores what the delegate says of a reply."""
        conversation = await self._authorized(request)
        body = await bodies.read(request, bodies.Feedback)
        known = await self._conversations.give_feedback(conversation.id, body.reply_id, body.helpful, body.comment)
        if not known:
            raise Problem(HTTPStatus.NOT_FOUND, "There is no such reply in this conversation.")
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def transcript(self, request: web.Request) -> web.Response:
        """What was said, as plain text to keep."""
        conversation = await self._authorized(request)
        composer = self._composer(conversation.language)
        text = transcript(await self._said(conversation), composer.phrases)
        headers = {"Content-Disposition": 'attachment; filename="transcript.txt"'}
        return web.Response(text=text, content_type="text/plain", charset="utf-8", headers=headers)

    async def erase(self, request: web.Request) -> web.Response:
        """Erases all that was said, here and in the engine's own record."""
        conversation = await self._authorized(request)
        await self._turns.cancel(conversation.id)
        await self._tracker_events.erase(conversation.id)
        await self._conversations.erase(conversation.id)
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def _authorized(self, request: web.Request) -> ConversationRow:
        return await authorized(request, self._conversations)

    def _question(self, body: bodies.Message, language: str) -> tuple[str, str | None]:
        if body.payload is not None:
            try:
                base = self._composer(None).base
                return title_of(read(body.payload, base), base, Language(language)), body.payload
            except UnknownChoice:
                raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "payload: no button carries it.") from None
        try:
            return clean(body.text or ""), None
        except QuestionError as error:
            why = {"empty": "text: it is empty.", "too_long": f"text: it is longer than {LONGEST} characters."}
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, why[error.reason], reason=error.reason) from None

    async def _said(self, conversation: ConversationRow) -> list[bodies.Said]:
        messages, replies = await self._conversations.history(conversation.id)
        asked = [
            bodies.Said(
                cursor=row.client_message_id,
                role="delegate",
                at=row.created_at,
                text=row.text,
                state="answered" if row.state == MessageState.ANSWERED else "waiting",
            )
            for row in messages
        ]
        answered = [
            bodies.Said(cursor=row.id, role="assistant", at=row.created_at, text=row.body["text"], reply=to_reply(row))
            for row in replies
        ]
        return sorted([*asked, *answered], key=lambda one: one.at)


def _json(part: Part, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    return web.Response(text=part.model_dump_json(), status=status, content_type="application/json")
