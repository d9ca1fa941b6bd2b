"""Answers from the entry that was chosen or that ranks first."""

from __future__ import annotations

from actions.turn import Reply, Understood
from bot.conversation.reply import ReplyBody
from knowledge.records import Entry


class Answer(Reply):
    """The entry's answer with its facts, sources and, where it must be confirmed, its contact."""

    NAME = "action_answer"

    def compose(self, understood: Understood) -> tuple[ReplyBody, Entry | None]:
        """From the button's entry, else the first of the intent's area, else asks back."""
        entry = understood.chosen or next((e for e in understood.entries if e.area == understood.intent), None)
        if entry is None:
            starting_points = [self.base.entries[self.base.areas[a].overview] for a in self.base.areas][:3]
            return self.composer.clarify(understood.entries[:3] or starting_points), None
        return self.composer.answer(entry), entry
