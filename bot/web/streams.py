"""How many calls may wait for what is said next, by conversation and by address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from bot.settings import Settings
from bot.web.problems import Problem

RETRY_AFTER = 5


class Streams:
    """The calls that wait at this moment. A hall shares an address, and nobody needs ten tabs of one conversation."""

    def __init__(self, settings: Settings) -> None:
        self._of_conversation, self._of_address = settings.streams_conversation, settings.streams_address
        self._conversations: Counter[str] = Counter()
        self._addresses: Counter[str] = Counter()

    @property
    def open(self) -> int:
        """How many there are."""
        return self._conversations.total()

    @contextmanager
    def held(self, conversation_id: str, address: str) -> Iterator[None]:
        """One more, as long as it lasts.

        Raises:
            Problem: 429, too many wait already.
        """
        if (
            self._conversations[conversation_id] >= self._of_conversation
            or self._addresses[address] >= self._of_address
        ):
            raise Problem(
                HTTPStatus.TOO_MANY_REQUESTS,
                "Too many calls wait already; ask without wait, or later.",
                retry_after=RETRY_AFTER,
            )
        self._conversations[conversation_id] += 1
        self._addresses[address] += 1
        try:
            yield
        finally:
            _one_less(self._conversations, conversation_id)
            _one_less(self._addresses, address)


def _one_less(counter: Counter[str], key: str) -> None:
    counter[key] -= 1
    if not counter[key]:
        del counter[key]
