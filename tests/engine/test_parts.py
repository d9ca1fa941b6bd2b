"""Where one question of a message ends and the next begins, in six languages."""

from __future__ import annotations

import pytest

from bot.engine.parts import beside_questions, questions


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("What is a TISC and what does ARDI cost?", ["What is a TISC", "what does ARDI cost?"]),
        ("Who may apply? How much is it?", ["Who may apply?", "How much is it?"]),
        ("Qui peut demander et combien ça coûte ?", ["Qui peut demander", "combien ça coûte ?"]),
        ("¿Quién puede pedirlo? ¿Cuánto cuesta?", ["¿Quién puede pedirlo?", "¿Cuánto cuesta?"]),
        ("من يمكنه التقديم وكم التكلفة؟", ["من يمكنه التقديم", "كم التكلفة؟"]),
        ("谁可以申请，费用多少？", ["谁可以申请", "费用多少？"]),
        ("Кто может подать заявку и сколько это стоит?", ["Кто может подать заявку", "сколько это стоит?"]),
    ],
)
def test_two_questions(text: str, parts: list[str]) -> None:
    assert [part for part, _ in questions(text)] == parts


@pytest.mark.parametrize(
    "text",
    [
        "What is the difference between mediation and arbitration?",
        "Hello, we are from Peru. How do we ask for a project?",
        "who can use ardi and how",
        "The delegation presents its compliments and thanks the Secretariat. Could you tell us who may apply?",
        "",
    ],
)
def test_one_question_or_none(text: str) -> None:
    assert questions(text) == []


def test_each_part_knows_what_stands_before_it() -> None:
    found = questions("I read about the TISC network. Who may host one, and what does it cost?")
    assert found[0] == ("Who may host one", "I read about the TISC network.")
    assert found[1][1].startswith("I read about the TISC network. Who may host one")


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("What is ARDI? I want a person.", ["I want a person."]),
        ("Je voudrais parler à quelqu'un. Qu'est-ce qu'ARDI ?", ["Je voudrais parler à quelqu'un."]),
        ("¿Qué es ARDI? Quiero hablar con una persona.", ["Quiero hablar con una persona."]),
        ("ما هو ARDI؟ أريد التحدث إلى شخص.", ["أريد التحدث إلى شخص."]),
        ("什么是ARDI？我要跟真人说话。", ["我要跟真人说话。"]),
        ("Что такое ARDI? Хочу поговорить с человеком.", ["Хочу поговорить с человеком."]),
        ("Hello. I want a person.", []),
        ("What is ARDI?", []),
    ],
)
def test_what_stands_beside_a_question(text: str, stated: list[str]) -> None:
    assert beside_questions(text) == stated
