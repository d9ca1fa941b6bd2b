"""What can be said of a new question from its text alone: that it teaches nothing new, or confuses two things."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from bot.publishing.changes import Change, OutsideAdded, QuestionAdded, UnansweredAdded
from knowledge.base import KnowledgeBase
from knowledge.records import Language

NEARLY = 0.7
"""From this part of shared runs of three characters on (Jaccard), two texts count as nearly the same."""
_RUN = 3


class Says(StrEnum):
    """What a hint says."""

    THERE_ALREADY = "there_already"
    NEARLY_THERE = "nearly_there"
    ELSEWHERE = "elsewhere"
    """It is asked, or nearly, for something else: one of the two is wrong, or the two will be mixed up."""


@dataclass(frozen=True)
class Hint:
    """What is said, and the example it is said by, with what that asks for."""

    says: Says
    text: str
    request: str


class Hints:
    """Over the examples of a content, read when they are first needed."""

    def __init__(self, base: KnowledgeBase, content: Path) -> None:
        self._base, self._content = base, content
        self._known: dict[Language, list[tuple[str, str, frozenset[str]]]] = {}

    def of(self, change: Change, others: Sequence[Change] = ()) -> list[Hint]:
        """What is to be said of a change, the nearest example first; `others` are staged beside it."""
        if not isinstance(change, QuestionAdded | OutsideAdded | UnansweredAdded):
            return []
        request, text = request_of(change), _plain(change.text)
        mine, found = _runs(text), []
        known = [*self._examples(change.language), *_staged(others, change)]
        for example, other, runs in known:
            shared = 1.0 if _plain(example) == text else len(mine & runs) / max(1, len(mine | runs))
            if shared >= NEARLY:
                says = Says.ELSEWHERE
                if other == request:
                    says = Says.THERE_ALREADY if shared == 1 else Says.NEARLY_THERE
                found.append((shared, Hint(says, example, other)))
        found.sort(key=lambda one: -one[0])
        nearest: dict[tuple[Says, str], Hint] = {}
        for _, hint in found:
            nearest.setdefault((hint.says, hint.request), hint)
        return list(nearest.values())

    def _examples(self, language: Language) -> list[tuple[str, str, frozenset[str]]]:
        if language not in self._known:
            self._known[language] = [(text, name, _runs(_plain(text))) for text, name in self._read(language)]
        return self._known[language]

    def _read(self, language: Language) -> Iterator[tuple[str, str]]:
        for entry in self._base.entries.values():
            if language is Language.EN or language in entry.translations:
                yield from ((question, entry.id) for question in entry.in_language(language).questions)
        for file in ("out_of_scope", "unanswered"):
            content: Any = YAML(typ="safe").load(self._content / f"data/nlu/{language}/{file}.yml")
            for block in content["nlu"]:
                for line in block["examples"].splitlines():
                    yield line.removeprefix("- "), block["metadata"]["request"]


def request_of(change: QuestionAdded | OutsideAdded | UnansweredAdded) -> str:
    """What a question asks for, as the training data name it."""
    match change:
        case QuestionAdded():
            return change.entry
        case OutsideAdded():
            return change.topic
        case UnansweredAdded():
            return f"other_{change.area}"


def _staged(others: Sequence[Change], change: Change) -> Iterator[tuple[str, str, frozenset[str]]]:
    for other in others:
        if not isinstance(other, QuestionAdded | OutsideAdded | UnansweredAdded) or other == change:
            continue
        if other.language == getattr(change, "language", None):
            yield other.text, request_of(other), _runs(_plain(other.text))


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _runs(text: str) -> frozenset[str]:
    padded = f" {text} "
    return frozenset(padded[at : at + _RUN] for at in range(len(padded) - _RUN + 1))
