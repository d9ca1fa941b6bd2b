"""What is said of a new question from its text alone."""

from __future__ import annotations

import pytest

from bot.publishing.changes import Change, OutsideAdded, QuestionAdded, UnansweredAdded
from bot.publishing.hints import Hints, Says
from bot.settings import ROOT
from knowledge.base import KnowledgeBase
from knowledge.records import Language


@pytest.fixture
def hints(base: KnowledgeBase) -> Hints:
    return Hints(base, ROOT)


def said(hints: Hints, change: Change, *others: Change) -> list[tuple[Says, str]]:
    return [(hint.says, hint.request) for hint in hints.of(change, others)]


def question(text: str, entry: str = "pkg_overview", language: Language = Language.EN) -> QuestionAdded:
    return QuestionAdded(language=language, text=text, entry=entry)


def test_what_is_new_is_not_commented(hints: Hints) -> None:
    assert said(hints, question("does the ambassador get a tour of the server room")) == []


def test_what_is_there_teaches_nothing(hints: Hints) -> None:
    assert said(hints, question("What is the response package?"))[0] == (Says.THERE_ALREADY, "pkg_overview")


def test_what_is_nearly_there_teaches_little(hints: Hints) -> None:
    assert (Says.NEARLY_THERE, "pkg_overview") in said(hints, question("what is the response packages"))


def test_what_is_asked_of_another_confuses_the_two(hints: Hints) -> None:
    assert (Says.ELSEWHERE, "pkg_overview") in said(hints, question("what is the response package", "pkg_money"))


@pytest.mark.parametrize(
    "change",
    [
        OutsideAdded(language=Language.FR, text="Taxes PCT !", topic="pct_filing"),
        UnansweredAdded(language=Language.FR, text="recours après refus, paquet COVID", area="response_package"),
        question("什么是产权组织的一揽子方案", language=Language.ZH),
    ],
)
def test_every_language_and_file_is_looked_at(hints: Hints, change: Change) -> None:
    assert all(says in (Says.THERE_ALREADY, Says.ELSEWHERE, Says.NEARLY_THERE) for says, _ in said(hints, change))
    outside = OutsideAdded(language=Language.FR, text="taxes PCT", topic="trademark_filing")
    assert said(hints, outside) == [(Says.ELSEWHERE, "pct_filing")]


def test_what_is_staged_beside_it_counts(hints: Hints) -> None:
    one, other = question("may we visit the vault", "pkg_money"), question("may we visit the vault?", "pkg_aims")
    assert said(hints, one, one, other) == [(Says.ELSEWHERE, "pkg_aims")]
    assert said(hints, one, one) == []
