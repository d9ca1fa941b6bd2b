"""Refers to the contact, because no fact answers what was asked."""

from __future__ import annotations

from actions.turn import Reply, Understood
from bot.conversation.reply import ReplyBody
from knowledge.records import Entry


class Refer(Reply):
    """Says what the sources do not say, and who can tell."""

    NAME = "action_refer"

    def compose(self, understood: Understood) -> tuple[ReplyBody, Entry | None]:
        """From the open question that ranks first."""
        gap = next((entry for entry in understood.entries if not entry.answered), None)
        if gap is None:
            return self.composer.refer(understood.area or self.composer.default_area), None
        return self.composer.answer(gap), gap
