"""Answers from the entry that was chosen or that ranks first, and from a second where that completes it."""

from __future__ import annotations

from actions.turn import Reply, Said, Understood
from bot.conversation.compose import Composer
from knowledge.records import Entry

UNSURE = 0.75
"""Below this confidence the first entry may be only half of what was asked,"""
SECOND = 0.15
"""and from this one on the second may be the other half."""


class Answer(Reply):
    """The entry's answer with its facts, sources and, where it must be confirmed, its contact."""

    NAME = "action_answer"

    def compose(self, understood: Understood, composer: Composer) -> Said:
        """From the button's entry, else the first of the intent's area, else asks back."""
        if understood.chosen:
            return Said.one(composer.answer(understood.chosen), understood.chosen)
        entry = next((e for e in understood.entries if e.area == understood.intent), None)
        if entry is None:
            offered = [self.base.entries[name] for name in understood.offered][:3]
            starting_points = [self.base.entries[self.base.areas[a].overview] for a in self.base.areas][:3]
            return Said.one(composer.clarify(offered if len(offered) > 1 else starting_points), failed=True)
        second = self._second(entry, understood)
        if second and (both := composer.answer_both(entry, second)):
            return Said((both,), entry, entries=(entry, second))
        return Said.one(composer.answer(entry, about=understood.carried, state=understood.member_state), entry)

    def _second(self, entry: Entry, understood: Understood) -> Entry | None:
        likely = [(e, p) for e, p in understood.likely if e.answered]
        if len(likely) < 2 or likely[0][0] is not entry:
            return None
        (_, confidence), (second, next_confidence) = likely[:2]
        linked = second.id in entry.related or entry.id in second.related
        if confidence >= UNSURE or next_confidence < SECOND or not linked or second.area != entry.area:
            return None
        return second
