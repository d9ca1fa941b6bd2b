"""A conversation as a journey: a test in the form of tests/journeys/conversations, with what should come back."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from bot.conversation.outcome import Outcome
from bot.log.turns import Transcript, WholeTurn
from knowledge.base import KnowledgeBase
from knowledge.records import Language

WIDTH = 120
"""Characters of a line."""
_NAMED = 60
"""Characters of the first text that the journey is called by."""


@dataclass(frozen=True)
class Decided:
    """What a reviewer decided should have come back."""

    outcome: Outcome | None
    """Empty where what came back was wrong and nothing else is there yet."""
    entry: str | None = None
    """The entry that should have answered."""


@dataclass(frozen=True)
class Remarks:
    """What the file says of itself."""

    masked: str
    """At its head."""
    open: str
    """At a turn of which it is not known what should come back."""


def journey(
    transcript: Transcript, base: KnowledgeBase, remarks: Remarks, decided: Mapping[int, Decided] | None = None
) -> str:
    """The file's text; `decided` has what reviewers decided, by the ids of turns.

    The text of delegates is masked as in the transcript: whoever takes the file over puts made-up data in its place.
    """
    first, turns, offered = transcript.turns[0].turn, [], frozenset[str]()
    for one in transcript.turns:
        decision = (decided or {}).get(one.turn.id)
        turns.append(_turn(one, offered, base, decision, remarks, first.language))
        offered = frozenset(one.replies[-1].buttons) if one.replies else frozenset()
    story: dict[str, Any] = {"story": _quoted(f"{first.language}, {' '.join(first.text.split())[:_NAMED]}")}
    if first.language is not Language.EN:
        story["language"] = str(first.language)
    file = CommentedMap({"stories": [{**story, "turns": turns}]})
    file.yaml_set_start_comment(remarks.masked)
    yaml, written = YAML(), io.StringIO()
    yaml.width = WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump(file, written)
    return written.getvalue()


def _turn(
    one: WholeTurn,
    offered: frozenset[str],
    base: KnowledgeBase,
    decision: Decided | None,
    remarks: Remarks,
    language: Language,
) -> CommentedMap:
    # A button of an older reply, or of the welcome, is not there to be pressed; its title says the same.
    how = "press" if one.turn.pressed and one.turn.text in offered else "say"
    expect = CommentedMap(_as_decided(decision, base) if decision else _as_it_was(one))
    if expect and one.turn.language is not language:
        expect["language"] = str(one.turn.language)
    expect.fa.set_flow_style()
    turn = CommentedMap({how: _quoted(one.turn.text), "expect": expect})
    if not expect:
        turn.yaml_set_comment_before_after_key("expect", before=remarks.open, indent=8)
    return turn


def _quoted(text: str) -> str:
    """The text so that signs nobody sees are written out: some would be read as ends of lines."""
    return text if text.replace("\n", "").isprintable() else DoubleQuotedScalarString(text)


def _as_it_was(one: WholeTurn) -> dict[str, Any]:
    """What came back; nothing where it failed, which should not come back."""
    if one.turn.outcome is Outcome.ERROR:
        return {}
    expect: dict[str, Any] = {"outcome": str(one.turn.outcome)}
    if len(one.replies) > 1:
        expect["outcomes"] = [str(reply.outcome) for reply in one.replies]
    return expect | _facts(one.reasons.facts)


def _as_decided(decision: Decided, base: KnowledgeBase) -> dict[str, Any]:
    if decision.outcome is None:
        return {}
    entry = base.entries.get(decision.entry or "")
    return {"outcome": str(decision.outcome)} | _facts(entry.facts if entry else ())


def _facts(facts: Sequence[str]) -> dict[str, Any]:
    return {"facts": list(facts)} if facts else {}
