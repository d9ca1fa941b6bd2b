"""Rasa's SQL tracker store, which here keeps the conversations it has seen last and writes only what is new.

Rasa's own reads a conversation's every event for each of its messages, and builds the tracker anew from them.
"""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa  # type: ignore[import-untyped]
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.events import Event, SessionStarted
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import INTENT_NAME_KEY
from sqlalchemy import event
from sqlalchemy.orm import sessionmaker  # type: ignore[import-untyped]
from sqlalchemy.pool import QueuePool  # type: ignore[import-untyped]

from bot.engine.conversation import Conversation
from bot.engine.postgresql import NOTICED

TURNS = 3
"""Turns that a conversation shows as events; our rules and stories look back on two."""
CONVERSATIONS = 500
"""Conversations that are kept; one takes about 50 kB, whatever was said in it."""
IDLE_SECONDS = 900.0
"""After which a conversation is kept no longer than to the next message of any."""

_EVENTS = SQLTrackerStore.SQLEvent.__table__


class TrackerStore(SQLTrackerStore):
    """A tracker store that has the conversations at hand.

    Who retrieves a conversation takes it out, and who saves it puts it back: where a message fails in between, it is
    read from the database again. So it is where its last event there is not the one that was written from here, because
    another engine went on with it or it was erased.

    In SQLite the database is kept open and written ahead: a commit then waits for no disk.

    Args:
        turns: how many a conversation shows as events, set in endpoints.yml as the others.
        conversations: how many are kept.
        idle_seconds: how long they are, at most.
    """

    engine: Any

    def __init__(
        self,
        *args: Any,
        turns: int = TURNS,
        conversations: int = CONVERSATIONS,
        idle_seconds: float = IDLE_SECONDS,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._turns, self._most, self._idle = turns, conversations, idle_seconds
        self._kept: OrderedDict[str, tuple[float, Conversation]] = OrderedDict()
        """With the moment each was put here, the oldest first."""
        if self.engine.dialect.name == "sqlite":
            # Closing the last connection, as Rasa does after each use, would write all back and wait for the disk.
            self.engine = sa.create_engine(
                self.engine.url, poolclass=QueuePool, connect_args={"check_same_thread": False}
            )
            event.listen(self.engine, "connect", _write_ahead)
        else:
            # A server that was restarted is noticed before a connection to its former life is used.
            self.engine = sa.create_engine(
                self.engine.url, pool_pre_ping=True, pool_size=5, max_overflow=10, connect_args=NOTICED
            )
        self.sessionmaker = sessionmaker(bind=self.engine)

    def init_tracker(self, sender_id: str) -> Conversation:
        """A conversation in which nothing was said."""
        return Conversation(sender_id, self.domain.slots)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Takes the latest session of a conversation: as it is kept, or else from all its events."""
        _, kept = self._kept.pop(sender_id, (0, None))
        if kept is not None:
            with self.engine.connect() as connection:
                if _last_event(connection, sender_id) == kept.stored:
                    return kept
        return self._read(sender_id)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Stores and publishes what is new, and keeps the conversation for its next message."""
        if not isinstance(tracker, Conversation):
            # Made elsewhere: Rasa's own way finds out by counting what of it is stored.
            await super().save(tracker)
            return
        await self.stream_events(tracker)
        with self.engine.begin() as connection:
            before = last = _last_event(connection, tracker.sender_id)
            if tracker.new:
                connection.execute(_EVENTS.insert(), [_row(tracker.sender_id, one) for one in tracker.new])
                last = _last_event(connection, tracker.sender_id)
        if before == tracker.stored and last is not None:
            self._keep(tracker, last)
        # Otherwise another engine wrote since it was taken: the next message finds all events in the database.

    async def stream_events(self, tracker: DialogueStateTracker) -> None:
        """Publishes the events that are not stored yet, in one piece where the broker takes them so.

        Rasa's own way builds the stored conversation anew for every message and compares the two.
        """
        if self.event_broker is None:
            return
        events = [{"sender_id": tracker.sender_id, **one.as_dict()} for one in self._new(tracker)]
        if hasattr(self.event_broker, "publish_all"):
            self.event_broker.publish_all(events)
        else:
            for one in events:
                self.event_broker.publish(one)

    def _new(self, tracker: DialogueStateTracker) -> Sequence[Event]:
        if isinstance(tracker, Conversation):
            return tracker.new
        with self.session_scope() as session:
            return list(self._additional_events(session, tracker))

    def _event_query(self, session: Any, sender_id: str, fetch_events_from_all_sessions: bool) -> Any:
        """As Rasa's own, with the latest session told by the order of events: a clock may have been set back since."""
        query = super()._event_query(session, sender_id, True)
        if fetch_events_from_all_sessions:
            return query
        started = sa.select([sa.func.max(_EVENTS.c.id)]).where(
            (_EVENTS.c.sender_id == sender_id) & (_EVENTS.c.type_name == SessionStarted.type_name)
        )
        return query.filter(self.SQLEvent.id >= sa.func.coalesce(started.scalar_subquery(), 0))

    def _read(self, sender_id: str) -> Conversation | None:
        with self.session_scope() as session:
            rows = self._event_query(session, sender_id, fetch_events_from_all_sessions=False).all()
        if not rows:
            return None
        events = [json.loads(row.data) for row in rows]
        conversation: Conversation = Conversation.from_dict(sender_id, events, self.domain.slots)
        conversation.is_stored_up_to(rows[-1].id)
        conversation.forget(self._turns)
        return conversation

    def _keep(self, conversation: Conversation, last: int) -> None:
        conversation.is_stored_up_to(last)
        conversation.forget(self._turns)
        now = time.monotonic()
        self._kept[conversation.sender_id] = (now, conversation)
        self._kept.move_to_end(conversation.sender_id)
        while len(self._kept) > self._most or now - next(iter(self._kept.values()))[0] > self._idle:
            self._kept.popitem(last=False)


def _last_event(connection: Any, sender_id: str) -> int | None:
    """The id of the conversation's last event, which the index gives without reading any."""
    last: int | None = connection.execute(_LAST, {"sender_id": sender_id}).scalar()
    return last


_LAST = sa.select([sa.func.max(_EVENTS.c.id)]).where(_EVENTS.c.sender_id == sa.bindparam("sender_id"))


def _row(sender_id: str, one: Event) -> dict[str, Any]:
    """The event as Rasa's own store writes it."""
    data = one.as_dict()
    return {
        "sender_id": sender_id,
        "type_name": one.type_name,
        "timestamp": data.get("timestamp"),
        "intent_name": (data.get("parse_data") or {}).get("intent", {}).get(INTENT_NAME_KEY),
        "action_name": data.get("name"),
        "data": json.dumps(data),
    }


def _write_ahead(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
