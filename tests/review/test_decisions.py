"""What reviewers decide, what follows from it, and what brings a text back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.log.filters import Filters
from bot.log.record import Record
from bot.review.choices import Choices, Unfit
from bot.review.decisions import Decisions, Outdated
from bot.review.reasons import Reason
from bot.review.sample import Estimate
from bot.review.settling import Choice, State, Verdict
from bot.settings import ReviewSettings
from bot.store.database import writing
from bot.store.trail import Trail, Wanted
from bot.store.turns import forget_turns
from knowledge.base import KnowledgeBase
from knowledge.records import Language
from tests.log.conftest import NOON, unmasked
from tests.review.conftest import RIGHT, SHOULD_BE, SKIP, Desk, Staged, now

TEXT = "who hosts those centers"
LATER = NOON + timedelta(days=1)


async def reviewed(desk: Desk) -> set[int]:
    return {turn.id for turn in (await Record(desk.store, unmasked).page(Filters(reviewed=True))).turns}


async def trail(desk: Desk) -> list[tuple[str, str, str | None, str | None]]:
    lines = await Trail(desk.store).find(Wanted(), 100)
    return [(one.who, one.act, one.before, one.after) for one in lines if one.act.startswith("review.")]


async def put(desk: Desk, text: str = TEXT, **what: object) -> int:
    return await desk.put(text, **{"helpful": False, **what})


@pytest.mark.parametrize(
    ("choice", "staged"),
    [
        (RIGHT, False),
        (SHOULD_BE, True),
        (Choice(Verdict.NEW_ENTRY), True),
        (Choice(Verdict.UNANSWERED, "innovation_support"), True),
        (Choice(Verdict.OUT_OF_SCOPE, "pct_filing"), True),
    ],
)
async def test_a_decision_takes_the_text_out_marks_its_turns_and_is_staged_once(
    desk: Desk, choice: Choice, *, staged: bool
) -> None:
    turns = {await put(desk), await put(desk, TEXT.upper(), at=LATER)}
    assert await desk.decide(max(turns), choice) is State.SETTLED
    assert await desk.texts() == []
    assert await reviewed(desk) == turns
    assert desk.staged.calls == ([f"stage {choice}"] if staged else [])
    if staged:
        ann = await desk.reviewer("ann")
        item = await desk.queue.item_of(max(turns))
        assert desk.staged.texts[1] == (choice, Language.EN, TEXT.upper(), f"review:{item}", ann.id)
    await desk.decide(max(turns), choice, "ben")
    assert len(desk.staged.calls) == staged, "a second who agrees changes nothing"
    assert await trail(desk) == [
        ("ben", "review.decided", "settled", f"settled: {choice}"),
        ("ann", "review.decided", "open", f"settled: {choice}"),
    ]


async def test_undone_it_waits_again_and_nothing_is_staged(desk: Desk) -> None:
    turn = await put(desk)
    await desk.decide(turn, SHOULD_BE)
    assert await desk.undo() == 1
    assert await desk.texts() == [TEXT]
    assert await reviewed(desk) == set()
    assert desk.staged.texts == {}
    assert await desk.undo() == 0
    assert (await trail(desk))[0] == ("ann", "review.undone", f"settled: {SHOULD_BE}", "open")


async def test_what_was_decided_at_once_is_undone_at_once(desk: Desk) -> None:
    turns = [await put(desk, text) for text in ("one alpha", "two beta", "three gamma")]
    items = {await desk.queue.item_of(turn) or 0: turn for turn in turns[:2]}
    ann = await desk.reviewer("ann")
    await desk.decisions.decide(ann, items, SHOULD_BE, "the same", now())
    assert await desk.texts() == ["three gamma"]
    assert len(desk.staged.texts) == 2
    assert await desk.undo() == 2
    assert len(await desk.texts()) == 3
    assert desk.staged.texts == {}


async def test_two_who_disagree_dispute_it_and_a_third_settles_it(desk: Desk) -> None:
    turn = await put(desk)
    await desk.put("before it in the queue", helpful=False, at=LATER)
    await desk.decide(turn, SHOULD_BE, "ann")
    assert await desk.decide(turn, RIGHT, "ben") is State.DISPUTED
    assert desk.staged.texts == {}, "what is disputed is not staged"
    assert await reviewed(desk) == set()
    assert await desk.texts() == [TEXT, "before it in the queue"]
    assert await desk.texts(show="disputed") == [TEXT]
    assert await desk.decide(turn, SHOULD_BE, "cleo") is State.SETTLED
    assert [choice for choice, *_ in desk.staged.texts.values()] == [SHOULD_BE]
    assert desk.staged.calls == [f"stage {SHOULD_BE}", "withdraw 1", f"stage {SHOULD_BE}"]
    item = await desk.queue.item(await desk.queue.item_of(turn) or 0, 0)
    assert item is not None
    assert item.line.choice == SHOULD_BE
    assert [(one.author, one.choice) for one in item.decisions] == [
        ("ann", SHOULD_BE),
        ("ben", RIGHT),
        ("cleo", SHOULD_BE),
    ]


async def test_a_third_opinion_settles_nothing_and_an_editor_does(desk: Desk) -> None:
    turn = await put(desk)
    await desk.decide(turn, SHOULD_BE, "ann")
    await desk.decide(turn, RIGHT, "ben")
    third = Choice(Verdict.NEW_ENTRY)
    assert await desk.decide(turn, third, "cleo") is State.DISPUTED
    assert await desk.decide(turn, RIGHT, "eve", settles=True) is State.SETTLED
    assert desk.staged.texts == {}
    assert (await trail(desk))[0] == ("eve", "review.resolved", "disputed", "settled: right")
    assert await desk.undo("eve") == 1
    assert await desk.texts(show="disputed") == [TEXT]


async def test_giving_way_ends_a_dispute(desk: Desk) -> None:
    turn = await put(desk)
    await desk.decide(turn, SHOULD_BE, "ann")
    await desk.decide(turn, RIGHT, "ben")
    assert await desk.decide(turn, RIGHT, "ann") is State.SETTLED
    item = await desk.queue.item(await desk.queue.item_of(turn) or 0, 0)
    assert item is not None
    assert [one.stands for one in item.decisions] == [False, True, True]


async def test_where_two_are_needed_one_does_not_settle_it(desk: Desk) -> None:
    desk.set(ReviewSettings(review_sample=0, review_decisions=2))
    turn = await put(desk)
    assert await desk.decide(turn, SHOULD_BE, "ann") is State.OPEN
    ann = await desk.reviewer("ann")
    assert await desk.texts() == [TEXT], "others still see it"
    assert await desk.texts(ann.id) == [], "whoever decided does not"
    assert await desk.texts(ann.id, show="mine") == [TEXT]
    assert desk.staged.calls == []
    assert await desk.decide(turn, SHOULD_BE, "ben") is State.SETTLED
    assert len(desk.staged.texts) == 1


async def test_what_is_skipped_is_left_to_others(desk: Desk) -> None:
    turn = await put(desk)
    assert await desk.decide(turn, SKIP) is State.OPEN
    ann = await desk.reviewer("ann")
    assert (await desk.texts(ann.id), await desk.texts()) == ([], [TEXT])
    assert await desk.decide(turn, RIGHT, "ben") is State.SETTLED


async def test_a_decided_text_comes_back_only_when_a_new_model_answers_it_differently(desk: Desk) -> None:
    turn = await put(desk)
    await desk.decide(turn, RIGHT)
    await put(desk, at=LATER, outcome="refer", entry=None)
    await put(desk, at=LATER + timedelta(hours=1), model="second")
    assert await desk.texts() == [], "the same model in another context, and another that answers the same"
    anew = await put(desk, at=LATER + timedelta(hours=2), model="second", outcome="refer", entry=None)
    (line,) = await desk.lines(reason="answered_anew")
    assert line.turn == anew
    assert Reason.ANSWERED_ANEW in dict(line.reasons)
    item = await desk.queue.item(line.id, 0)
    assert item is not None
    assert [one.earlier for one in item.decisions] == [True]
    assert turn in await reviewed(desk)
    assert anew not in await reviewed(desk)
    await desk.decide(anew, SHOULD_BE)
    assert await desk.texts() == []
    assert await desk.undo() == 1
    assert [line.turn for line in await desk.lines(reason="answered_anew")] == [anew]
    assert turn in await reviewed(desk), "what was decided of the earlier answer stands"


async def test_it_does_not_come_back_when_the_new_answer_is_the_one_asked_for(desk: Desk) -> None:
    await desk.decide(await put(desk), SHOULD_BE)
    await put(desk, at=LATER, model="second", entry=SHOULD_BE.target)
    assert await desk.texts() == []


async def test_what_was_answered_anew_or_erased_meanwhile_cannot_be_decided(desk: Desk) -> None:
    turn = await put(desk, conversation="c")
    await desk.decide(turn, RIGHT)
    await put(desk, at=LATER, model="second", outcome="refer", entry=None)
    with pytest.raises(Outdated):
        await desk.decide(turn, RIGHT, "ben")
    other = await put(desk, "another", conversation="d")
    item = await desk.queue.item_of(other)
    async with writing(desk.store) as session:
        await forget_turns(session, "d")
    with pytest.raises(Outdated):
        await desk.decisions.decide(await desk.reviewer("ann"), {item or 0: other}, RIGHT, None, now())


async def test_what_a_crash_left_unstaged_is_staged_by_the_next_decision(desk: Desk) -> None:
    class Crashing(Staged):
        async def stage(self, *args: object, **named: object) -> int:
            raise ConnectionError

    turn = await put(desk)
    kept = desk.decisions
    desk.decisions = Decisions(desk.store, desk.settings, Crashing())
    with pytest.raises(ConnectionError):
        await desk.decide(turn, SHOULD_BE)
    assert await desk.texts() == [], "it is decided all the same"
    desk.decisions = kept
    await desk.decide(await put(desk, "another"), RIGHT)
    assert [choice for choice, *_ in desk.staged.texts.values()] == [SHOULD_BE]


async def test_the_estimate_is_of_what_was_drawn_alone(desk: Desk) -> None:
    desk.set(ReviewSettings(review_sample=1))
    right = await put(desk)
    await put(desk, at=NOON + timedelta(minutes=1))
    wrong = await put(desk, "another", at=LATER)
    await put(desk, "another", at=LATER + timedelta(minutes=1))
    desk.set(ReviewSettings(review_sample=0))
    missed = await put(desk, "looked at because it did not help", at=LATER)
    today = LATER.date()
    assert await desk.queue.estimate(today) == Estimate(drawn=4, judged=0, right=0)
    await desk.decide(missed, SHOULD_BE)
    assert (await desk.queue.estimate(today)).judged == 0
    await desk.decide(right, RIGHT)
    await desk.decide(wrong, SHOULD_BE)
    assert (await desk.queue.estimate(today)).share == 0.5
    assert await desk.queue.estimate(today) == Estimate(drawn=4, judged=4, right=2)
    assert await desk.queue.estimate(today + timedelta(days=100)) == Estimate(0, 0, 0)
    await desk.undo()
    assert await desk.queue.estimate(today) == Estimate(drawn=4, judged=2, right=2)


def test_a_decision_must_name_what_there_is(base: KnowledgeBase) -> None:
    choices = Choices(base, ("pct_filing",))
    for fits in (RIGHT, SKIP, SHOULD_BE, Choice(Verdict.OUT_OF_SCOPE, "pct_filing")):
        choices.check(fits)
    for unfit in (
        Choice(Verdict.ENTRY),
        Choice(Verdict.ENTRY, "<script>"),
        Choice(Verdict.UNANSWERED, "nowhere"),
        Choice(Verdict.OUT_OF_SCOPE, None),
        Choice(Verdict.RIGHT, "inn_tisc_what"),
    ):
        with pytest.raises(Unfit):
            choices.check(unfit)


@pytest.mark.parametrize("query", ["tisc", "CATI", "什么是TISC", "inn_tisc_what", "что такое цпти", "est CATI"])
def test_an_entry_is_found_by_its_title_in_any_language(base: KnowledgeBase, query: str) -> None:
    found = [entry.id for entry in Choices(base, ()).search(query)]
    assert any(one.startswith("inn_") for one in found), found
    assert Choices(base, ()).search("  ") == []
