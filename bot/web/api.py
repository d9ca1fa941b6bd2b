"""The chat API of conversations, below /api/v1."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from http import HTTPStatus

from aiohttp import web

from bot.conversation.compose import Composer
from bot.conversation.reply import Part
from bot.settings import Settings
from bot.store.conversations import Conversations
from bot.store.tables import ConversationRow, MessageState
from bot.web import bodies
from bot.web.arrivals import Arrivals
from bot.web.limits import Limits
from bot.web.problems import Problem
from bot.web.streams import Streams
from bot.web.talk import RETRY_AFTER, Talk
from bot.web.tokens import authorized
from bot.web.transcript import transcript
from knowledge.records import Language

LONGEST_WAIT = 25
"""Seconds for which a call may wait for something to be said; most proxies cut at 30 or 60."""
LOOK_AGAIN = 5.0
"""Seconds after which a waiting call looks for what another process wrote."""


class Api:
    """The calls; each is described in the OpenAPI document."""

    def __init__(
        self,
        settings: Settings,
        conversations: Conversations,
        talk: Talk,
        limits: Limits,
        streams: Streams,
        arrivals: Arrivals,
        composer: Callable[[str | None], Composer],
    ) -> None:
        self._settings = settings
        self._conversations = conversations
        self._talk = talk
        self._limits = limits
        self._streams = streams
        self._arrivals = arrivals
        self._composer = composer

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
        row, token, welcome = await self._talk.open(body.language)
        opened = bodies.Opened(
            id=row.id, token=token, language=Language(row.language), expires_at=row.expires_at, replies=(welcome,)
        )
        return _json(opened, HTTPStatus.CREATED)

    async def say(self, request: web.Request) -> web.Response:
        """Takes a message and gives the answer; what is accepted is never lost."""
        conversation = await self._authorized(request)
        body = await bodies.read(request, bodies.Message)
        await self._limits.message(request, conversation.id)
        ended = await self._talk.say(conversation, body, self._settings.answer_seconds)
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
        """What was said, oldest first; with `after`, only what came later than that cursor.

        With `wait`, the call is held up to so many seconds until there is something to tell.
        """
        conversation = await self._authorized(request)
        seconds = _seconds(request)
        deadline = time.monotonic() + seconds
        with contextlib.ExitStack() as stack:
            if seconds:
                stack.enter_context(self._streams.held(conversation.id, self._limits.address(request)))
            heard = stack.enter_context(self._arrivals.listening(conversation.id))
            while True:
                heard.clear()
                said = _later(await self._talk.said(conversation), request.query.get("after"))
                left = deadline - time.monotonic()
                if said or left <= 0 or self._arrivals.closing:
                    return _json(bodies.History(messages=tuple(said), case=await self._talk.open_case(conversation)))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(heard.wait(), min(left, LOOK_AGAIN))
                # It may have been erased meanwhile.
                conversation = await self._authorized(request)

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
        text = transcript(await self._talk.said(conversation), composer.phrases)
        headers = {"Content-Disposition": 'attachment; filename="transcript.txt"'}
        return web.Response(text=text, content_type="text/plain", charset="utf-8", headers=headers)

    async def erase(self, request: web.Request) -> web.Response:
        """Erases all that was said, here and in the engine's own record."""
        await self._talk.erase(await self._authorized(request))
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def _authorized(self, request: web.Request) -> ConversationRow:
        try:
            return await authorized(request, self._conversations)
        except Problem as problem:
            if problem.status is HTTPStatus.UNAUTHORIZED:
                await self._limits.refusal(request)
            raise


def _seconds(request: web.Request) -> int:
    wait = request.query.get("wait", "0")
    if not (wait.isascii() and wait.isdigit() and len(wait) < 3 and int(wait) <= LONGEST_WAIT):
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"wait: it must be a number of seconds up to {LONGEST_WAIT}.")
    return int(wait)


def _later(said: list[bodies.Said], after: str | None) -> list[bodies.Said]:
    if after is None:
        return said
    cursors = [one.cursor for one in said]
    if after not in cursors:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "after: there is no such cursor in this conversation.")
    return said[cursors.index(after) + 1 :]


def _json(part: Part, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    return web.Response(text=part.model_dump_json(), status=status, content_type="application/json")
