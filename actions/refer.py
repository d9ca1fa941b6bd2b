"""Refers to the contact, because no fact answers what was asked."""

from __future__ import annotations

from actions.turn import Reply, Said, Understood
from bot.conversation.compose import Composer


class Refer(Reply):
    """Says what the sources do not say, and who can tell."""

    NAME = "action_refer"

    def compose(self, understood: Understood, composer: Composer) -> Said:
        """From the open question that ranks first."""
        gap = next((entry for entry in understood.entries if not entry.answered), None)
        if gap is None:
            return Said.one(composer.refer(understood.area or composer.default_area))
        return Said.one(composer.answer(gap, about=understood.carried), gap)
