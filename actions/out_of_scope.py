"""Says what the assistant can help with, when asked about something else."""

from __future__ import annotations

from actions.turn import Reply, Understood
from bot.conversation.reply import ReplyBody
from knowledge.records import Entry


class OutOfScope(Reply):
    """One line, with a pointer for topics near to ours."""

    NAME = "action_out_of_scope"

    def compose(self, understood: Understood) -> tuple[ReplyBody, Entry | None]:
        """By the topic that ranks first."""
        return self.composer.out_of_scope(understood.topic("out_of_scope")), None
