"""Asks which of two or three readings is meant."""

from __future__ import annotations

from actions.turn import Reply, Said, Understood
from bot.conversation.compose import Composer

READINGS = 3


class Clarify(Reply):
    """A short question with a button for each reading; never the same twice in a row."""

    NAME = "action_clarify"

    def compose(self, understood: Understood, composer: Composer) -> Said:
        """From the closest entries; where the message names no subject, from the places to begin."""
        named = understood.trace["request"] == "unclear" and len(understood.entries) > 1
        area = understood.area or composer.default_area
        beginnings = [self.base.entries[e] for e in (area.overview, area.access, area.contact_entry)]
        readings = understood.entries[:READINGS] if named else beginnings
        if {reading.id for reading in readings} == set(understood.clarified):
            return Said.one(composer.offer_person(area), failed=True)
        return Said.one(composer.clarify(readings), failed=True)
