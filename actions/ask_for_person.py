"""Names the person to turn to, when the delegate wants one."""

from __future__ import annotations

from actions.turn import Reply, Understood
from bot.conversation.reply import ReplyBody
from knowledge.records import Entry


class AskForPerson(Reply):
    """The contact of the area the conversation is about."""

    NAME = "action_ask_for_person"

    def compose(self, understood: Understood) -> tuple[ReplyBody, Entry | None]:
        """By the area in focus, else the package's."""
        return self.composer.person(understood.area or self.composer.default_area), None
