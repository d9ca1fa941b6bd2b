"""A conversation is kept at hand and costs the same at every length; all that was said is stored, whoever writes."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from rasa.core.tracker_store import SQLTrackerStore
from rasa.core.tracker_store import TrackerStore as RasaTrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.engine.conversation import Conversation
from bot.engine.event_spool import EventSpool
from bot.engine.tracker_store import TrackerStore

DOMAIN = Domain.from_dict(
    {
        "intents": ["ask"],
        "actions": ["action_answer", "validate_form"],
        "forms": {"form": {"required_slots": ["name"]}},
        "slots": {
            "focus": {"type": "text", "influence_conversation": False, "mappings": [{"type": "custom"}]},
            "name": {"type": "text", "influence_conversation": False, "mappings": [{"type": "custom"}]},
            "offered": {"type": "any", "influence_conversation": False, "mappings": [{"type": "custom"}]},
        },
    }
)


def turn(number: int, *more: Event) -> list[Event]:
    return [
        UserUttered(f"question {number}", {"name": "ask", "confidence": 1.0}, metadata={"message": number}),
        ActionExecuted("action_answer"),
        *more,
        BotUttered(f"answer {number}"),
        ActionExecuted(ACTION_LISTEN_NAME),
    ]


def store(folder: Path, **options: Any) -> TrackerStore:
    return TrackerStore(DOMAIN, dialect="sqlite", db=str(folder / "tracker.db"), **options)


async def say(store: TrackerStore, events: list[Event], sender: str = "c") -> DialogueStateTracker:
    """As Rasa's processor handles a message: retrieve, update, save."""
    tracker = await store.get_or_create_tracker(sender, append_action_listen=False)
    for event in events:
        tracker.update(event, DOMAIN)
    await store.save(tracker)
    return tracker


def texts(tracker: DialogueStateTracker) -> list[str]:
    return [event.text for event in tracker.events if isinstance(event, UserUttered)]


def stored(folder: Path, sender: str = "c") -> list[dict[str, Any]]:
    with sqlite3.connect(folder / "tracker.db") as connection:
        rows = connection.execute("SELECT data FROM events WHERE sender_id = ? ORDER BY id", (sender,)).fetchall()
    return [json.loads(data) for (data,) in rows]


async def test_rasa_creates_it_from_endpoints(tmp_path: Path) -> None:
    configured = EndpointConfig(
        type="bot.engine.tracker_store.TrackerStore", dialect="sqlite", db=str(tmp_path / "tracker.db"), turns=5
    )
    made = RasaTrackerStore.create(configured, DOMAIN)
    assert (await made.get_or_create_tracker("c")).sender_id == "c"


async def test_all_is_stored_and_a_few_turns_are_shown(tmp_path: Path) -> None:
    ours = store(tmp_path, turns=3)
    for number in range(40):
        await say(ours, turn(number))
    tracker = await ours.retrieve("c")
    assert tracker is not None
    assert texts(tracker) == ["question 37", "question 38", "question 39"]
    assert [event["text"] for event in stored(tmp_path) if event["event"] == "user"] == [
        f"question {number}" for number in range(40)
    ]


async def test_the_number_of_events_does_not_grow(tmp_path: Path) -> None:
    ours = store(tmp_path)
    lengths = [len((await say(ours, turn(number, SlotSet("focus", str(number))))).events) for number in range(60)]
    assert max(lengths[10:]) == min(lengths[10:])


async def test_the_state_is_that_of_rasas_own_store(tmp_path: Path) -> None:
    """Slots, the open form and the latest message, however they came about and however long ago."""
    script = [
        [SessionStarted(), *turn(0, SlotSet("focus", "a"), SlotSet("offered", ["x", "y"]))],
        turn(1, ActionExecuted("form"), ActiveLoop("form"), SlotSet("requested_slot", "name")),
        *(turn(number) for number in range(2, 9)),
        turn(9, SlotSet("focus", None)),
        turn(10, SlotSet("name", "n")),
        turn(11, ActiveLoop(None), SlotSet("requested_slot", None)),
        *(turn(number) for number in range(12, 20)),
    ]
    ours = store(tmp_path)
    (tmp_path / "rasa").mkdir()
    rasas = SQLTrackerStore(DOMAIN, dialect="sqlite", db=str(tmp_path / "rasa/tracker.db"))
    for events in script:
        mine = await say(ours, events)
        other = await say(rasas, events)  # type: ignore[arg-type]
        for tracker in (mine, mine.copy(), DialogueStateTracker.from_events("c", list(mine.events), DOMAIN.slots)):
            assert tracker.current_slot_values() == other.current_slot_values()
            assert tracker.active_loop_name == other.active_loop_name
            assert tracker.latest_message == other.latest_message
            assert tracker.latest_action_name == other.latest_action_name
            assert tracker.followup_action == other.followup_action

    def as_written(folder: Path) -> list[tuple[str, Any]]:
        return [(event["event"], event.get("text") or event.get("value")) for event in stored(folder)]

    assert as_written(tmp_path) == as_written(tmp_path / "rasa")


async def test_policies_see_the_same_last_states(tmp_path: Path) -> None:
    ours = store(tmp_path)
    everything = DialogueStateTracker("c", DOMAIN.slots)
    for number in range(12):
        mine = await say(ours, turn(number, SlotSet("focus", str(number))))
        for event in turn(number, SlotSet("focus", str(number))):
            everything.update(event, DOMAIN)
        last = mine.past_states(DOMAIN)[-6:]
        assert last == everything.past_states(DOMAIN)[-len(last) :]


async def test_a_restart_takes_back_all(tmp_path: Path) -> None:
    ours = store(tmp_path)
    for number in range(8):
        await say(ours, turn(number, SlotSet("focus", "a")))
    tracker = await say(ours, [Restarted(), ActionExecuted(ACTION_LISTEN_NAME), *turn(9)])
    assert tracker.get_slot("focus") is None


async def test_a_message_that_failed_left_nothing(tmp_path: Path) -> None:
    ours = store(tmp_path)
    await say(ours, turn(0))
    taken = await ours.retrieve("c")
    assert taken is not None
    taken.update(UserUttered("lost"))
    tracker = await say(ours, turn(1))
    assert texts(tracker) == ["question 0", "question 1"]
    assert "lost" not in json.dumps(stored(tmp_path))


async def test_what_is_said_by_a_clock_that_was_set_back_is_there(tmp_path: Path) -> None:
    """Two engines, the second's clock an hour behind: it goes on with the session that the first has begun."""
    first, second = store(tmp_path), store(tmp_path)
    started = [SessionStarted(timestamp=7200.0), *turn(0, SlotSet("focus", "a"))]
    await say(first, started)
    later = [UserUttered("later", {"name": "ask"}, timestamp=3600.0), SlotSet("focus", "b", timestamp=3600.1)]
    await say(second, [*later, ActionExecuted(ACTION_LISTEN_NAME, timestamp=3600.2)])
    tracker = await first.retrieve("c")
    assert tracker is not None
    assert texts(tracker) == ["question 0", "later"]
    assert tracker.get_slot("focus") == "b"


async def test_after_a_crash_another_process_goes_on(tmp_path: Path) -> None:
    first = store(tmp_path)
    for number in range(10):
        await say(first, turn(number, SlotSet("focus", str(number))))
    unfinished = await first.retrieve("c")
    assert unfinished is not None
    unfinished.update(UserUttered("never answered"))
    second = store(tmp_path)
    tracker = await say(second, turn(10))
    assert tracker.get_slot("focus") == "9"
    assert texts(tracker)[-1] == "question 10"
    assert "never answered" not in json.dumps(stored(tmp_path))


async def test_two_engines_on_one_database_see_what_the_other_wrote(tmp_path: Path) -> None:
    blue, green = store(tmp_path), store(tmp_path)
    for number in range(20):
        tracker = await say((blue, green)[number % 2], turn(number, SlotSet("focus", str(number))))
        assert texts(tracker)[-2:] == [f"question {one}" for one in range(max(0, number - 1), number + 1)]
    assert len(stored(tmp_path)) == 20 * 5
    await say(green, turn(20))
    again = await blue.retrieve("c")
    assert again is not None
    assert again.get_slot("focus") == "19"


async def test_what_two_engines_write_at_once_is_all_kept(tmp_path: Path) -> None:
    blue, green = store(tmp_path), store(tmp_path)
    await say(blue, turn(0))
    one, other = await blue.retrieve("c"), await green.retrieve("c")
    assert one is not None
    assert other is not None
    for tracker, at, number in ((one, blue, 1), (other, green, 2)):
        for event in turn(number):
            tracker.update(event)
        await at.save(tracker)
    seen = [texts(tracker) for at in (blue, green) if (tracker := await at.retrieve("c"))]
    assert seen == [["question 0", "question 1", "question 2"]] * 2


async def test_what_was_erased_is_not_known_any_more(tmp_path: Path) -> None:
    ours = store(tmp_path)
    await say(ours, turn(0, SlotSet("focus", "secret")))
    with sqlite3.connect(tmp_path / "tracker.db") as connection:
        connection.execute("DELETE FROM events")
    assert await ours.retrieve("c") is None


async def test_only_so_many_are_kept(tmp_path: Path) -> None:
    ours = store(tmp_path, conversations=3)
    for sender in "abcde":
        await say(ours, turn(0), sender)
    assert list(ours._kept) == ["c", "d", "e"]
    tracker = await say(ours, turn(1), "a")
    assert texts(tracker) == ["question 0", "question 1"]


async def test_none_is_kept_for_long(tmp_path: Path) -> None:
    ours = store(tmp_path, idle_seconds=0.0)
    await say(ours, turn(0), "a")
    await say(ours, turn(0), "b")
    assert list(ours._kept) == ["b"]


async def test_every_event_is_published_once(tmp_path: Path) -> None:
    spool = EventSpool(str(tmp_path / "spool.db"))
    blue, green = store(tmp_path, event_broker=spool), store(tmp_path, event_broker=spool)
    for number in range(12):
        await say((blue, blue, green)[number % 3], turn(number))
    with sqlite3.connect(tmp_path / "spool.db") as connection:
        rows = connection.execute("SELECT data FROM events ORDER BY id").fetchall()
    assert [json.loads(data) for (data,) in rows] == [{"sender_id": "c", **event} for event in stored(tmp_path)]
    await spool.close()


async def test_a_tracker_that_was_made_elsewhere_is_stored_too(tmp_path: Path) -> None:
    ours = store(tmp_path)
    await say(ours, turn(0))
    foreign = DialogueStateTracker.from_events("c", [*turn(0), *turn(1)], DOMAIN.slots)
    await ours.save(foreign)
    tracker = await ours.retrieve("c")
    assert isinstance(tracker, Conversation)
    assert texts(tracker) == ["question 0", "question 1"]


@pytest.mark.parametrize("turns", [1, 2, 5])
async def test_how_much_is_shown_can_be_set(tmp_path: Path, turns: int) -> None:
    ours = store(tmp_path, turns=turns)
    for number in range(30):
        await say(ours, turn(number))
    tracker = await ours.retrieve("c")
    assert tracker is not None
    assert len(texts(tracker)) == turns
