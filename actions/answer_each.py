"""Answers each of several questions in one message, or names the one that cannot be answered.

Where one part of the message is the wish for a person, the handoff form opens below the answers.
"""

from __future__ import annotations

from rasa_sdk.events import EventType, FollowupAction
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.turn import Question, Reply, Said, Understood, unlisted, without_person
from bot.conversation.compose import Composer
from bot.conversation.reply import ReplyBody
from knowledge.records import Entry

FORM = "handoff_form"
"""The form's name in domain.yml."""


class AnswerEach(Reply):
    """One reply for each question; two short answers go into one."""

    NAME = "action_answer_each"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Dispatches the replies; the form comes next where a person is wished for."""
        events = await super().run(dispatcher, tracker, domain)
        wishes_person = Understood(tracker, self.base).wishes_person
        return [*events, FollowupAction(FORM)] if wishes_person else events

    def compose(self, understood: Understood, composer: Composer) -> Said:
        """In the order they were asked; the last entry is what the conversation is about."""
        asked = [question for question in understood.questions if not question.wishes_person]
        found = [self._reply(question, composer) for question in asked]
        replies = list({reply.text: reply for reply, _ in found}.values())
        entries = [entry for _, entry in found if entry]
        if len(found) == len(entries) == 2 and all(entry.answered for entry in entries):
            both = composer.answer_both(entries[0], entries[1])
            replies = [both] if both else replies
        if understood.wishes_person:
            replies = [without_person(reply) for reply in replies]
        return Said(tuple(replies), entries[-1] if entries else None, entries=tuple(entries))

    def _reply(self, question: Question, composer: Composer) -> tuple[ReplyBody, Entry | None]:
        intent, name, _ = question.requests[0]
        if entry := self.base.entries.get(name):
            return composer.answer(entry), entry
        if intent == "out_of_scope":
            return composer.out_of_scope(name), None
        if intent == "small_talk":
            return composer.small_talk(name), None
        return composer.refer(unlisted(name, self.base) or composer.default_area), None
