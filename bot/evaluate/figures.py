"""What the answers are worth: counts by verdict, calibration, confusion, and the worst errors."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from bot.conversation.outcome import Outcome
from bot.evaluate.questions import Asked
from knowledge.base import KnowledgeBase
from knowledge.records import Language

BINS = 10
WORST = 30
LONG_ENOUGH = 15
"""Characters of a text, links left out, from which its language must be told."""
_LINK = re.compile(r"(?:https?://|www\.)\S+")


class Verdict(StrEnum):
    """How a turn compares with what was expected."""

    RIGHT = "right"
    WRONG = "wrong"
    """Answered from the wrong entry, or answered what should not be."""
    CLARIFIED = "clarified"
    REFERRED = "referred"
    """Sent to a contact, where an answer or a refusal was right."""
    REFUSED = "refused"
    """Taken for something else, where an answer or a referral was right."""


class Turn(BaseModel):
    """A question and what came back. `confidence` is the engine's, `entry` the one that was answered from."""

    model_config = ConfigDict(frozen=True)

    asked: Asked
    outcome: Outcome
    facts: frozenset[str]
    entry: str | None
    confidence: float
    language: Language
    text: str


class Group(BaseModel):
    """The verdicts over some of the turns."""

    name: str
    turns: int
    verdicts: dict[Verdict, int]

    @property
    def right(self) -> float:
        """The part that is right."""
        return self.verdicts.get(Verdict.RIGHT, 0) / self.turns


class Bin(BaseModel):
    """Answers of like confidence: how confident on average, and what part of them was right."""

    confidence: float
    right: float
    turns: int


class Figures(BaseModel):
    """Everything `make evaluate` shows."""

    groups: dict[str, list[Group]]
    right: float
    """Of the questions that have an answer."""
    outside_answered: float
    """Of the texts out of scope, the part that got an answer all the same."""
    falsely_refused: float
    """Of the questions that have an answer, the part that was refused or referred."""
    calibration_error: float
    """Expected calibration error (Naeini et al., 2015) of the answers, in ten bins of confidence."""
    reliability: list[Bin]
    confusion: list[tuple[str, str, int]]
    """Area asked, area answered, how often; the right ones left out."""
    worst: list[dict[str, Any]]
    languages: dict[Language, float]
    """Of the questions that have an answer, the part that is right, by language."""
    language_right: float
    """Of the texts of 15 characters or more, the part answered in their own language."""
    dialogue_turns_right: float
    wrong_lines: list[dict[str, Any]]
    """The lines of dialogues that were not answered as expected."""


def verdict(turn: Turn, base: KnowledgeBase) -> Verdict:
    """How the turn compares with what was expected.

    An answer is right when it comes from one of the expected entries or states all the facts of one.
    """
    question = turn.asked.question
    if turn.outcome is Outcome.CLARIFY:
        return Verdict.CLARIFIED
    if question.expect is Outcome.ANSWER and turn.outcome is Outcome.ANSWER:
        stated = any(set(base.entries[e].facts) <= turn.facts for e in question.entries if base.entries[e].facts)
        return Verdict.RIGHT if turn.entry in question.entries or stated else Verdict.WRONG
    if turn.outcome is question.expect:
        return Verdict.RIGHT
    if turn.outcome is Outcome.REFER:
        return Verdict.REFERRED
    return Verdict.WRONG if turn.outcome in {Outcome.ANSWER, Outcome.ERROR} else Verdict.REFUSED


def compute(turns: Sequence[Turn], base: KnowledgeBase, lines: Sequence[tuple[Turn, bool]] = ()) -> Figures:
    """The figures over these turns, and over the lines of dialogues with whether each was right.

    `right` and what follows it are those of English, which the first sets were written in; `languages` has the others.
    """
    judged = [(turn, verdict(turn, base)) for turn in turns]
    english = [(t, v) for t, v in judged if t.asked.language is Language.EN]
    with_answer = [(t, v) for t, v in english if t.asked.question.expect is Outcome.ANSWER]
    outside = [t for t, _ in english if t.asked.question.expect is Outcome.OUT_OF_SCOPE]
    answers = [(t, v) for t, v in english if t.outcome is Outcome.ANSWER]
    by_language: dict[Language, list[bool]] = defaultdict(list)
    for turn, found in judged:
        if turn.asked.question.expect is Outcome.ANSWER:
            by_language[turn.asked.language].append(found is Verdict.RIGHT)
    bins = _bins(answers)
    groups: dict[str, dict[str, list[Verdict]]] = defaultdict(lambda: defaultdict(list))
    for turn, found in judged:
        question = turn.asked.question
        for kind, name in (
            ("expected", question.expect),
            ("language", turn.asked.language),
            ("set", f"{turn.asked.language} {turn.asked.asked_in}"),
            ("language and expected", f"{turn.asked.language} {question.expect}"),
            ("area", turn.asked.area),
            ("kind", question.kind or "none"),
            ("style", question.style),
        ):
            groups[kind][str(name)].append(found)
    confusion = Counter(
        (turn.asked.area, base.entries[turn.entry].area)
        for turn, found in judged
        if turn.entry and found is Verdict.WRONG and base.entries[turn.entry].area != turn.asked.area
    )
    return Figures(
        groups={kind: [_group(name, v) for name, v in sorted(named.items())] for kind, named in groups.items()},
        right=_share(v is Verdict.RIGHT for _, v in with_answer),
        outside_answered=_share(t.outcome is Outcome.ANSWER for t in outside),
        falsely_refused=_share(v in {Verdict.REFERRED, Verdict.REFUSED} for _, v in with_answer),
        calibration_error=sum(b.turns * abs(b.confidence - b.right) for b in bins) / max(1, len(answers)),
        reliability=bins,
        confusion=[(*pair, times) for pair, times in confusion.most_common()],
        worst=[_described(t, v) for t, v in _worst(judged)],
        languages={language: _share(held) for language, held in by_language.items()},
        language_right=_share(
            t.language is t.asked.language for t in turns if len(_LINK.sub("", t.asked.question.text)) >= LONG_ENOUGH
        ),
        dialogue_turns_right=_share(right for _, right in lines),
        wrong_lines=[
            {
                "dialogue": t.asked.asked_in,
                "said": t.asked.question.text,
                "got": f"{t.outcome} {t.entry}",
                "reply": t.text,
            }
            for t, right in lines
            if not right
        ],
    )


def _worst(judged: Iterable[tuple[Turn, Verdict]]) -> Sequence[tuple[Turn, Verdict]]:
    """Wrong answers first, the most confident of them at the top."""
    errors = [(t, v) for t, v in judged if v is not Verdict.RIGHT]
    return sorted(errors, key=lambda e: (e[1] is not Verdict.WRONG, -e[0].confidence))[:WORST]


def _described(turn: Turn, found: Verdict) -> dict[str, Any]:
    question = turn.asked.question
    return {
        "question": question.text,
        "style": question.style,
        "verdict": found,
        "expected": f"{question.expect} {', '.join(question.entries)}".strip(),
        "got": f"{turn.outcome} {turn.entry or ''}".strip(),
        "confidence": round(turn.confidence, 2),
        "said": turn.text,
    }


def _bins(answers: Sequence[tuple[Turn, Verdict]]) -> list[Bin]:
    sorted_in: dict[int, list[tuple[Turn, Verdict]]] = defaultdict(list)
    for turn, found in answers:
        sorted_in[min(BINS - 1, int(turn.confidence * BINS))].append((turn, found))
    return [
        Bin(
            confidence=sum(t.confidence for t, _ in inside) / len(inside),
            right=_share(v is Verdict.RIGHT for _, v in inside),
            turns=len(inside),
        )
        for _, inside in sorted(sorted_in.items())
    ]


def _group(name: str, verdicts: Sequence[Verdict]) -> Group:
    return Group(name=name, turns=len(verdicts), verdicts=dict(Counter(verdicts)))


def _share(held: Iterable[bool]) -> float:
    values = list(held)
    return sum(values) / len(values) if values else 0.0
