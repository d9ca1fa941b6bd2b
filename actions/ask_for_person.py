"""Names the person to turn to, when the delegate wants one."""

from __future__ import annotations

from actions.turn import Reply, Said, Understood
from bot.conversation.compose import Composer


class AskForPerson(Reply):
    """The contact of the area the conversation is about."""

    NAME = "action_ask_for_person"

    def compose(self, understood: Understood, composer: Composer) -> Said:
        """By the area in focus, else the package's."""
        return Said.one(composer.person(understood.area or composer.default_area))
