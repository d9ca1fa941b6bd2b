"""Every event reaches the spool once, in order, and a message's in one commit."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from rasa.core.brokers.broker import EventBroker
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.engine.event_spool import EventSpool
from bot.engine.tracker_store import TrackerStore

DOMAIN = Domain.from_dict({"slots": {"focus_entry": {"type": "text", "mappings": [{"type": "custom"}]}}})


def rows(path: Path) -> list[tuple[int, str, dict[str, Any]]]:
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT id, sender_id, data FROM events ORDER BY id").fetchall()
    return [(number, sender, json.loads(data)) for number, sender, data in found]


async def opened(path: Path) -> EventSpool:
    broker = await EventBroker.create(EndpointConfig(type="bot.engine.event_spool.EventSpool", db=str(path)))
    assert isinstance(broker, EventSpool)
    return broker


async def test_each_save_publishes_what_is_new(tmp_path: Path) -> None:
    broker = await opened(tmp_path / "spool.db")
    store = TrackerStore(DOMAIN, dialect="sqlite", db=str(tmp_path / "tracker.db"), event_broker=broker)
    tracker = DialogueStateTracker.from_events("c", [], DOMAIN.slots)
    for text in ("first", "second"):
        tracker.update(UserUttered(text, metadata={"message": text}))
        tracker.update(ActionExecuted("action_answer"))
        tracker.update(SlotSet("focus_entry", text))
        tracker.update(BotUttered("answer"))
        await store.save(tracker)
        tracker = await store.retrieve("c")  # type: ignore[assignment]
    await broker.close()
    kept = rows(tmp_path / "spool.db")
    assert [event["event"] for _, _, event in kept] == ["user", "action", "slot", "bot"] * 2
    assert {sender for _, sender, _ in kept} == {"c"}
    assert [event["metadata"]["message"] for _, _, event in kept if event["event"] == "user"] == ["first", "second"]


async def test_an_id_is_never_given_twice(tmp_path: Path) -> None:
    broker = await opened(tmp_path / "spool.db")
    broker.publish({"sender_id": "c", "event": "user"})
    with sqlite3.connect(tmp_path / "spool.db") as connection:
        connection.execute("DELETE FROM events")
    broker.publish({"sender_id": "c", "event": "user"})
    await broker.close()
    assert [number for number, _, _ in rows(tmp_path / "spool.db")] == [2]


async def test_what_cannot_be_kept_stops_no_conversation(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    broker = await opened(tmp_path / "spool.db")
    with sqlite3.connect(tmp_path / "spool.db") as connection:
        connection.execute("DROP TABLE events")
    broker.publish({"sender_id": "c", "event": "user", "text": "what was typed"})
    assert "1 events are not in the spool" in caplog.text
    assert "what was typed" not in caplog.text
    await broker.close()


async def test_other_brokers_get_the_events_one_by_one(tmp_path: Path) -> None:
    class Other(EventBroker):
        def __init__(self) -> None:
            self.got: list[dict[str, Any]] = []

        def publish(self, event: dict[str, Any]) -> None:
            self.got.append(event)

    other = Other()
    store = TrackerStore(DOMAIN, dialect="sqlite", db=str(tmp_path / "tracker.db"), event_broker=other)
    await store.save(DialogueStateTracker.from_events("c", [UserUttered("asked")], DOMAIN.slots))
    assert [event["event"] for event in other.got] == ["user"]
