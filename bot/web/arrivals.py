"""Word that something was said, for those who wait for it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class Arrivals:
    """Wakes the calls that listen to a conversation.

    What another process says is heard where the database tells (bot.store.word); for the rest they look again by
    themselves.
    """

    def __init__(self) -> None:
        self._listening: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self.closing = False

    @contextmanager
    def listening(self, conversation_id: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever something is said; who waits on it clears it."""
        heard = asyncio.Event()
        self._listening[conversation_id].add(heard)
        try:
            yield heard
        finally:
            self._listening[conversation_id].discard(heard)
            if not self._listening[conversation_id]:
                del self._listening[conversation_id]

    def tell(self, conversation_id: str) -> None:
        """Something was said, or the conversation was erased."""
        for heard in self._listening.get(conversation_id, ()):
            heard.set()

    def tell_all(self) -> None:
        """Something may have been said in any conversation."""
        for conversation_id in self._listening:
            self.tell(conversation_id)

    def close(self) -> None:
        """Lets everybody go, because the process ends."""
        self.closing = True
        self.tell_all()
