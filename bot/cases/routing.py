"""Which contact a case goes to."""

from __future__ import annotations

from knowledge.base import KnowledgeBase
from knowledge.records import Area, Contact


class Routing:
    """Routes by area, as knowledge/areas.yml says; an area it does not know goes where the package's cases go."""

    def __init__(self, base: KnowledgeBase) -> None:
        self._base = base

    def area(self, area_id: str) -> Area:
        """The area, or else the package as a whole."""
        return self._base.areas.get(area_id) or next(iter(self._base.areas.values()))

    def contact(self, area_id: str) -> Contact:
        """The contact for this area."""
        return self._base.contacts[self.area(area_id).contact]
