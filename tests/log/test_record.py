"""Lists, counts, one turn, one conversation."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from bot.conversation.outcome import Outcome
from bot.log.filters import Filters
from bot.log.record import Record
from knowledge.records import Language
from tests.log.conftest import NOON, Shelf


async def test_pages_go_back_and_forth_over_the_same_turns_newest_first(shelf: Shelf, record: Record) -> None:
    ids = [await shelf.put(f"question {n}", at=NOON + timedelta(minutes=n)) for n in range(7)]
    first = await record.page(Filters(), size=3)
    assert [turn.id for turn in first.turns] == ids[:3:-1]
    assert first.newer is None
    second = await record.page(Filters(), before=first.older, size=3)
    assert [turn.id for turn in second.turns] == ids[3:0:-1]
    third = await record.page(Filters(), before=second.older, size=3)
    assert [turn.id for turn in third.turns] == ids[:1]
    assert third.older is None
    back = await record.page(Filters(), after=third.newer, size=3)
    assert back.turns == second.turns
    assert (await record.page(Filters(), after=back.newer, size=3)).turns == first.turns


async def test_turns_of_one_moment_are_all_kept(shelf: Shelf, record: Record) -> None:
    ids = [await shelf.put("the same moment") for _ in range(3)]
    assert len({*ids}) == 3
    assert len((await record.page(Filters())).turns) == 3


@pytest.mark.parametrize(
    ("what", "filters"),
    [
        ({"language": "ar"}, Filters(language=Language.AR)),
        ({"area": "meetings_and_webinars"}, Filters(area="meetings_and_webinars")),
        ({"outcome": "refer"}, Filters(outcome=Outcome.REFER)),
        ({"confidence": 0.2}, Filters(confidence_to=0.3)),
        ({"confidence": 0.99}, Filters(confidence_from=0.95)),
        ({"helpful": False}, Filters(feedback="unhelpful")),
        ({"helpful": True}, Filters(feedback="helpful")),
        ({"entries": ("one", "two")}, Filters(entry="two")),
        ({"entries": ("one", "two"), "member_states": ("KE",)}, Filters(entry="two", member_state="KE")),
        ({"member_states": ("KE", "FR")}, Filters(member_state="KE")),
        ({"member_states": ("KE",), "text": "the one"}, Filters(member_state="KE", text="one")),
        ({"entries": ("two",), "text": "the one"}, Filters(entry="two", text="one")),
        ({"request": "open_question/x"}, Filters(request="open_question/x")),
        ({"model": "second"}, Filters(model="second")),
        ({"case_reference": "7KQ4-M2XP-9S"}, Filters(case=True)),
        ({"at": NOON + timedelta(days=1)}, Filters(since=date(2026, 3, 3))),
        ({"at": NOON - timedelta(days=1)}, Filters(until=date(2026, 3, 1))),
        ({"language": "fr", "outcome": "error"}, Filters(language=Language.FR, outcome=Outcome.ERROR, feedback="none")),
    ],
)
async def test_each_filter_finds_its_turn_alone(
    shelf: Shelf, record: Record, what: dict[str, Any], filters: Filters
) -> None:
    await shelf.put("another")
    turn = await shelf.put(**{"text": "asked", **what})
    await shelf.put("another")
    assert [found.id for found in (await record.page(filters)).turns] == [turn]
    assert (await record.count(filters)).turns == 1


async def test_what_is_reviewed_can_be_told_from_what_is_not(shelf: Shelf, record: Record) -> None:
    first, second = await shelf.put("first"), await shelf.put("second")
    await record.mark_reviewed([first])
    assert [turn.id for turn in (await record.page(Filters(reviewed=True))).turns] == [first]
    assert [turn.id for turn in (await record.page(Filters(reviewed=False))).turns] == [second]
    await record.mark_reviewed([first], reviewed=False)
    assert (await record.page(Filters(reviewed=True))).turns == ()


async def test_many_are_counted_only_so_far(shelf: Shelf, record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.log.record.COUNTED", 2)
    for _ in range(2):
        await shelf.put("asked")
    assert not (await record.count(Filters(language=Language.EN))).or_more
    await shelf.put("asked")
    counted = await record.count(Filters(language=Language.EN))
    assert (counted.turns, counted.or_more) == (2, True)


async def test_a_transcript_tells_what_the_conversation_was_about_before_each_turn(
    shelf: Shelf, record: Record
) -> None:
    request = {"name": "innovation_support/inn_tisc_what", "confidence": 0.8}
    seen = {"requests": [request, {**request, "confidence": 0.1}], "facts": ["INN1"], "engine_milliseconds": 70.0}
    told = {"model": "first", "policy": "RulePolicy", "focus": "inn_tisc_what", "action_milliseconds": 20.0}
    first = await shelf.put("What is a TISC?", conversation="c", seen=seen, told=told, at=NOON)
    await shelf.put("And who hosts it?", conversation="c", told={"focus": ""}, at=NOON + timedelta(minutes=1))
    await shelf.put("Thanks", conversation="c", at=NOON + timedelta(minutes=2), entries=())
    await shelf.put("Elsewhere", conversation="d")
    transcript = await record.transcript("c")
    assert transcript is not None
    assert [turn.turn.text for turn in transcript.turns] == ["What is a TISC?", "And who hosts it?", "Thanks"]
    assert [turn.reasons.focus for turn in transcript.turns] == [None, "inn_tisc_what", None]
    reasons = transcript.turns[0].reasons
    assert [r.confidence for r in reasons.requests] == [0.8, 0.1]
    assert (reasons.policy, reasons.entries, reasons.facts) == ("RulePolicy", ("inn_tisc_what",), ("INN1",))
    assert (reasons.understanding_milliseconds, reasons.action_milliseconds) == (50.0, 20.0)
    assert not transcript.revealable
    one = await record.turn(first)
    assert one == transcript.turns[0]
    assert await record.turn(1) is None
    assert await record.transcript("nobody's") is None
