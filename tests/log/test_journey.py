"""A conversation of the record as a journey: read by the journeys' own reader, it says what happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.outcome import Outcome
from bot.log.journey import Decided, Remarks, journey
from bot.log.record import Record
from bot.log.turns import Reasons, Reply, Transcript, Turn, WholeTurn
from knowledge.base import KnowledgeBase, load
from knowledge.records import Language
from tests.journeys.test_conversations import problems_of, stories_of
from tests.log.conftest import NOON, Shelf

BASE = load()
REMARKS = Remarks(masked="Taken from the record.\nMasked.", open="It failed.")
NO_REASONS = Reasons(*(None, (), False, None, (), (), (), (), None, None, None, False, None, None, None, None))


def one(text: str, outcome: Outcome = Outcome.ANSWER, *replies: Reply, at: int = 0, **what: Any) -> WholeTurn:
    """A turn; `facts` are those of its reply."""
    facts = what.pop("facts", ())
    turn = Turn(
        *(at, NOON, "c", text, False, Language.EN, outcome, None, None, None, None, None, None, None, None, None, False)
    )
    return WholeTurn(replace(turn, **what), replies or (Reply("x", outcome, ()),), replace(NO_REASONS, facts=facts))


def written(folder: Path, *turns: WholeTurn, decided: dict[int, Decided] | None = None) -> dict[str, Any]:
    """The story that the journeys' reader finds."""
    path = folder / "journey.yml"
    path.write_text(journey(Transcript("c", turns, (), (), revealable=False), BASE, REMARKS, decided), encoding="utf-8")
    (story,) = stories_of(path)
    return story


def test_what_came_back_is_what_should(tmp_path: Path) -> None:
    buttons = ("Where TISCs are usually hosted",)
    story = written(
        tmp_path,
        one("Qu'est-ce qu'un CATI ?", Outcome.ANSWER, Reply("x", Outcome.ANSWER, buttons), facts=("INN07",)),
        one(buttons[0], Outcome.ANSWER, facts=("INN07", "INN08"), pressed=True),
        one("no", Outcome.HANDOFF, Reply("x", Outcome.ANSWER, ()), Reply("y", Outcome.HANDOFF, ())),
    )
    assert story["story"] == "en, Qu'est-ce qu'un CATI ?"
    assert story["turns"] == [
        {"say": "Qu'est-ce qu'un CATI ?", "expect": {"outcome": "answer", "facts": ["INN07"]}},
        {"press": buttons[0], "expect": {"outcome": "answer", "facts": ["INN07", "INN08"]}},
        {"say": "no", "expect": {"outcome": "handoff", "outcomes": ["answer", "handoff"]}},
    ]
    got = {"outcome": "answer", "replies": [{"facts": ["INN07"]}]}
    assert problems_of(story["turns"][0], got) == []
    assert problems_of(story["turns"][0], {**got, "outcome": "refer"}) == ["outcome: wanted 'answer'"]


def test_a_button_that_was_not_offered_just_before_is_said(tmp_path: Path) -> None:
    story = written(tmp_path, one("Mediation", pressed=True), one("An older one", pressed=True))
    assert [list(turn) for turn in story["turns"]] == [["say", "expect"]] * 2


def test_what_was_decided_counts_and_what_failed_does_not(tmp_path: Path) -> None:
    decided = {1: Decided(Outcome.ANSWER, "inn_tisc_what"), 2: Decided(Outcome.OUT_OF_SCOPE), 4: Decided(None)}
    story = written(
        tmp_path,
        one("a", Outcome.REFER, at=1),
        one("b", Outcome.ANSWER, at=2, facts=("INN07",)),
        one("c", Outcome.ERROR, at=3),
        one("d", Outcome.REFER, at=4),
        decided=decided,
    )
    assert [turn["expect"] for turn in story["turns"]] == [
        {"outcome": "answer", "facts": list(BASE.entries["inn_tisc_what"].facts)},
        {"outcome": "out_of_scope"},
        {},
        {},
    ]
    assert (tmp_path / "journey.yml").read_text(encoding="utf-8").count("# It failed.") == 2


def test_the_language_is_the_one_it_began_in(tmp_path: Path) -> None:
    assert written(tmp_path, one("什么是TISC", language=Language.ZH))["language"] == "zh"
    assert "language" not in written(tmp_path, one("What"))


def test_another_language_later_on_is_expected(tmp_path: Path) -> None:
    turns = written(tmp_path, one("What"), one("Et en français ?", language=Language.FR))["turns"]
    assert [turn["expect"].get("language") for turn in turns] == [None, "fr"]


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1) | st.sampled_from(["no", "~", "1e3", "- a: b"]))
def test_any_text_comes_back_as_it_was(tmp_path_factory: Any, text: str) -> None:
    folder = tmp_path_factory.mktemp("journey")
    assert [turn["say"] for turn in written(folder, one(text), one(f"a\n {text}\n"))["turns"]] == [
        text,
        f"a\n {text}\n",
    ]


async def test_a_conversation_of_the_record_becomes_one(
    shelf: Shelf, record: Record, base: KnowledgeBase, tmp_path: Path
) -> None:
    seen = {"facts": ["INN07"], "replies": [{"outcome": "answer", "text": "x", "buttons": ["More"]}]}
    await shelf.put("What is a TISC?", conversation="c", seen=seen)
    await shelf.put("More", conversation="c", pressed=True, outcome="refer", at=NOON + timedelta(minutes=1))
    transcript = await record.transcript("c")
    assert transcript
    path = tmp_path / "journey.yml"
    path.write_text(journey(transcript, base, REMARKS), encoding="utf-8")
    assert [story["turns"] for story in stories_of(path)] == [
        [
            {"say": "What is a TISC?", "expect": {"outcome": "answer", "facts": ["INN07"]}},
            {"press": "More", "expect": {"outcome": "refer"}},
        ]
    ]
