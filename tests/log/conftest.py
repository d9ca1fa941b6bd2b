"""A record over a real database file."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.log.record import Record
from bot.log.words import found_by, wording
from bot.store.database import Place, Sessions, writing
from bot.store.record_tables import moment
from bot.store.turns import RecordedTurn, put_turns

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def unmasked(text: str, known: Iterable[tuple[str, str]] = ()) -> str:
    return text


@dataclass
class Shelf:
    """Puts turns into the record as a test describes them; returns their ids."""

    store: Sessions
    messages: int = field(default=0)

    async def put(self, text: str, *, at: datetime = NOON, conversation: str | None = None, **what: Any) -> int:
        self.messages += 1
        columns: dict[str, Any] = {
            "language": "en",
            "outcome": "answer",
            "area": "innovation_support",
            "request": "innovation_support/inn_tisc_what",
            "confidence": 0.9,
            "entry": "inn_tisc_what",
            "model": "first",
            "milliseconds": 80,
            "pressed": False,
            "helpful": None,
            "case_reference": None,
            "comment": None,
        }
        apart = {name: what.pop(name) for name in ("entries", "member_states", "seen", "told") if name in what}
        turn = RecordedTurn(
            id=moment(at),
            conversation_id=conversation or str(uuid.uuid4()),
            message_id=self.messages,
            columns={**columns, "text": text, "wording": wording(text), **what},
            found_by=found_by(text),
            seen=apart.get("seen", {}),
            told=apart.get("told"),
            entries=apart.get("entries", ("inn_tisc_what",)),
            member_states=apart.get("member_states", ()),
        )
        async with writing(self.store, Place.RECORD) as session:
            (turn_id,) = await put_turns(session, [turn])
        return turn_id


@pytest.fixture
def shelf(store: Sessions) -> Shelf:
    return Shelf(store)


@pytest.fixture
def record(store: Sessions) -> Record:
    return Record(store, unmasked)
