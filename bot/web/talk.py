"""What can be done with a conversation, whichever way it is called: the chat API and the form without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

from bot.conversation.choice import UnknownChoice, read, title_of
from bot.conversation.compose import Composer
from bot.conversation.outcome import Outcome
from bot.conversation.question import LONGEST, QuestionError, clean
from bot.conversation.reply import Reply
from bot.settings import Settings
from bot.store.cases import Cases
from bot.store.conversations import Conversations, to_reply
from bot.store.tables import ConversationRow, MessageState
from bot.store.tracker_events import TrackerEvents
from bot.switch import Switch
from bot.web import bodies
from bot.web.arrivals import Arrivals
from bot.web.problems import Problem
from bot.web.tokens import hash_of, new_token
from bot.web.turns import Turns
from knowledge.records import Language

LONGEST_QUEUE = 20
"""Messages of one conversation that may wait at once."""
RETRY_AFTER = 3
"""Seconds after which a client may ask again for an answer that was not ready."""


class Talk:
    """Opens, carries on, shows and erases conversations."""

    def __init__(
        self,
        settings: Settings,
        conversations: Conversations,
        cases: Cases,
        tracker_events: TrackerEvents,
        turns: Turns,
        arrivals: Arrivals,
        composer: Callable[[str | None], Composer],
        switch: Switch,
    ) -> None:
        self._lifetime = timedelta(days=settings.conversation_days)
        self._conversations, self._cases = conversations, cases
        self._tracker_events = tracker_events
        self._turns = turns
        self._arrivals = arrivals
        self._composer = composer
        self._switch = switch

    async def open(self, language: str | None) -> tuple[ConversationRow, str, Reply]:
        """A new conversation, its token, which is given only here, and its welcome, or the notice of being off."""
        composer = self._composer(language)
        token = new_token()
        first = composer.turned_off() if await self._switch.is_off() else composer.welcome()
        row, welcome = await self._conversations.open(hash_of(token), composer.language, self._lifetime, first)
        return row, token, welcome

    async def say(
        self, conversation: ConversationRow, message: bodies.Message, seconds: float
    ) -> tuple[Outcome, list[Reply]] | None:
        """Takes a message and gives its answer, or nothing when that is not ready within `seconds`.

        Raises:
            Problem: 401 erased in the same moment; 422 nothing that can be asked; 429 too many wait already.
        """
        if self._turns.waiting_in(conversation.id) >= LONGEST_QUEUE:
            raise Problem(HTTPStatus.TOO_MANY_REQUESTS, "Earlier messages still wait.", retry_after=RETRY_AFTER)
        text, payload = self._question(message, conversation.language)
        row = await self._conversations.accept(conversation.id, message.client_message_id, text, payload)
        if row is None:
            raise Problem(HTTPStatus.UNAUTHORIZED, "The conversation has been erased.")
        self._arrivals.tell(conversation.id)
        self._turns.start(row)
        return await self._turns.answered_within(row, seconds)

    def _question(self, message: bodies.Message, language: str) -> tuple[str, str | None]:
        if message.payload is not None:
            try:
                base = self._composer(None).base
                return title_of(read(message.payload, base), base, Language(language)), message.payload
            except UnknownChoice:
                raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "payload: no button carries it.") from None
        try:
            return clean(message.text or ""), None
        except QuestionError as error:
            why = {"empty": "text: it is empty.", "too_long": f"text: it is longer than {LONGEST} characters."}
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, why[error.reason], reason=error.reason) from None

    async def said(self, conversation: ConversationRow) -> list[bodies.Said]:
        """Everything said, oldest first."""
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
        questions = {row.id: row.client_message_id for row in messages}
        answered = [
            bodies.Said(
                cursor=row.id,
                role="person" if row.body.get("person") else "assistant",
                at=row.created_at,
                text=row.body["text"],
                reply=to_reply(row),
                in_reply_to=questions.get(row.message_id) if row.message_id else None,
            )
            for row in replies
        ]
        return sorted([*asked, *answered], key=lambda one: one.at)

    async def open_case(self, conversation: ConversationRow) -> bodies.Case | None:
        """The newest case of this conversation that waits for a person's answer."""
        row = await self._cases.open_in(conversation.id)
        if row is None or row.reference is None or row.answer_by is None or row.contact is None:
            return None
        composer = self._composer(conversation.language)
        contact = composer.contact_line(composer.base.contacts[row.contact])
        return bodies.Case.model_validate(
            {"reference": row.reference, "state": row.state, "contact": contact, "answer_by": row.answer_by}
        )

    async def erase(self, conversation: ConversationRow) -> None:
        """Erases all that was said, here and in the engine's own record."""
        await self._turns.cancel(conversation.id)
        await self._tracker_events.erase(conversation.id)
        await self._conversations.erase(conversation.id)
        self._arrivals.tell(conversation.id)
