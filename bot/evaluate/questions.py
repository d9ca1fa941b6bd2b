"""The development questions: what is asked, in which style, and what should come back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from bot.conversation.outcome import Outcome
from knowledge.base import KnowledgeBase
from knowledge.reading import ContentError, File, line_naming, read
from knowledge.records import Kind, Language

DIALOGUES = "dialogues"
"""The folder of a language's dialogues."""


class Question(BaseModel):
    """One question. `entries` are those whose answer would be right, or the gap that a referral may name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Annotated[str, StringConstraints(min_length=1)]
    style: str
    expect: Outcome
    entries: tuple[str, ...] = ()
    kind: Kind | None = None
    topic: str | None = None


class Questions(File):
    """A file of questions; `area` is `none` for what lies outside all areas."""

    area: str
    questions: tuple[Question, ...] = Field(min_length=1)

    @field_validator("questions")
    @classmethod
    def _asked_once(cls, questions: tuple[Question, ...]) -> tuple[Question, ...]:
        texts = [question.text for question in questions]
        twice = {text for text in texts if texts.count(text) > 1}
        if twice:
            raise ValueError(f"asked twice: {sorted(twice)}")
        return questions


class Asked(BaseModel):
    """A question in its place."""

    model_config = ConfigDict(frozen=True)

    question: Question
    area: str
    language: Language
    asked_in: str = "first"
    """The set it belongs to; a later one was written when what an earlier one showed had been mended."""


def load(folder: Path, base: KnowledgeBase) -> list[Asked]:
    """All questions below `folder`, in `<language>/<set>/<area>.yml`.

    Raises:
        ContentError: a file does not fit, or names an entry that does not exist.
    """
    files = [path for path in sorted(folder.glob("*/*/*.yml")) if path.parent.name != DIALOGUES]
    return [asked for path in files for asked in _in_file(path, base)]


def _in_file(path: Path, base: KnowledgeBase) -> Iterator[Asked]:
    content: Any = read(path, Questions)
    for question in content.questions:
        for entry in question.entries:
            if entry not in base.entries:
                raise ContentError(path, line_naming(path, entry), f"there is no entry {entry}; mend its spelling")
        language, asked_in = Language(path.parent.parent.name), path.parent.name
        yield Asked(question=question, area=content.area, language=language, asked_in=asked_in)
