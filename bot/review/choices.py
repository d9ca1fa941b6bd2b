"""What a decision can name: entries by their titles in any language, areas, and topics outside the subject."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from bot.log.words import folded
from bot.review.settling import Choice, Verdict
from bot.settings import ROOT
from knowledge.base import KnowledgeBase
from knowledge.records import Entry, Language

FOUND = 12
"""Entries that a search gives."""
OUTSIDE = ROOT / "data/nlu/en/out_of_scope.yml"


class Unfit(ValueError):
    """A decision names nothing, or something that there is not."""


@dataclass(frozen=True)
class Titled:
    """An entry as a choice."""

    id: str
    title: str
    """In English."""
    area: str
    answered: bool
    """False for a gap: asked for, and answered by no fact."""


class Choices:
    """All of them."""

    def __init__(self, base: KnowledgeBase, topics: tuple[str, ...]) -> None:
        self.topics = topics
        self.take(base)

    def take(self, base: KnowledgeBase) -> None:
        """These are the entries from now on."""
        self.base = base
        self._titles = {
            entry.id: "\n".join([entry.id, *(folded(entry.in_language(language).title) for language in Language)])
            for entry in base.entries.values()
        }

    def titled(self, entry: str | None) -> Titled | None:
        """The entry of this id, if there is one."""
        found = self.base.entries.get(entry or "")
        return _titled(found) if found else None

    def search(self, text: str) -> list[Titled]:
        """Entries whose titles, in whatever languages, have all these words or their beginnings; best first."""
        wanted = folded(text).split()
        if not wanted:
            return []
        found = [entry for entry, titles in self._titles.items() if all(word in titles for word in wanted)]
        together = " ".join(wanted)
        found.sort(key=lambda entry: (together not in self._titles[entry], len(self._titles[entry])))
        return [_titled(self.base.entries[entry]) for entry in found[:FOUND]]

    def check(self, choice: Choice) -> None:
        """Refuses what cannot be decided.

        Raises:
            Unfit: the target is missing, unknown or not wanted.
        """
        known = {
            Verdict.ENTRY: self.base.entries,
            Verdict.UNANSWERED: self.base.areas,
            Verdict.OUT_OF_SCOPE: self.topics,
        }.get(choice.verdict)
        if (choice.target is not None) if known is None else (choice.target not in known):
            raise Unfit(str(choice))


def _titled(entry: Entry) -> Titled:
    return Titled(entry.id, entry.title, entry.area, entry.answered)


@cache
def read_topics(path: Path = OUTSIDE) -> tuple[str, ...]:
    """The topics that questions out of scope are kept by, in the order of their file."""
    written = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return tuple(dict.fromkeys(part["metadata"]["request"] for part in written["nlu"]))
