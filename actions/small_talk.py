"""Answers a greeting, thanks, a goodbye, or a question about the assistant itself."""

from __future__ import annotations

from actions.turn import Reply, Said, Understood
from bot.conversation.compose import Composer


class SmallTalk(Reply):
    """One line."""

    NAME = "action_small_talk"

    def compose(self, understood: Understood, composer: Composer) -> Said:
        """By what was said."""
        return Said.one(composer.small_talk(understood.topic("small_talk") or "greet"))
