"""What a message to the form comes to: what is done, and the draft after it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from bot.conversation.handoff.draft import Draft, Origin, Step


class Act(StrEnum):
    """What is to be done after a message."""

    ASK = "ask"
    """The step is asked."""
    ANSWER = "answer"
    """The message is answered as it would be outside the form; then the step is asked again."""
    SEND = "send"
    CANCEL = "cancel"
    KEEP = "keep"
    """Nothing further is written; what was sent before stays."""


@dataclass(frozen=True)
class Move:
    """What a message comes to. `note` is a phrase to say before the step is asked; without a draft the form ends."""

    act: Act
    draft: Draft | None
    note: str | None = None


def back(draft: Draft) -> Move:
    """The step before, where there is one."""
    before = draft.before()
    return Move(Act.ASK, draft.asking(before) if before else draft)


def answer(draft: Draft, yes: bool) -> Move | None:
    """What a yes or a no answers, if anything was asked that way."""
    if draft.again:
        return Move(Act.ASK, replace(draft, again=False)) if yes else Move(Act.KEEP, None)
    if draft.offered_email:
        address = draft.offered_email if yes else draft.typed_email
        return Move(Act.ASK, draft.filled(email=address) if address else draft.asking(Step.EMAIL))
    if draft.offered_state:
        origin = Origin(draft.offered_state) if yes else Origin(None, draft.typed_origin)
        return Move(Act.ASK, draft.filled(origin=origin))
    if draft.unconfirmed and not draft.asks_yes_or_no:
        return Move(Act.ASK, replace(draft, unconfirmed=False) if yes else draft.asking(Step.FROM))
    match draft.step:
        case Step.QUESTION if draft.found_question:
            if yes:
                return Move(Act.ASK, draft.filled(question=draft.found_question, found_question=None))
            return Move(Act.ASK, draft.asking(Step.QUESTION))
        case Step.CONSENT:
            return Move(Act.ASK, draft.filled(consent=yes))
        case Step.REVIEW if not yes:
            return Move(Act.ASK, draft.asking(Step.FIELD))
        case Step.FIELD if not yes:
            return Move(Act.ASK, draft.asking(None))
        case _:
            return None
