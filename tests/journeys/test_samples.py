"""The sample questions that came with the facts, asked through the API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.journeys.conftest import Assistant, Delegate

pytestmark = pytest.mark.journey

QUESTIONS = YAML(typ="safe").load(Path(__file__).parent.parent / "samples/questions.yml")["questions"]
SHARE = 0.9
"""The part that must be right; nobody may train on these questions."""


def test_at_least_nine_in_ten_get_the_expected_fact_or_referral(assistant: Assistant) -> None:
    wrong = []
    for question in QUESTIONS:
        turn = Delegate(assistant).say(question["text"])
        if not _right(question, turn):
            facts = sorted({fact for reply in turn["replies"] for fact in reply["facts"]})
            wrong.append(
                f"{question['text']} wanted {question['expected']} {question['facts']}, got {turn['outcome']} {facts}"
            )
    right = 1 - len(wrong) / len(QUESTIONS)
    assert right >= SHARE, "\n".join([f"{right:.0%} right", *wrong])


def _right(question: dict[str, Any], turn: dict[str, Any]) -> bool:
    facts = {fact for reply in turn["replies"] for fact in reply["facts"]}
    wanted = set(question["facts"])
    if question["expected"] == "refer":
        named = any(reply["contact"] for reply in turn["replies"])
        return turn["outcome"] == "refer" or (turn["outcome"] == "answer" and named and facts <= wanted)
    return turn["outcome"] == "answer" and bool(facts & wanted)
