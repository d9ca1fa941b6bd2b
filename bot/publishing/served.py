"""What is served at this moment: the content, and the engine that goes with it. Both are replaced in one moment."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from bot.conversation.compose import Composer
from bot.publishing.pointer import Slot
from knowledge.base import KnowledgeBase
from knowledge.records import Language

Watcher = Callable[["Served"], None]


class Served:
    """The content and the slot of the engine; who asks an engine says so, so that it can be seen when none does."""

    def __init__(self, base: KnowledgeBase, engines: Mapping[Slot, str], slot: Slot = Slot.BLUE) -> None:
        self.base, self.slot = base, slot
        self.composers: Mapping[Language, Composer] = _composers(base)
        self._engines = dict(engines)
        self._asking: Counter[Slot] = Counter()
        self._answered = {slot: asyncio.Event() for slot in Slot}
        self._watchers: list[Watcher] = []

    @classmethod
    def at(cls, base: KnowledgeBase, url: str) -> Served:
        """With one engine alone."""
        return cls(base, {Slot.BLUE: url})

    @property
    def engine_url(self) -> str:
        """Where the engine listens."""
        return self._engines[self.slot]

    def url_of(self, slot: Slot) -> str:
        """Where the engine of a slot listens."""
        return self._engines[slot]

    def composer(self, language: str | None) -> Composer:
        """Of a language, or of English."""
        return self.composers[Language(language) if language else Language.EN]

    def watch(self, watcher: Watcher) -> None:
        """Calls this now and whenever something else is served, in the same moment."""
        self._watchers.append(watcher)
        watcher(self)

    def take(self, base: KnowledgeBase, slot: Slot) -> None:
        """From now on this is served."""
        self.base, self.slot, self.composers = base, slot, _composers(base)
        for watcher in self._watchers:
            watcher(self)

    @contextmanager
    def asking(self) -> Iterator[str]:
        """The address of the engine, which counts as asked until the end."""
        slot = self.slot
        self._asking[slot] += 1
        try:
            yield self._engines[slot]
        finally:
            self._asking[slot] -= 1
            if not self._asking[slot]:
                self._answered[slot].set()

    async def idle(self, slot: Slot) -> None:
        """Until nobody asks the engine of this slot."""
        while self._asking[slot]:
            self._answered[slot].clear()
            await self._answered[slot].wait()


def _composers(base: KnowledgeBase) -> Mapping[Language, Composer]:
    return {language: Composer(base, language) for language in Language}
