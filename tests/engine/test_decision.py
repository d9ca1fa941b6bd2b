"""Answer when sure, ask back when close, and otherwise say that it is not understood."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.shared.nlu.training_data.message import Message

from bot.engine.decision import Decision


def ranked(**confidences: float) -> list[dict[str, Any]]:
    return [{"name": name.replace("__", "/"), "confidence": c} for name, c in confidences.items()]


@pytest.fixture
def decision() -> Decision:
    return Decision({"answer": 0.5, "unclear": 0.4, "part": 0.5, "outside": 0.2, "sure": 0.8})


@pytest.mark.parametrize(
    ("requests", "intent"),
    [
        (ranked(innovation_support__inn_tisc_what=0.8, out_of_scope__jobs=0.1), "innovation_support"),
        (ranked(open_question__tri_form_address=0.6), "open_question"),
        (ranked(innovation_support__inn_aspi_cost=0.4, innovation_support__inn_r4l_cost=0.3), "unclear"),
        (ranked(innovation_support__inn_aspi_cost=0.2, out_of_scope__jobs=0.15), "nlu_fallback"),
        (ranked(out_of_scope__jobs=0.3, out_of_scope__politics=0.25, small_talk__greet=0.1), "out_of_scope"),
        (ranked(small_talk__greet=0.9), "small_talk"),
        (ranked(unclear=0.9), "unclear"),
    ],
)
def test_decides(decision: Decision, requests: list[dict[str, Any]], intent: str) -> None:
    assert decision.decide(requests)["name"] == intent


@pytest.mark.parametrize(("confidence", "intent"), [(0.6, "out_of_scope"), (0.9, "innovation_support")])
def test_an_unsure_answer_gives_way_to_what_lies_outside(decision: Decision, confidence: float, intent: str) -> None:
    requests = ranked(innovation_support__inn_tisc_what=confidence, out_of_scope__jobs=0.1)
    intents = {"innovation_support": confidence, "out_of_scope": 0.15, "small_talk": 0.1}
    assert decision.decide(requests, intents)["name"] == intent


def test_a_message_that_was_not_classified_is_left_alone(decision: Decision) -> None:
    message = Message({"text": "/choose", "intent": {"name": "choose", "confidence": 1.0}})
    assert decision.process([message])[0].get("intent")["name"] == "choose"


def parts(*firsts: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"text": "a part", "requests": [first]} for first in firsts]


def test_what_surely_lies_outside_is_not_taken_apart(decision: Decision) -> None:
    (tisc,) = ranked(innovation_support__inn_tisc_what=0.9)
    (cost,) = ranked(innovation_support__inn_aspi_cost=0.7)
    message = Message({"requests": ranked(out_of_scope__jobs=0.9), "parts": parts(tisc, cost)})
    decision.process([message])
    assert message.get("intent")["name"] == "out_of_scope"


def test_a_message_of_two_questions(decision: Decision) -> None:
    (tisc,) = ranked(innovation_support__inn_tisc_what=0.9)
    (cost,) = ranked(innovation_support__inn_aspi_cost=0.7)
    (weather,) = ranked(out_of_scope__weather=0.9)
    (greeting,) = ranked(small_talk__greet=0.9)
    (doubtful,) = ranked(innovation_support__inn_aspi_cost=0.2)
    assert decision.several(parts(tisc, cost)) == {"name": "several_questions", "confidence": 0.7}
    assert decision.several(parts(tisc, weather)) is not None
    for single in ([], parts(tisc), parts(tisc, tisc), parts(tisc, greeting), parts(tisc, doubtful), parts(weather)):
        assert decision.several(single) is None


def test_a_question_and_the_wish_for_a_person_are_both_heard(decision: Decision) -> None:
    (tisc,) = ranked(innovation_support__inn_tisc_what=0.9)
    (wish,) = ranked(ask_for_person=0.95)
    message = Message({"requests": [tisc], "parts": parts(tisc, wish)})
    decision.process([message])
    assert message.get("intent")["name"] == "several_questions"


@pytest.mark.parametrize("first", [*ranked(out_of_scope__jobs=0.9), *ranked(innovation_support__inn_tisc_what=0.3)])
def test_the_wish_for_a_person_counts_where_the_question_has_no_answer(
    decision: Decision, first: dict[str, Any]
) -> None:
    (wish,) = ranked(ask_for_person=0.95)
    message = Message({"requests": [first], "parts": parts(first, wish)})
    decision.process([message])
    assert message.get("intent") == {"name": "ask_for_person", "confidence": 0.95}


def test_a_wish_that_is_not_sure_leaves_the_question_alone(decision: Decision) -> None:
    (tisc,) = ranked(innovation_support__inn_tisc_what=0.9)
    (wish,) = ranked(ask_for_person=0.4)
    message = Message({"requests": [tisc], "parts": parts(tisc, wish)})
    decision.process([message])
    assert message.get("intent")["name"] == "innovation_support"
