"""How the staff's pages call what the record names by an id: areas, entries, requests, member states."""

from __future__ import annotations

from collections.abc import Iterable

from knowledge.base import KnowledgeBase
from knowledge.records import Language


class Naming:
    """Names in English. What is no longer in the knowledge base, as old turns may name it, is called by its id."""

    def __init__(self, base: KnowledgeBase) -> None:
        self.take(base)

    def take(self, base: KnowledgeBase) -> None:
        """Names by this from now on."""
        self._base = base
        self.areas = {area.id: area.title[Language.EN] for area in base.areas.values()}
        self.entries = {entry.id: entry.title for entry in sorted(base.entries.values(), key=lambda one: one.id)}
        states = {state.id: state.names[0] for state in base.member_states.values()}
        self.member_states = dict(sorted(states.items(), key=lambda one: one[1]))

    def area(self, area: str) -> str:
        """An area's title."""
        return self.areas.get(area, area)

    def entry(self, entry: str) -> str:
        """An entry's title."""
        return self.entries.get(entry, entry)

    def member_states_of(self, codes: Iterable[str]) -> str:
        """Member states' names, in a row."""
        return ", ".join(self.member_states.get(code, code) for code in codes)

    def request(self, request: str) -> str:
        """What `<intent>/<what>` asks for: an entry's title, or the words of the id."""
        _, _, what = request.rpartition("/")
        return self.entries.get(what, request.replace("_", " ").replace("/", ": "))

    def theme(self, request: str) -> tuple[str | None, str]:
        """The area a request belongs to, where it belongs to one, and what it asks for."""
        intent, _, what = request.rpartition("/")
        entry = self._base.entries.get(what)
        return (entry.area if entry else intent if intent in self.areas else None), self.request(request)
