"""What a rule says of the content: a breach, and the place in a content file where to mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from knowledge.base import KnowledgeBase
from knowledge.reading import line_naming, line_of


@dataclass(frozen=True)
class Finding:
    """One breach of a rule, at a place in a content file."""

    path: Path
    line: int
    problem: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.problem}"


Problems = Iterator[tuple[str, str]]
"""Pairs of the record at fault, as `KnowledgeBase.places` names it, and what is wrong with it.

A phrase is named by the place of its language and its key: `phrases.fr.window.title`.
"""

Rule = Callable[[KnowledgeBase], Problems]


def place_finding(base: KnowledgeBase, owner: str, problem: str) -> Finding:
    """The finding at the line where its owner is written, or where it should be."""
    if owner in base.places:
        path = base.places[owner]
        line = line_naming(path, f"id: {owner.partition('.')[0]}")
    else:
        phrases, language, key = owner.split(".", 2)
        path = base.places[f"{phrases}.{language}"]
        line = line_of(path, key.split("."))
    return Finding(path, line, f"{owner}: {problem}")
