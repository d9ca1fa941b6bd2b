"""What the record gives to read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.conversation.outcome import Outcome
from bot.log.reasons import Request
from knowledge.records import Language


@dataclass(frozen=True)
class Turn:
    """A turn as a line of a list. Text is masked."""

    id: int
    """Also its place in time: what is older has a smaller one."""
    at: datetime
    conversation: str
    text: str
    pressed: bool
    """Whether a button was pressed; the text is its title."""
    language: Language
    outcome: Outcome
    area: str | None
    request: str | None
    """What it most likely asked for, as `<intent>/<what>`."""
    confidence: float | None
    entry: str | None
    model: str | None
    milliseconds: int | None
    """From the message's acceptance to its answer."""
    helpful: bool | None
    comment: str | None
    case: str | None
    """The reference of the case that the turn handed in."""
    reviewed: bool


@dataclass(frozen=True)
class Reply:
    """What the assistant replied, masked."""

    text: str
    outcome: Outcome
    buttons: tuple[str, ...]
    """Their titles."""


@dataclass(frozen=True)
class Reasons:
    """Why a turn ended as it did."""

    intent: str | None
    """What was acted on."""
    requests: tuple[Request, ...]
    """What it may have asked for, the likeliest first."""
    carried: bool
    """Whether only what was in focus tells what the message is about."""
    focus: str | None
    """The entry the conversation was about before."""
    entries: tuple[str, ...]
    facts: tuple[str, ...]
    member_states: tuple[str, ...]
    services: tuple[str, ...]
    action: str | None
    policy: str | None
    policy_confidence: float | None
    form: bool
    """Whether the handoff form was open."""
    incident: str | None
    engine_milliseconds: float | None
    """From the relay to Rasa's reply."""
    understanding_milliseconds: float | None
    """The part of it before any action ran."""
    action_milliseconds: float | None


@dataclass(frozen=True)
class WholeTurn:
    """A turn with its replies and reasons. Without what Rasa's events tell where they never came."""

    turn: Turn
    replies: tuple[Reply, ...]
    reasons: Reasons


@dataclass(frozen=True)
class PersonsAnswer:
    """What a person answered into the conversation, masked."""

    at: datetime
    name: str
    reference: str
    text: str


@dataclass(frozen=True)
class Transcript:
    """A conversation in its order. `answers` are there as long as the conversation itself is kept."""

    conversation: str
    turns: tuple[WholeTurn, ...]
    answers: tuple[PersonsAnswer, ...]
    cases: tuple[str, ...]
    """References of the cases that came of it."""
    revealable: bool
    """Whether the unmasked text is still kept."""


@dataclass(frozen=True)
class Page:
    """A page of a list, the newest first; `older` and `newer` are what to ask for next, where there is more."""

    turns: tuple[Turn, ...]
    older: int | None
    newer: int | None


@dataclass(frozen=True)
class Count:
    """How many turns there are; `or_more` where they were not counted to the end."""

    turns: int
    or_more: bool
