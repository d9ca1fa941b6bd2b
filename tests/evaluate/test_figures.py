"""The figures say what they claim, on turns made up for the purpose."""

from __future__ import annotations

import pytest

from bot.conversation.outcome import Outcome
from bot.evaluate.__main__ import QUESTIONS, summary, write
from bot.evaluate.figures import Turn, Verdict, compute, verdict
from bot.evaluate.questions import Asked, Question, load
from knowledge.base import KnowledgeBase
from knowledge.records import Language


def turn(
    expect: str,
    outcome: str,
    *,
    wanted: tuple[str, ...] = (),
    entry: str | None = None,
    facts: tuple[str, ...] = (),
    confidence: float = 0.9,
) -> Turn:
    question = Question(text="as asked", style="plain", expect=Outcome(expect), entries=wanted)
    asked = Asked(question=question, area="innovation_support", language=Language.EN)
    return Turn(
        asked=asked,
        outcome=Outcome(outcome),
        facts=frozenset(facts),
        entry=entry,
        confidence=confidence,
        language=Language.EN,
        text="said",
    )


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (turn("answer", "answer", wanted=("inn_tisc_what",), entry="inn_tisc_what"), Verdict.RIGHT),
        (turn("answer", "answer", wanted=("inn_aspi_since",), entry="inn_aspi_what", facts=("INN22",)), Verdict.RIGHT),
        (turn("answer", "answer", wanted=("inn_tisc_what",), entry="inn_aspi_what"), Verdict.WRONG),
        (turn("answer", "error", wanted=("inn_tisc_what",)), Verdict.WRONG),
        (turn("answer", "clarify", wanted=("inn_tisc_what",)), Verdict.CLARIFIED),
        (turn("answer", "refer", wanted=("inn_tisc_what",)), Verdict.REFERRED),
        (turn("answer", "out_of_scope", wanted=("inn_tisc_what",)), Verdict.REFUSED),
        (turn("refer", "refer"), Verdict.RIGHT),
        (turn("refer", "answer", entry="inn_tisc_what"), Verdict.WRONG),
        (turn("out_of_scope", "out_of_scope"), Verdict.RIGHT),
        (turn("out_of_scope", "refer"), Verdict.REFERRED),
        (turn("out_of_scope", "answer", entry="inn_tisc_what"), Verdict.WRONG),
        (turn("small_talk", "out_of_scope"), Verdict.REFUSED),
    ],
)
def test_verdicts(base: KnowledgeBase, case: Turn, expected: Verdict) -> None:
    assert verdict(case, base) is expected


def test_shares_calibration_and_confusion(base: KnowledgeBase) -> None:
    right = turn("answer", "answer", wanted=("inn_tisc_what",), entry="inn_tisc_what", confidence=0.95)
    wrong = turn("answer", "answer", wanted=("inn_tisc_what",), entry="adr_cost", confidence=0.95)
    refused = turn("answer", "out_of_scope", wanted=("inn_tisc_what",))
    answered = turn("out_of_scope", "answer", entry="adr_cost", confidence=0.55)
    figures = compute([right, wrong, refused, answered], base)
    assert figures.right == pytest.approx(1 / 3)
    assert figures.falsely_refused == pytest.approx(1 / 3)
    assert figures.outside_answered == 1
    assert figures.calibration_error == pytest.approx((2 * 0.45 + 1 * 0.55) / 3)
    assert figures.confusion == [("innovation_support", "ip_dispute_resolution", 2)]
    assert [error["confidence"] for error in figures.worst] == [0.95, 0.55, 0.9]


def test_the_page_and_the_json_hold_the_figures(base: KnowledgeBase, tmp_path_factory: pytest.TempPathFactory) -> None:
    figures = compute([turn("answer", "answer", wanted=("inn_tisc_what",), entry="inn_tisc_what")], base)
    as_json, page = write(figures, tmp_path_factory.mktemp("evaluation"))
    assert '"right": 1.0' in as_json.read_text(encoding="utf-8")
    assert "100.0 %" in page.read_text(encoding="utf-8")
    assert "100.0% right" in summary(figures)


def test_the_development_questions_are_many_and_none_is_trained_on(base: KnowledgeBase) -> None:
    asked = load(QUESTIONS, base)
    english = [a.question for a in asked if a.language is Language.EN]
    assert len(english) >= 400
    assert sum(q.expect is not Outcome.ANSWER for q in english) >= 150
    trained = {question.casefold() for entry in base.entries.values() for question in entry.questions}
    assert [q.text for q in english if q.text.casefold() in trained] == []
