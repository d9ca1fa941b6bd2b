"""A larger knowledge base for measuring has more of the same, and what was known before is found as before."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from bot.engine.arrays import Floats
from bot.engine.context import Subject
from bot.engine.larger import enlarged, measure
from bot.engine.ranking import Text
from bot.engine.understanding import Example, Understanding

ASKED = {
    "ip/cost": ["what does it cost", "is there a fee for this", "how much must we pay"],
    "ip/apply": ["how do we apply", "where is the form to fill in", "what must a request contain"],
    "out/weather": ["will it rain tomorrow", "is it cold in geneva", "how is the weather"],
}


def encoder(texts: Sequence[str]) -> Floats:
    rows = [np.random.default_rng(sum(map(ord, text))).standard_normal(512) for text in texts]
    return np.array([row / np.linalg.norm(row) for row in rows], dtype=np.float32)


@pytest.fixture(scope="module")
def learned() -> Understanding:
    examples = [Example(text, name, "en") for name, texts in ASKED.items() for text in texts * 2]
    answers = [Example("It is free.", "ip/cost", "en"), Example("Fill in the form.", "ip/apply", "en")]
    subjects = {"ip/cost": Subject("ip", "Cost", frozenset(), ("cost",)), "ip/apply": Subject("ip", "How to apply")}
    return Understanding.fit(examples, answers, subjects, [], (encoder, None))


@pytest.mark.parametrize("times", [1, 4])
def test_entries_are_repeated_and_nothing_else(learned: Understanding, times: int) -> None:
    larger = enlarged(learned, times, (encoder, None))

    assert len(larger.names) == len(set(larger.names)) == 3 + 2 * (times - 1)
    assert len(larger.ranking.first.questions.rows) == 3 * 6 + 2 * 6 * (times - 1)
    assert larger.ranking.words.indexes["question_stems"].weights.shape[0] == 3 + 2 * (times - 1)


def test_what_was_known_is_still_found_among_the_more(learned: Understanding) -> None:
    larger = enlarged(learned, 4, (encoder, None))

    for texts in ASKED.values():
        asked = [Text(text) for text in texts]
        logs = larger.quick(asked)
        assert logs.shape == (3, 9)
        assert (logs.argmax(axis=1) == learned.quick(asked).argmax(axis=1)).all()


def test_a_message_is_measured(learned: Understanding) -> None:
    assert measure(enlarged(learned, 2, (encoder, None)), ASKED["ip/cost"]) > 0
