"""A conversation as the engine holds it: its last few turns, and in place of all before them what they came to."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, LoopInterrupted, SlotSet
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker


class Conversation(DialogueStateTracker):
    """A tracker that lets go of events that are stored, and knows which are not.

    Rasa goes through all events of a tracker many times for each message: to copy it for each action, to find the
    states that policies look at, to call an action. With the last few turns alone that costs the same at every length
    of a conversation. Nothing else changes: the slots and the open form are set by events that stand in place of those
    let go of, and neither rules nor forms look further back than to the turns that are kept.
    """

    events: deque[Event]

    def __init__(self, sender_id: str, slots: Iterable[Slot] | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(sender_id, slots, *args, **kwargs)
        self.new: list[Event] = []
        """The events that are not stored yet."""
        self.stored: int | None = None
        """The id of the last event that is, in the tracker store."""

    def update(self, event: Event, domain: Domain | None = None) -> None:
        """Adds an event, which is new until it is stored."""
        super().update(event, domain)
        self.new.append(event)

    def is_stored_up_to(self, last: int) -> None:
        """All events are stored, the last of them under this id."""
        self.new, self.stored = [], last

    def forget(self, turns: int) -> None:
        """Lets go of the events before the last so many turns that ended. What is new must have been stored."""
        ends = [at for at, event in enumerate(self.events, 1) if _ends_turn(event)]
        # A summary ends as a turn does: with that and no more than these turns there is nothing to let go of.
        if len(ends) <= turns + 1:
            return
        cut = ends[-turns - 1]
        before = self.init_copy()
        for event in itertools.islice(self.events, cut):
            before.update(event)
        kept = itertools.islice(self.events, cut, None)
        self.events = self._create_events([*_summary(before), *kept])


def _summary(tracker: DialogueStateTracker) -> Iterator[Event]:
    """Events that bring a new tracker into the state of this one, whose last turn has ended."""
    at = tracker.events[-1].timestamp
    if tracker.active_loop_name:
        yield ActiveLoop(tracker.active_loop_name, timestamp=at)
        yield LoopInterrupted(tracker.is_active_loop_interrupted, timestamp=at)
    for slot in tracker.slots.values():
        if slot.has_been_set:
            yield SlotSet(slot.name, slot.value, timestamp=at)
    yield ActionExecuted(ACTION_LISTEN_NAME, timestamp=at)


def _ends_turn(event: Event) -> bool:
    return isinstance(event, ActionExecuted) and event.action_name == ACTION_LISTEN_NAME
