"""How near two texts are, by their words and runs of three letters: without a model, and always the same.

The measure is Dice's coefficient, 2|A∩B| / (|A|+|B|), of the texts' sets of words and of runs of three characters
within words (L. R. Dice, Measures of the amount of ecologic association between species, Ecology 26(3), 1945). Words
are those of the record's search, so that Chinese is taken in pairs of characters.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from bot.log.words import words
from knowledge.base import KnowledgeBase
from knowledge.records import Language

NEAR = 0.7
"""From which two texts that were taken for the same request are one group."""

UNLIKE: Mapping[Language, float] = {
    Language.EN: 0.30,
    Language.FR: 0.32,
    Language.ES: 0.32,
    Language.AR: 0.22,
    Language.ZH: 0.15,
    Language.RU: 0.25,
}
"""Below which a text is unlike any question of its entry: a tenth of the knowledge base's own questions lie so far from
the others of their entry."""

Grams = frozenset[str]

_KEPT = 8192
"""Texts whose grams are kept at hand, some 5 kB each: the same questions are compared with again and again."""


@lru_cache(maxsize=_KEPT)
def grams(text: str) -> Grams:
    """The words of a text and their runs of three characters."""
    found: set[str] = set()
    for word in words(text):
        padded = f" {word} "
        found.add(padded)
        found.update(padded[at : at + 3] for at in range(len(padded) - 2))
    return frozenset(found)


def nearness(one: Grams, other: Grams) -> float:
    """Between 0, nothing in common, and 1; texts without words are near nothing."""
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


class KnownQuestions:
    """The questions that entries are known by."""

    def __init__(self, base: KnowledgeBase) -> None:
        self._base = base

    def is_unlike(self, text: str, language: Language, entry: str | None) -> bool:
        """Whether a text that the entry answered is unlike all its questions."""
        known = self._base.entries.get(entry or "")
        if known is None:
            return False
        mine, enough = grams(text), UNLIKE[language]
        questions = known.in_language(language).questions
        return not any(nearness(mine, grams(question)) >= enough for question in questions)
