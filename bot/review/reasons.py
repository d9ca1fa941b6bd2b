"""Why a text deserves a person's eyes, and which goes first.

The order of the queue: what reviewers disagree on; then by the first of a text's reasons, in the order below; then the
one typed most often; then the one typed last.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import IntEnum

from bot.conversation.outcome import Outcome

DISPUTED_RANK = 0
"""Before every reason."""

_NOT_UNDERSTOOD = frozenset({"nlu_fallback", "unclear"})
_ASKS_FOR_A_PERSON = "ask_for_person"


class Reason(IntEnum):
    """In the order of the queue. The numbers stand in the database: a new reason takes the next one."""

    UNHELPFUL = 1
    """A delegate said that the answer did not help."""
    SAMPLE = 2
    """Drawn at random. Early, because the figure it gives is only sharp once all of the sample is judged."""
    REFUSED = 3
    """It was refused, referred to a contact, or not understood."""
    CLARIFIED_TWICE = 4
    """Asked back, and then once more."""
    HANDED_OVER = 5
    """It asked for a person, or the delegate did so right after it."""
    ANSWERED_ANEW = 6
    """It was decided before, and a new model answers it differently."""
    LOW_CONFIDENCE = 7
    NEW_WORDING = 8
    """It was answered, though it is unlike all questions that the answer's entry is known by."""

    @property
    def key(self) -> str:
        """As addresses and texts name it."""
        return self.name.lower()


@dataclass(frozen=True)
class Asked:
    """What is known of a turn, and of those beside it in the conversation."""

    outcome: Outcome
    intent: str | None
    """What was acted on."""
    confidence: float | None
    pressed: bool
    helpful: bool | None
    before: Outcome | None
    after: Outcome | None

    @property
    def is_typed(self) -> bool:
        """Whether it is a question in the delegate's own words: no button, and no answer to the handoff form."""
        return not self.pressed and (self.outcome is not Outcome.HANDOFF or self.intent == _ASKS_FOR_A_PERSON)

    @property
    def belongs(self) -> bool:
        """Whether the queue has it. What was answered to a button is there only where it did not help."""
        return self.is_typed or self.helpful is False


def reasons_for(asked: Asked, *, low: float, sampled: bool, unlike: bool) -> frozenset[Reason]:
    """The reasons that a turn gives.

    Args:
        asked: the turn.
        low: the confidence below which it is low.
        sampled: whether it was drawn.
        unlike: whether it is unlike the questions its answer is known by.
    """
    clarified = asked.outcome is Outcome.CLARIFY and Outcome.CLARIFY in (asked.before, asked.after)
    refused = asked.outcome in (Outcome.REFER, Outcome.OUT_OF_SCOPE) or asked.intent in _NOT_UNDERSTOOD
    handed = asked.outcome is Outcome.HANDOFF or (asked.is_typed and asked.after is Outcome.HANDOFF)
    unsure = asked.confidence is not None and asked.confidence < low
    found = {
        Reason.UNHELPFUL: asked.helpful is False,
        Reason.SAMPLE: sampled,
        Reason.REFUSED: refused,
        Reason.CLARIFIED_TWICE: clarified,
        Reason.HANDED_OVER: handed,
        Reason.LOW_CONFIDENCE: asked.is_typed and unsure,
        Reason.NEW_WORDING: unlike,
    }
    return frozenset(reason for reason, holds in found.items() if holds)


def rank(reasons: Collection[Reason], *, disputed: bool) -> int | None:
    """The first place in the order; nothing where no reason is left."""
    return DISPUTED_RANK if disputed else min(reasons, default=None)


def to_bits(reasons: Iterable[Reason]) -> int:
    """A bit for each."""
    return sum(1 << reason for reason in frozenset(reasons))


def from_bits(bits: int) -> frozenset[Reason]:
    """The same back."""
    return frozenset(reason for reason in Reason if bits >> reason & 1)
