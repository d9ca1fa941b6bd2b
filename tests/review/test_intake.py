"""What comes into the queue, once, and in which order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.log.filters import Filters
from bot.log.record import Record
from bot.log.turns import Count
from bot.review.queue import QueueFilters, Waiting
from bot.review.reasons import Reason
from bot.settings import ReviewSettings
from bot.store.database import writing
from bot.store.record_tables import TurnRow
from bot.store.review_arrivals import all_arrived
from bot.store.review_tables import ReviewItemRow, ReviewReasonRow, ReviewTurnRow
from bot.store.turns import forget_turns
from knowledge.records import Language
from tests.log.conftest import NOON, unmasked
from tests.review.conftest import RIGHT, VISITOR, Desk

KNOWN = "What is a Technology and Innovation Support Center?"
REFERRED: dict[str, Any] = {"outcome": "refer", "entry": None, "request": "open_question/x"}


async def state(desk: Desk) -> list[tuple[Any, ...]]:
    """All that the queue's tables say."""
    async with desk.store() as session:
        tables = (ReviewItemRow.__table__, ReviewTurnRow.__table__, ReviewReasonRow.__table__)
        return [tuple(row) for table in tables for row in (await session.execute(select(table))).all()]


async def test_a_text_typed_a_hundred_times_is_there_once(desk: Desk) -> None:
    for n in range(100):
        text = ("Who hosts a TISC?", "who hosts a tisc", "WHO HOSTS A  TISC ?")[n % 3]
        await desk.shelf.put(text, at=NOON + timedelta(seconds=n), **REFERRED)
    await desk.intake.take_in_all()
    (line,) = await desk.lines()
    assert (line.times, line.last, line.text) == (100, NOON + timedelta(seconds=99), "Who hosts a TISC?")
    assert line.reasons == ((Reason.REFUSED, 100),)


async def test_the_same_words_in_another_language_are_another_text(desk: Desk) -> None:
    await desk.put("TISC Nepal", **REFERRED)
    await desk.put("TISC Nepal", language="fr", **REFERRED)
    assert {line.language for line in await desk.lines()} == {Language.EN, Language.FR}


async def test_taking_in_twice_changes_nothing(desk: Desk) -> None:
    for n in range(20):
        await desk.shelf.put(f"question {n % 7}", at=NOON + timedelta(minutes=n), helpful=False if n % 2 else None)
    assert await desk.intake.take_in(7) == 7
    await desk.intake.take_in_all()
    once = await state(desk)
    assert await desk.intake.take_in() == 0
    async with writing(desk.store) as session:
        await all_arrived(session)
    assert await desk.intake.take_in_all() == 20
    assert await state(desk) == once


async def test_what_is_said_of_an_answer_later_is_known(desk: Desk) -> None:
    turn = await desk.put(KNOWN, conversation="c")
    assert await desk.texts() == []
    async with writing(desk.store) as session:
        row = await session.get_one(TurnRow, turn)
        row.helpful = False
        await all_arrived(session)
    await desk.intake.take_in_all()
    (line,) = await desk.lines()
    assert (line.times, line.reasons) == (1, ((Reason.UNHELPFUL, 1),))


async def test_what_is_erased_is_gone_from_the_queue(desk: Desk) -> None:
    await desk.put("the same", conversation="kept", **REFERRED)
    await desk.put("The same!", conversation="erased", at=NOON + timedelta(minutes=1), **REFERRED)
    await desk.put("another", conversation="erased", at=NOON + timedelta(minutes=2), **REFERRED)
    async with writing(desk.store) as session:
        await forget_turns(session, "erased")
    assert await desk.texts() == [], "at once, before the queue has looked again"
    await desk.intake.take_in_all()
    (line,) = await desk.lines()
    assert (line.text, line.times) == ("the same", 1)
    async with desk.store() as session:
        assert len((await session.scalars(select(ReviewItemRow))).all()) == 1


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ({"helpful": False}, Reason.UNHELPFUL),
        ({"helpful": False, "pressed": True}, Reason.UNHELPFUL),
        ({"outcome": "refer"}, Reason.REFUSED),
        ({"outcome": "out_of_scope"}, Reason.REFUSED),
        ({"seen": {"intent": "nlu_fallback"}}, Reason.REFUSED),
        ({"outcome": "handoff", "seen": {"intent": "ask_for_person"}}, Reason.HANDED_OVER),
        ({"confidence": 0.3}, Reason.LOW_CONFIDENCE),
        ({"text": "zzz qqq xxx"}, Reason.NEW_WORDING),
    ],
)
async def test_each_reason_is_shown(desk: Desk, what: dict[str, Any], reason: Reason) -> None:
    await desk.put(KNOWN)
    await desk.put(**{"text": KNOWN + " please", **what})
    (line,) = await desk.lines()
    assert [found for found, _ in line.reasons] == [reason]
    assert await desk.texts(reason=reason.key) == [line.text]
    assert await desk.texts(reason="sample") == []


@pytest.mark.parametrize(
    "what",
    [
        {"pressed": True, "outcome": "refer"},
        {"outcome": "handoff", "seen": {"intent": "out_of_scope"}},
        {"text": "And then?", "seen": {"carried": True}},
    ],
)
async def test_buttons_answers_to_the_form_and_follow_ups_are_left_out(desk: Desk, what: dict[str, Any]) -> None:
    await desk.put(**{"text": "Maria Silva", **what})
    assert await desk.texts() == []


async def test_asked_back_twice_counts_for_both_whichever_is_recorded_first(desk: Desk) -> None:
    what: dict[str, Any] = {"outcome": "clarify", "conversation": "c", "entry": None}
    await desk.put(KNOWN, **what)
    assert await desk.texts(reason="clarified_twice") == []
    await desk.put("the second one", at=NOON + timedelta(minutes=1), **what)
    assert set(await desk.texts(reason="clarified_twice")) == {KNOWN, "the second one"}


async def test_the_question_before_the_wish_for_a_person_is_looked_at(desk: Desk) -> None:
    await desk.put(KNOWN, conversation="c")
    await desk.put(
        "a person please",
        conversation="c",
        outcome="handoff",
        seen={"intent": "ask_for_person"},
        at=NOON + timedelta(minutes=1),
    )
    assert set(await desk.texts(reason="handed_over")) == {KNOWN, "a person please"}


async def test_the_order_is_by_reason_then_how_often_then_how_late(desk: Desk) -> None:
    async def put(text: str, times: int = 1, minute: int = 0, **what: Any) -> None:
        for n in range(times):
            await desk.put(text, at=NOON + timedelta(minutes=minute, seconds=n), **what)

    await put("alpha beta", confidence=0.1, request="a/a")
    await put("gamma delta", times=2, request="a/b", outcome="refer")
    await put("epsilon zeta", times=5, confidence=0.1, request="a/c")
    await put("eta theta", helpful=False, request="a/d")
    await put("iota kappa", minute=9, outcome="refer", request="a/e", times=2)
    await put("lambda mu", outcome="refer", request="a/f")
    assert await desk.texts() == ["eta theta", "iota kappa", "gamma delta", "lambda mu", "epsilon zeta", "alpha beta"]
    assert await desk.texts(reason="refused") == ["iota kappa", "gamma delta", "lambda mu"]
    assert await desk.texts(reason="low_confidence") == ["epsilon zeta", "alpha beta"]
    again = await desk.put("alpha beta", at=NOON - timedelta(days=1), confidence=0.1, request="a/a")
    for n in range(5):
        await desk.put("alpha beta", at=NOON - timedelta(days=1, seconds=n + 1), confidence=0.1, request="a/a")
    assert await desk.texts(reason="low_confidence") == ["alpha beta", "epsilon zeta"]
    newest = (await desk.lines(reason="low_confidence"))[0].turn
    assert newest != again
    await desk.decide(newest, RIGHT)
    assert await desk.texts(reason="low_confidence") == ["epsilon zeta"]
    await desk.undo()
    assert await desk.texts(reason="low_confidence") == ["alpha beta", "epsilon zeta"]


async def test_similar_texts_are_one_group_and_others_are_not(desk: Desk) -> None:
    what = {"request": "open_question/x", "outcome": "refer"}
    await desk.put("Where can I register for the webinar?", **what)
    lead = await desk.put("where do I register for the webinar", helpful=False, **what)
    await desk.put("Where could I register for the webinar", **{**what, "request": "open_question/y"})
    await desk.put("What does the study cost?", **what)
    lines = await desk.lines()
    assert {line.text: line.others for line in lines} == {
        "where do I register for the webinar": 1,
        "Where could I register for the webinar": 0,
        "What does the study cost?": 0,
    }
    item = await desk.queue.item(await desk.queue.item_of(lead) or 0, VISITOR)
    assert item is not None
    assert [line.text for line in item.similar] == ["Where can I register for the webinar?"]
    assert len(await desk.lines(reason="refused")) == 3, "a group is led by what fits the filters"


async def test_filters_and_pages(desk: Desk) -> None:
    for n in range(5):
        await desk.put(f"question {n}", request=f"a/q{n}", area=f"area_{'ab'[n % 2]}", outcome="refer")
    assert len(await desk.texts(area="area_a")) == 3
    assert await desk.texts(language=Language.FR) == []
    first = await desk.queue.page(QueueFilters(), VISITOR, size=3)
    second = await desk.queue.page(QueueFilters(page=2), VISITOR, size=3)
    assert (len(first.lines), first.more, len(second.lines), second.more) == (3, True, 2, False)
    assert await desk.queue.waiting() == Waiting(Count(5, or_more=False), Count(0, or_more=False))


def test_filters_are_those_of_their_address() -> None:
    given = {"show": "decided", "language": "ar", "area": "a_b", "verdict": "new_entry", "page": "2"}
    assert QueueFilters.from_query(given).to_query() == given
    assert QueueFilters.from_query({"show": "x", "page": "-1", "language": "de", "area": "<b>"}) == QueueFilters()


async def test_a_new_turn_of_a_decided_text_is_reviewed_by_that(desk: Desk) -> None:
    turn = await desk.put(KNOWN, helpful=False)
    await desk.decide(turn, RIGHT)
    again = await desk.put(KNOWN, helpful=False, at=NOON + timedelta(minutes=1))
    assert await desk.texts() == []
    reviewed = await Record(desk.store, unmasked).page(Filters(reviewed=True))
    assert {one.id for one in reviewed.turns} == {turn, again}


async def test_the_sample_is_drawn_once_and_only_of_what_was_typed(desk: Desk) -> None:
    desk.set(ReviewSettings(review_sample=1))
    await desk.put(KNOWN)
    await desk.put("a button", pressed=True)
    assert await desk.texts(reason="sample") == [KNOWN]
    desk.set(ReviewSettings(review_sample=0))
    async with writing(desk.store) as session:
        await all_arrived(session)
    await desk.intake.take_in_all()
    assert await desk.texts(reason="sample") == [KNOWN], "another share does not redraw what was drawn"
