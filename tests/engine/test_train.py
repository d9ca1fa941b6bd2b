"""Examples are told apart by what is asked, what for and in which language."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.shared.nlu.constants import INTENT, METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.engine.train import fingerprint


def example(text: str = "What is ARDI?", intent: str = "access", **about: Any) -> Message:
    about = {"request": "ardi_what", "language": "en", "answer": "long", **about}
    return Message({TEXT: text, INTENT: intent, METADATA: {METADATA_INTENT: about}})


@pytest.mark.parametrize(
    "other",
    [
        example("What is ASPI?"),
        example(intent="patents"),
        example(request="ardi_cost"),
        example(language="fr"),
        Message({TEXT: "What is ARDI?"}),
    ],
)
def test_other_examples_are_others(other: Message) -> None:
    assert fingerprint(other) != fingerprint(example())


def test_the_same_example_twice_is_one() -> None:
    assert fingerprint(example()) == fingerprint(example(answer="longer"))
