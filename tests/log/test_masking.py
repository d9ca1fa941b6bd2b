"""Personal data are masked, and nothing else: counted on a set written before the rules (tests/log/masking)."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bot.conversation.question import LONGEST
from bot.log.masking.mask import Masking
from knowledge.base import KnowledgeBase, load

WRITTEN = sorted((Path(__file__).parent / "masking").glob("*.yml"))
MISSED = 1
"""Of fifty items in a language, at most,"""
WRONGLY_MASKED = 1
"""and of fifty clean messages."""

MASKING = Masking(load())


@pytest.fixture(params=WRITTEN, ids=lambda path: path.stem)
def written(request: pytest.FixtureRequest) -> dict[str, Any]:
    return YAML(typ="safe").load(request.param)  # type: ignore[no-any-return]


def test_the_set_is_large_enough() -> None:
    sets = [YAML(typ="safe").load(path) for path in WRITTEN]
    assert len(sets) == 6
    assert sum(len(items) for one in sets for items in one["personal"].values()) >= 300
    assert sum(len(items) for one in sets for items in one["clean"].values()) >= 300


def test_personal_data_are_masked(written: dict[str, Any]) -> None:
    items = [item for kind in written["personal"].values() for item in kind]
    missed = [
        (item["text"], masked)
        for item in items
        if any(part in (masked := MASKING(item["text"])) for part in item["mask"])
    ]
    assert len(missed) <= MISSED, missed


def test_what_is_clean_stays_as_it_is(written: dict[str, Any]) -> None:
    clean = [text for kind in written["clean"].values() for text in kind]
    touched = [(text, masked) for text in clean if (masked := MASKING(text)) != text]
    assert len(touched) <= WRONGLY_MASKED, touched


def test_our_own_answers_and_contacts_are_never_masked(base: KnowledgeBase) -> None:
    answers = [e.answer for e in base.entries.values()]
    answers += [t.answer for e in base.entries.values() for t in e.translations.values()]
    answers += [
        text for contact in base.contacts.values() for text in (*contact.name.values(), *contact.title.values())
    ]
    assert [(text, masked) for text in answers if (masked := MASKING(text)) != text] == []


def test_the_kind_stands_where_the_data_stood() -> None:
    text = "My name is Grace Wanjiru, mail g.w@example.org, tel. 0712 345 678. What is a TISC?"
    assert MASKING(text) == "My name is [name], mail [e-mail], tel. [telephone]. What is a TISC?"


@pytest.mark.parametrize(
    ("text", "known", "masked"),
    [
        ("otieno", [("name", "Amina Otieno")], "[name]"),
        ("AMINA  OTIENO it is", [("name", "Amina Otieno")], "[name] it is"),
        ("Aminata asked", [("name", "Amina Otieno")], "Aminata asked"),
        ("王小明问", [("name", "王小明")], "[name]问"),
        ("we are Acme Ltd.", [("organisation", "Acme Ltd")], "we are [organisation]."),
        ("a.o at home", [("e-mail", "a.o@example.org")], "a.o at home"),
        ("What for?", [("name", "What")], "[name] for?"),
        ("anything", [("name", " ")], "anything"),
    ],
)
def test_what_the_delegate_told_the_form_is_masked_wherever_it_stands(
    text: str, known: list[tuple[str, str]], masked: str
) -> None:
    assert MASKING(text, known) == masked


@given(st.text(max_size=300))
def test_any_text_can_be_masked(text: str) -> None:
    found = MASKING.find(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.end <= other.start for one, other in itertools.pairwise(found))


@pytest.mark.parametrize(
    "piece", ["a", "a.", "a@", "1", "1 ", "1-", "+1", "(1)", "Mr ", "A b ", "rue ", "DE89 ", "a at b dot "]
)
def test_a_long_text_of_one_piece_can_be_masked(piece: str) -> None:
    MASKING(piece * (LONGEST // len(piece)))
