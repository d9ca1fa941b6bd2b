"""The rules by themselves: when it is settled, what is near, what is drawn, and how sure the estimate is."""

from __future__ import annotations

import pytest

from bot.conversation.outcome import Outcome
from bot.review.choices import read_topics
from bot.review.nearness import NEAR, KnownQuestions, grams, nearness
from bot.review.reasons import Reason, from_bits, rank, to_bits
from bot.review.sample import Estimate, is_drawn, wilson
from bot.review.settling import Answer, Choice, State, Verdict, Vote, is_answered_anew, is_right, settle
from bot.store.record_tables import DAY
from knowledge.base import KnowledgeBase
from knowledge.records import Language

A, B, C = Choice(Verdict.RIGHT), Choice(Verdict.ENTRY, "b"), Choice(Verdict.NEW_ENTRY)
SKIP = Choice(Verdict.SKIP)


@pytest.mark.parametrize(
    ("choices", "needed", "state", "settled"),
    [
        ([], 1, State.OPEN, None),
        ([A], 1, State.SETTLED, A),
        ([A], 2, State.OPEN, None),
        ([A, A], 2, State.SETTLED, A),
        ([SKIP], 1, State.OPEN, None),
        ([SKIP, A], 1, State.SETTLED, A),
        ([A, B], 1, State.DISPUTED, None),
        ([A, B], 2, State.DISPUTED, None),
        ([B, Choice(Verdict.ENTRY, "other")], 1, State.DISPUTED, None),
        ([A, B, SKIP], 1, State.DISPUTED, None),
        ([A, B, A], 1, State.SETTLED, A),
        ([A, B, C], 1, State.DISPUTED, None),
        ([A, B, A, B], 1, State.DISPUTED, None),
        ([A, B, C, B], 1, State.SETTLED, B),
    ],
)
def test_when_it_is_settled(choices: list[Choice], needed: int, state: State, settled: Choice | None) -> None:
    assert settle([Vote(choice) for choice in choices], needed) == (state, settled)


def test_an_editors_resolution_outweighs_all() -> None:
    assert settle([Vote(A), Vote(A), Vote(B), Vote(C, resolves=True)], 2) == (State.SETTLED, C)


ANSWERED = Answer(Outcome.ANSWER, "a")
REFERRED = Answer(Outcome.REFER, None, "open_question/gap")


@pytest.mark.parametrize(
    ("answer", "choice", "judged", "right"),
    [
        (ANSWERED, A, ANSWERED, True),
        (REFERRED, A, ANSWERED, None),
        (ANSWERED, B, ANSWERED, False),
        (Answer(Outcome.ANSWER, "b"), B, ANSWERED, True),
        (Answer(Outcome.CLARIFY, "b"), B, ANSWERED, False),
        (REFERRED, Choice(Verdict.ENTRY, "gap"), ANSWERED, True),
        (REFERRED, Choice(Verdict.UNANSWERED, "area"), ANSWERED, True),
        (ANSWERED, Choice(Verdict.UNANSWERED, "area"), ANSWERED, False),
        (Answer(Outcome.OUT_OF_SCOPE), Choice(Verdict.OUT_OF_SCOPE, "pct"), ANSWERED, True),
        (ANSWERED, C, ANSWERED, False),
        (REFERRED, C, ANSWERED, None),
        (ANSWERED, SKIP, ANSWERED, None),
    ],
)
def test_what_a_decision_says_of_another_answer(
    answer: Answer, choice: Choice, judged: Answer, right: bool | None
) -> None:
    assert is_right(answer, choice, judged) is right


def test_it_is_answered_anew_only_by_what_was_neither_judged_nor_asked_for() -> None:
    assert not is_answered_anew(ANSWERED, B, ANSWERED)
    assert not is_answered_anew(Answer(Outcome.ANSWER, "b"), B, ANSWERED)
    assert is_answered_anew(Answer(Outcome.ANSWER, "c"), B, ANSWERED)
    assert is_answered_anew(REFERRED, A, ANSWERED)


def test_the_first_reason_ranks_and_what_is_disputed_goes_before_all() -> None:
    assert rank([Reason.NEW_WORDING, Reason.UNHELPFUL], disputed=False) == Reason.UNHELPFUL
    assert rank([], disputed=False) is None
    assert (rank([], disputed=True) or 0) < min(Reason)
    assert from_bits(to_bits([Reason.SAMPLE, Reason.NEW_WORDING])) == {Reason.SAMPLE, Reason.NEW_WORDING}


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("Where do I register for the webinar?", "Where can I register for webinars", True),
        ("Qui peut demander une bourse ?", "qui peut demander les bourses", True),
        ("ما هي مراكز دعم التكنولوجيا؟", "ما هي مراكز دعم تكنولوجيا", True),
        ("技术与创新支持中心是什么", "什么是技术与创新支持中心？", True),
        ("Что такое посредничество в ВОИС?", "что такое посредничество ВОИС", True),
        ("Where do I register for the webinar?", "What does the study cost?", False),
        ("", "", False),
    ],
)
def test_near_wording(one: str, other: str, *, near: bool) -> None:
    assert (nearness(grams(one), grams(other)) >= NEAR) is near
    assert nearness(grams(one), grams(other)) == nearness(grams(other), grams(one))


def test_wording_is_new_where_no_question_of_the_entry_is_like_it(base: KnowledgeBase) -> None:
    known, entry = KnownQuestions(base), base.entries["inn_tisc_what"]
    for language in Language:
        assert not known.is_unlike(entry.in_language(language).questions[0], language, entry.id)
        assert known.is_unlike("zzz qqq xxx", language, entry.id)
    assert not known.is_unlike("zzz qqq xxx", Language.EN, None)


def test_the_draw_is_the_same_each_time_and_of_the_share_asked_for() -> None:
    turns = range(20_000 * DAY, 20_100 * DAY, DAY // 100)
    drawn = [turn for turn in turns if is_drawn(turn, 0.1)]
    assert drawn == [turn for turn in turns if is_drawn(turn, 0.1)]
    # 10,000 draws: four standard deviations of the binomial are 120.
    assert abs(len(drawn) - 1000) < 120
    assert set(drawn) < {turn for turn in turns if is_drawn(turn, 0.2)}
    assert not any(is_drawn(turn, 0) for turn in turns)
    assert all(is_drawn(turn, 1) for turn in turns)


def test_wilsons_interval() -> None:
    low, high = wilson(81, 100)
    assert (round(low, 4), round(high, 4)) == (0.7222, 0.8749)
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(10, 10) == pytest.approx((0.7225, 1), abs=1e-4)
    assert wilson(0, 10) == pytest.approx((0, 0.2775), abs=1e-4)


def test_what_is_not_judged_may_be_either() -> None:
    whole, half = Estimate(100, 100, 81), Estimate(100, 50, 41)
    assert whole.interval == wilson(81, 100)
    assert half.interval == (wilson(41, 100)[0], wilson(91, 100)[1])
    assert half.interval[0] < whole.interval[0] < whole.interval[1] < half.interval[1]
    assert Estimate(0, 0, 0).share is None


def test_topics_are_those_the_assistant_knows() -> None:
    assert {"pct_filing", "madrid_marks"} <= set(read_topics())
