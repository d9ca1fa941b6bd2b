"""Whole conversations, written as YAML: what the delegate says, what must come back."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.journeys.conftest import Assistant, Delegate

pytestmark = pytest.mark.journey


def stories_of(path: Path) -> list[dict[str, Any]]:
    """The conversations written in a file."""
    return YAML(typ="safe").load(path)["stories"]  # type: ignore[no-any-return]


STORIES = [
    pytest.param(story, id=f"{path.stem}: {story['story']}")
    for path in sorted((Path(__file__).parent / "conversations").glob("*.yml"))
    for story in stories_of(path)
]


@pytest.mark.parametrize("story", STORIES)
def test_story(assistant: Assistant, story: dict[str, Any]) -> None:
    delegate = Delegate(assistant, story.get("language", "en"))
    buttons: list[dict[str, str]] = []
    for number, turn in enumerate(story["turns"], 1):
        if "press" in turn:
            titles = {button["title"]: button["payload"] for button in buttons}
            assert turn["press"] in titles, f"turn {number}: no such button among {sorted(titles)}"
            got = delegate.press(titles[turn["press"]])
        else:
            got = delegate.say(turn["say"])
        buttons = got["replies"][-1]["buttons"]
        problems = problems_of(turn, got)
        assert not problems, f"turn {number}, {turn}: {problems}; got {got}"


def problems_of(turn: dict[str, Any], got: dict[str, Any]) -> list[str]:
    """What should have come back of a turn and did not."""
    return [f"{key}: wanted {want!r}" for key, want in turn["expect"].items() if not EXPECT[key](got, want)]


def _facts(turn: dict[str, Any]) -> set[str]:
    return {fact for reply in turn["replies"] for fact in reply["facts"]}


def _last(turn: dict[str, Any]) -> dict[str, Any]:
    return turn["replies"][-1]  # type: ignore[no-any-return]


REFERENCE = re.compile(r"(?<![0-9A-Z])[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{2}(?![0-9A-Z])")
"""The number of a case."""

EXPECT: dict[str, Callable[[dict[str, Any], Any], bool]] = {
    "outcome": lambda turn, want: turn["outcome"] == want,
    "outcomes": lambda turn, want: [reply["outcome"] for reply in turn["replies"]] == want,
    "facts": lambda turn, want: bool(_facts(turn) & set(want)),
    "all_facts": lambda turn, want: set(want) <= _facts(turn),
    "contact": lambda turn, want: (_last(turn)["contact"] or {"id": None})["id"] == want,
    "says": lambda turn, want: want in _last(turn)["text"],
    "says_all": lambda turn, want: all(part in _last(turn)["text"] for part in want),
    "reference": lambda turn, want: bool(REFERENCE.search(_last(turn)["text"])) == want,
    "area": lambda turn, want: _last(turn)["area"] == want,
    "buttons": lambda turn, want: len(_last(turn)["buttons"]) >= want,
    "language": lambda turn, want: {reply["language"] for reply in turn["replies"]} == {want},
    "direction": lambda turn, want: {reply["direction"] for reply in turn["replies"]} == {want},
    "replies": lambda turn, want: len(turn["replies"]) == want,
}
"""What may be expected of a turn. Where it brings several replies, `contact`, `says`, `area` and `buttons` are read in
the last; a story's `language` is the one its conversation is opened in."""
