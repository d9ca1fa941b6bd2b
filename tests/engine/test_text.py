"""One normal form: shouting, signatures and invisible marks say nothing of what is asked."""

from __future__ import annotations

import pytest

from bot.engine.text import LONGEST, ending, normal


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("WHO MAY APPLY FOR A SCHOLARSHIP", "who may apply for a scholarship"),
        ("TISC DL-101?", "TISC DL-101?"),
        ("who\u200b may  apply\n\nnow", "who may apply now"),
        ("\uff21\uff32\uff24\uff29 \u2019s", "ARDI 's"),
    ],
)
def test_normal_form(typed: str, read: str) -> None:
    assert normal(typed) == read


@pytest.mark.parametrize(
    "signature",
    [
        "\n-- \nMaria Silva\nHead of Division",
        "\n\nBest regards,\nMaria Silva",
        "\nКак всегда,\n\nС уважением,\nИван Петров",
        "\n\nCordialement,\nJean Dupont",
        "\n\nAtentamente,\nAna Gómez",
        "\n\n此致\n敬礼\n王芳",
        "\n\nSina Leavasa\nRegistrar, Apia",
        "\nMaria Silva\nSecond Secretary\nPermanent Mission of Peru, Geneva",
        " Kind regards, Maria Silva, Legal Adviser, Ministry of Economy, Lima",
    ],
)
def test_a_signature_is_left_out(signature: str) -> None:
    assert normal(f"May Samoa have a project too?{signature}").startswith("May Samoa have a project too?")
    assert not any(name in normal(f"May Samoa have a project too?{signature}") for name in ("Silva", "Dupont", "王芳"))


def test_a_question_below_a_greeting_stays() -> None:
    assert normal("Dear colleagues,\n\nBest regards from Lima.\nWho may apply?").endswith("Who may apply?")
    assert (
        normal("I know ARDI. Many thanks, tell me who may apply") == "I know ARDI. Many thanks, tell me who may apply"
    )
    assert normal("What is ARDI?\nand ASPI\nand TISC?").endswith("TISC?")
    assert normal("Maria Silva\nHead of Division") == "Maria Silva Head of Division"


def test_a_very_long_text_keeps_its_beginning_and_its_end() -> None:
    text = normal("first " + "word " * 1000 + "last")
    assert len(text) <= LONGEST + 1
    assert text.startswith("first")
    assert text.endswith("last")


def test_the_ending_begins_at_a_word() -> None:
    assert ending("one two three", 9) == "three"
    assert ending("one two", 9) == "one two"
