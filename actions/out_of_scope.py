"""Says what the assistant can help with, when asked about something else."""

from __future__ import annotations

from actions.turn import Reply, Said, Understood
from bot.conversation.compose import Composer

NOT_UNDERSTOOD = {"nonsense"}


class OutOfScope(Reply):
    """One line, with a pointer for topics near to ours."""

    NAME = "action_out_of_scope"

    def compose(self, understood: Understood, composer: Composer) -> Said:
        """By the topic that ranks first."""
        topic = understood.topic("out_of_scope")
        return Said.one(composer.out_of_scope(topic), failed=topic in NOT_UNDERSTOOD)
