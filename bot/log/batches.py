"""What the recorder asks of a source of Rasa's events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.log.events import Event

BATCH = 400
"""Events taken at once: of about twenty messages, so that the engine never waits long for its turn to write."""


@dataclass(frozen=True)
class Batch:
    """Events in their order, and what they are known by."""

    events: Sequence[Event]
    ids: Sequence[int]


class EventSource(Protocol):
    """Gives events at least once, in order, until it is told that they are done."""

    async def take(self) -> Batch | None:
        """The oldest events that are not done; nothing where there are none."""

    async def done(self, batch: Batch) -> None:
        """These events are in the record, and are not needed any more."""

    async def rest(self) -> None:
        """Nothing is taken for a while: somebody else may have what was taken and is not done."""

    async def close(self) -> None:
        """Lets go of what it holds."""
