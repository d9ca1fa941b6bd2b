"""Refers to the contact, because no fact answers what was asked."""

from __future__ import annotations

from actions.turn import Reply, Said, Understood, unlisted
from bot.conversation.compose import Composer


class Refer(Reply):
    """Says what the sources do not say, and who can tell."""

    NAME = "action_refer"

    def compose(self, understood: Understood, composer: Composer) -> Said:
        """From the open question that ranks first; where the knowledge base does not list it, to its area's contact."""
        area = unlisted(understood.topic("open_question") or "", self.base)
        gap = next((entry for entry in understood.entries if not entry.answered), None)
        if area or gap is None:
            return Said.one(composer.refer(area or understood.area or composer.default_area))
        return Said.one(composer.answer(gap, about=understood.carried), gap)
