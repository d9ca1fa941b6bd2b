"""Whole conversations, written as YAML: what the delegate says, what must come back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.journeys.conftest import Assistant, Delegate

pytestmark = pytest.mark.journey

STORIES = [
    pytest.param(story, id=f"{path.stem}: {story['story']}")
    for path in sorted((Path(__file__).parent / "conversations").glob("*.yml"))
    for story in YAML(typ="safe").load(path)["stories"]
]


@pytest.mark.parametrize("story", STORIES)
def test_story(assistant: Assistant, story: dict[str, Any]) -> None:
    delegate = Delegate(assistant)
    buttons: list[dict[str, str]] = []
    for number, turn in enumerate(story["turns"], 1):
        if "press" in turn:
            titles = {button["title"]: button["payload"] for button in buttons}
            assert turn["press"] in titles, f"turn {number}: no such button among {sorted(titles)}"
            got = delegate.press(titles[turn["press"]])
        else:
            got = delegate.say(turn["say"])
        buttons = got["replies"][-1]["buttons"]
        problems = [f"{key}: wanted {want!r}" for key, want in turn["expect"].items() if not EXPECT[key](got, want)]
        assert not problems, f"turn {number}, {turn}: {problems}; got {got}"


def _facts(turn: dict[str, Any]) -> set[str]:
    return {fact for reply in turn["replies"] for fact in reply["facts"]}


EXPECT: dict[str, Callable[[dict[str, Any], Any], bool]] = {
    "outcome": lambda turn, want: turn["outcome"] == want,
    "facts": lambda turn, want: bool(_facts(turn) & set(want)),
    "contact": lambda turn, want: (turn["replies"][-1]["contact"] or {"id": None})["id"] == want,
    "says": lambda turn, want: want in turn["replies"][-1]["text"],
    "area": lambda turn, want: turn["replies"][-1]["area"] == want,
    "buttons": lambda turn, want: len(turn["replies"][-1]["buttons"]) >= want,
}
