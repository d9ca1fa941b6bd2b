"""Events as Rasa publishes them, written into a spool as the engine does."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.database import ask, on_postgresql

Event = dict[str, Any]


def of_message(conversation: str, message: int, text: str, *, model: str = "model-1", **slots: Any) -> list[Event]:
    """A message that `action_answer` answers; `slots` are set on the way."""
    metadata = {"model_id": model, "language": "en", "message": message}

    def action(name: str, policy: str | None, at: float) -> Event:
        said = {"name": name, "policy": policy, "confidence": 1.0, "timestamp": at}
        return {"sender_id": conversation, "event": "action", **said}

    return [
        {"sender_id": conversation, "event": "user", "text": text, "timestamp": 100.0, "metadata": metadata},
        {"sender_id": conversation, "event": "user_featurization", "timestamp": 100.001},
        action("action_answer", "RulePolicy", 100.002),
        *({"sender_id": conversation, "event": "slot", "name": name, "value": value} for name, value in slots.items()),
        {"sender_id": conversation, "event": "bot", "text": None, "timestamp": 100.01, "data": {}},
        action("action_listen", None, 100.011),
    ]


def spool(path: Path, events: Iterable[Event]) -> None:
    """Leaves the events where the recorder finds them, as the engine does."""
    rows = [(event["sender_id"], json.dumps(event)) for event in events]
    if on_postgresql():
        for row in rows:
            ask(path.parent, "INSERT INTO spooled_events (sender_id, data) VALUES (?, ?)", *row)
        return
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS events"
            " (id INTEGER PRIMARY KEY AUTOINCREMENT, sender_id VARCHAR(255), data TEXT)"
        )
        connection.executemany("INSERT INTO events (sender_id, data) VALUES (?, ?)", rows)


def waiting(path: Path) -> int:
    """How many events nobody has read."""
    table = "spooled_events" if on_postgresql() else "events"
    return int(ask(path.parent, f"SELECT count(*) FROM {table}", file=path.name)[0][0])
