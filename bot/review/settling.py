"""What reviewers can decide, and when it is settled: pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.conversation.outcome import Outcome


class Verdict(StrEnum):
    """What a reviewer can say of an answer."""

    RIGHT = "right"
    ENTRY = "entry"
    """It should have been another entry: `target` is its id."""
    NEW_ENTRY = "new_entry"
    """Nothing answers it and something should."""
    UNANSWERED = "unanswered"
    """It is within the subject, and a contact is all we can name: `target` is the area."""
    OUT_OF_SCOPE = "out_of_scope"
    """`target` is the topic."""
    SKIP = "skip"
    """Left to others; it counts neither way."""

    @property
    def needs_target(self) -> bool:
        """Whether it says nothing without one."""
        return self in (Verdict.ENTRY, Verdict.UNANSWERED, Verdict.OUT_OF_SCOPE)


class State(StrEnum):
    """Where an item stands."""

    OPEN = "open"
    DISPUTED = "disputed"
    """Reviewers decided differently: a third, or an editor, settles it."""
    SETTLED = "settled"


@dataclass(frozen=True)
class Choice:
    """A verdict with what it names."""

    verdict: Verdict
    target: str | None = None

    def __str__(self) -> str:
        return f"{self.verdict} {self.target}" if self.target else str(self.verdict)


@dataclass(frozen=True)
class Vote:
    """What somebody decided, and still stands by."""

    choice: Choice
    resolves: bool = False
    """Whether an editor settled a dispute by it."""


def settle(votes: Sequence[Vote], needed: int) -> tuple[State, Choice | None]:
    """Where an item stands by its votes, one of each reviewer, the oldest first.

    An editor's resolution settles it. Else, where all agree, as many as are needed do; where they do not, a choice that
    two or more have made and no other as often.
    """
    counted = [vote for vote in votes if vote.choice.verdict is not Verdict.SKIP]
    resolutions = [vote.choice for vote in counted if vote.resolves]
    if resolutions:
        return State.SETTLED, resolutions[-1]
    ranked = Counter(vote.choice for vote in counted).most_common()
    if not ranked:
        return State.OPEN, None
    (first, most), *others = ranked
    if not others:
        return (State.SETTLED, first) if most >= needed else (State.OPEN, None)
    return (State.SETTLED, first) if most >= 2 and most > others[0][1] else (State.DISPUTED, None)


@dataclass(frozen=True)
class Answer:
    """What a turn was answered with."""

    outcome: Outcome
    entry: str | None = None
    request: str | None = None

    def is_like(self, other: Answer) -> bool:
        """Whether the delegate met the same."""
        return (self.outcome, self.entry) == (other.outcome, other.entry)

    def names(self, entry: str | None) -> bool:
        """Whether it rests on this entry, or refers because of this gap."""
        if self.outcome is Outcome.REFER:
            return entry in (self.entry, (self.request or "").rpartition("/")[2])
        return self.outcome is Outcome.ANSWER and self.entry == entry


def is_right(answer: Answer, choice: Choice, judged: Answer) -> bool | None:
    """Whether an answer is right by what was decided of the same text; nothing where that says nothing of it.

    Args:
        answer: the one in question.
        choice: what was decided.
        judged: the answer that was looked at when it was decided.
    """
    match choice.verdict:
        case Verdict.RIGHT:
            return True if answer.is_like(judged) else None
        case Verdict.ENTRY:
            return answer.names(choice.target)
        case Verdict.UNANSWERED:
            return answer.outcome is Outcome.REFER
        case Verdict.OUT_OF_SCOPE:
            return answer.outcome is Outcome.OUT_OF_SCOPE
        case Verdict.NEW_ENTRY:
            return False if answer.is_like(judged) else None
        case _:
            return None


def is_answered_anew(answer: Answer, choice: Choice, judged: Answer) -> bool:
    """Whether another model's answer has to be looked at again: it is another one, and not the one asked for."""
    return not answer.is_like(judged) and is_right(answer, choice, judged) is not True
