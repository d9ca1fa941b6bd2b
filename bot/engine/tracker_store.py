"""Rasa's SQL tracker store, which here tells the event broker what is new without reading the conversation again."""

from __future__ import annotations

from typing import Any

from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import create_engine, event  # type: ignore[import-untyped]
from sqlalchemy.orm import sessionmaker  # type: ignore[import-untyped]
from sqlalchemy.pool import QueuePool  # type: ignore[import-untyped]

from bot.engine.event_spool import EventSpool
from bot.engine.event_table import EventTable


class TrackerStore(SQLTrackerStore):
    """Where the database is SQLite it is kept open and written ahead: a commit then waits for no disk."""

    engine: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.engine.dialect.name == "sqlite":
            # Closing the last connection, as Rasa does after each use, would write all back and wait for the disk.
            self.engine = create_engine(self.engine.url, poolclass=QueuePool, connect_args={"check_same_thread": False})
            event.listen(self.engine, "connect", _write_ahead)
        else:
            # A server that was restarted is noticed before a connection to its former life is used.
            self.engine = create_engine(self.engine.url, pool_pre_ping=True, pool_size=5, max_overflow=10)
        self.sessionmaker = sessionmaker(bind=self.engine)

    async def stream_events(self, tracker: DialogueStateTracker) -> None:
        """Publishes the events that are not stored yet, in one piece where the broker takes them so.

        Rasa's own way builds the stored conversation anew for every message and compares the two.
        """
        if self.event_broker is None:
            return
        with self.session_scope() as session:
            new = list(self._additional_events(session, tracker))
        events = [{"sender_id": tracker.sender_id, **one.as_dict()} for one in new]
        if isinstance(self.event_broker, (EventSpool, EventTable)):
            self.event_broker.publish_all(events)
        else:
            for one in events:
                self.event_broker.publish(one)


def _write_ahead(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
