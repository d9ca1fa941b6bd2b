"""Why a turn ended as it did: what the edge saw of it, and what Rasa's events tell.

The edge knows what the delegate met: the outcome, what was understood, what was replied, how long it took. Only the
events know the model, the policy and its action, what the conversation was about afterwards, and what the handoff form
was told. Neither is kept in the other's place.
"""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from bot.conversation.outcome import Outcome


class _Kept(BaseModel):
    """Kept as JSON without what is not set."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    def kept(self) -> dict[str, object]:
        """As the database keeps it."""
        return self.model_dump(mode="json", exclude_defaults=True)

    @classmethod
    def read(cls, kept: object) -> Self:
        """From what the database kept; empty where it kept nothing."""
        return cls.model_validate(kept or {})


class Request(_Kept):
    """What a message may have asked for, as `<intent>/<what>`, and how likely that is."""

    name: str
    confidence: float


class SaidReply(_Kept):
    """A reply. What the knowledge base makes is kept once for all (`text_id`), other text in its place, masked."""

    outcome: Outcome
    text_id: int | None = None
    text: str | None = None
    buttons: tuple[str, ...] = ()
    """Their titles."""


class Seen(_Kept):
    """What the edge saw."""

    intent: str | None = None
    """What was acted on."""
    requests: tuple[Request, ...] = ()
    """The likeliest and its runners-up."""
    carried: bool = False
    """Whether only what was in focus tells what the message is about."""
    services: tuple[str, ...] = ()
    """Services and bodies named."""
    facts: tuple[str, ...] = ()
    action: str | None = None
    incident: str | None = None
    engine_milliseconds: float | None = None
    """From the relay to Rasa's reply."""
    replies: tuple[SaidReply, ...] = ()


class Told(_Kept):
    """What Rasa's events tell."""

    model: str | None = None
    policy: str | None = None
    policy_confidence: float | None = None
    focus: str | None = Field(default=None)
    """The entry the conversation was about afterwards, where the turn changed that; empty where it left it."""
    form: bool = False
    """Whether the handoff form was open."""
    action_milliseconds: float | None = None
    """From the message being understood to the last reply."""
