"""Answers each of several questions in one message, or names the one that cannot be answered."""

from __future__ import annotations

from actions.turn import Question, Reply, Said, Understood, unlisted
from bot.conversation.compose import Composer
from bot.conversation.reply import ReplyBody
from knowledge.records import Entry


class AnswerEach(Reply):
    """One reply for each question; two short answers go into one."""

    NAME = "action_answer_each"

    def compose(self, understood: Understood, composer: Composer) -> Said:
        """In the order they were asked; the last entry is what the conversation is about."""
        found = [self._reply(question, composer) for question in understood.questions]
        replies = list({reply.text: reply for reply, _ in found}.values())
        entries = [entry for _, entry in found if entry]
        if len(found) == len(entries) == 2 and all(entry.answered for entry in entries):
            both = composer.answer_both(entries[0], entries[1])
            replies = [both] if both else replies
        return Said(tuple(replies), entries[-1] if entries else None, entries=tuple(entries))

    def _reply(self, question: Question, composer: Composer) -> tuple[ReplyBody, Entry | None]:
        intent, name, _ = question.requests[0]
        if entry := self.base.entries.get(name):
            return composer.answer(entry), entry
        if intent == "out_of_scope":
            return composer.out_of_scope(name), None
        if intent == "small_talk":
            return composer.small_talk(name), None
        if intent == "ask_for_person":
            return composer.person(composer.default_area), None
        return composer.refer(unlisted(name, self.base) or composer.default_area), None
