"""Asks which of two or three readings is meant."""

from __future__ import annotations

from actions.turn import Reply, Understood
from bot.conversation.reply import ReplyBody
from knowledge.records import Entry

READINGS = 3


class Clarify(Reply):
    """A short question with a button for each reading."""

    NAME = "action_clarify"

    def compose(self, understood: Understood) -> tuple[ReplyBody, Entry | None]:
        """From the closest entries; where the message names no subject, from the places to begin."""
        named = understood.trace["request"] == "unclear" and len(understood.entries) > 1
        area = understood.area or self.composer.default_area
        beginnings = [self.base.entries[e] for e in (area.overview, area.access, area.contact_entry)]
        return self.composer.clarify(understood.entries[:READINGS] if named else beginnings), None
