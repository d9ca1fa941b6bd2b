"""Answers a greeting, thanks, a goodbye, or a question about the assistant itself."""

from __future__ import annotations

from actions.turn import Reply, Understood
from bot.conversation.reply import ReplyBody
from knowledge.records import Entry


class SmallTalk(Reply):
    """One line."""

    NAME = "action_small_talk"

    def compose(self, understood: Understood) -> tuple[ReplyBody, Entry | None]:
        """By what was said."""
        return self.composer.small_talk(understood.topic("small_talk") or "greet"), None
