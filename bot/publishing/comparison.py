"""What comes of a comparison: how old and new model did on the same questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from bot.conversation.outcome import Outcome
from knowledge.records import Language


class Among(StrEnum):
    """Which questions they are."""

    DEVELOPMENT = "development"
    """Of the development sets, which no model has learned from."""
    STAGED = "staged"
    """The changes themselves, which the new model has learned: they can only show that it took them in."""
    REVIEWED = "reviewed"
    """What was asked within the last month and judged by a reviewer."""


class Found(BaseModel):
    """What one model made of a question."""

    model_config = ConfigDict(frozen=True)

    outcome: Outcome
    entry: str | None
    """Or the topic or area, where it is no entry."""
    confidence: float
    right: bool


class Compared(BaseModel):
    """A question, what would be right, and what both made of it."""

    model_config = ConfigDict(frozen=True)

    among: Among
    set: str
    """The name of the set."""
    within: str = ""
    """The name of the dialogue whose line it is."""
    language: Language
    text: str
    expect: Outcome
    entries: tuple[str, ...]
    old: Found
    new: Found


class Score(BaseModel):
    """One model on some questions, in counts."""

    right: int
    """Of all."""
    answered_outside: int
    """Out of scope, and answered all the same."""
    falsely_refused: int
    """Has an answer, and was refused or referred."""


class Row(BaseModel):
    """Old against new on a set in a language."""

    among: Among
    set: str
    language: Language
    questions: int
    old: Score
    new: Score


class Comparison(BaseModel):
    """All of it. Questions that went as before are counted and not listed."""

    rows: tuple[Row, ...]
    better: tuple[Compared, ...]
    worse: tuple[Compared, ...]
    other: tuple[Compared, ...]
    """Wrong before and wrong otherwise now."""
    staged: tuple[Compared, ...]
    seconds: float
    """From the beginning of the training."""

    @property
    def worse_in_development(self) -> int:
        """How many development questions got worse: publishing must be confirmed where there are any."""
        return sum(one.among is Among.DEVELOPMENT for one in self.worse)

    @classmethod
    def of(cls, all_compared: Iterable[Compared], seconds: float) -> Comparison:
        """Sorted and counted."""
        compared = list(all_compared)
        keys = dict.fromkeys((one.among, one.set, one.language) for one in compared)
        order = {among: at for at, among in enumerate(Among)}
        rows = [
            _row(*key, [one for one in compared if (one.among, one.set, one.language) == key])
            for key in sorted(keys, key=lambda key: (order[key[0]], key[1], list(Language).index(key[2])))
        ]
        moved = [one for one in compared if (one.old.outcome, one.old.entry) != (one.new.outcome, one.new.entry)]
        return cls(
            rows=tuple(rows),
            better=tuple(one for one in compared if one.new.right and not one.old.right),
            worse=tuple(one for one in compared if one.old.right and not one.new.right),
            other=tuple(one for one in moved if not one.old.right and not one.new.right),
            staged=tuple(one for one in compared if one.among is Among.STAGED),
            seconds=seconds,
        )


def _row(among: Among, name: str, language: Language, some: Sequence[Compared]) -> Row:
    return Row(
        among=among,
        set=name,
        language=language,
        questions=len(some),
        old=_score([(one, one.old) for one in some]),
        new=_score([(one, one.new) for one in some]),
    )


def _score(some: Sequence[tuple[Compared, Found]]) -> Score:
    refused = {Outcome.REFER, Outcome.OUT_OF_SCOPE}
    return Score(
        right=sum(found.right for _, found in some),
        answered_outside=sum(
            one.expect is Outcome.OUT_OF_SCOPE and found.outcome is Outcome.ANSWER for one, found in some
        ),
        falsely_refused=sum(
            # Of a dialogue's line more than one outcome may be right.
            one.expect is Outcome.ANSWER and found.outcome in refused and not found.right
            for one, found in some
        ),
    )
