"""What was said before a person was asked for, as the contact gets to see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.conversation.outcome import Outcome
from bot.store.tables import MessageRow, ReplyRow
from knowledge.base import KnowledgeBase

LONGEST = 200
"""Things said that are sent along; the newest."""
MOST_POINTS = 5
"""Questions listed as answered, and as not answered; the newest."""

_FAILED = frozenset({Outcome.REFER, Outcome.OUT_OF_SCOPE, Outcome.CLARIFY, Outcome.ERROR})


@dataclass(frozen=True)
class Line:
    """One thing said."""

    at: datetime
    by_delegate: bool
    text: str


@dataclass(frozen=True)
class Point:
    """A question, and what of the knowledge base answered it, in English; nothing where nothing did."""

    question: str
    answered_by: str | None


@dataclass(frozen=True)
class Conversation:
    """A conversation without the form itself, whose contents the letter has anyway."""

    lines: tuple[Line, ...] = ()
    points: tuple[Point, ...] = ()

    @property
    def answered(self) -> tuple[Point, ...]:
        """What the assistant answered."""
        return tuple(point for point in self.points if point.answered_by)[-MOST_POINTS:]

    @property
    def not_answered(self) -> tuple[Point, ...]:
        """What it could not answer."""
        return tuple(point for point in self.points if not point.answered_by)[-MOST_POINTS:]


def conversation(base: KnowledgeBase, messages: Sequence[MessageRow], replies: Sequence[ReplyRow]) -> Conversation:
    """The conversation that these rows record."""
    # The message that sends the form has no outcome yet.
    about = [message for message in messages if message.outcome not in (None, Outcome.HANDOFF)]
    kept = {message.id for message in about}
    lines = [Line(message.created_at, True, message.text) for message in about]
    lines += [Line(reply.created_at, False, reply.body["text"]) for reply in replies if reply.message_id in kept]
    points = [Point(message.text, _answer(base, message)) for message in about if _is_question(message)]
    return Conversation(tuple(sorted(lines, key=lambda one: one.at)[-LONGEST:]), tuple(points))


def _is_question(message: MessageRow) -> bool:
    return message.outcome == Outcome.ANSWER or message.outcome in _FAILED


def _answer(base: KnowledgeBase, message: MessageRow) -> str | None:
    if message.outcome != Outcome.ANSWER:
        return None
    entry = base.entries.get((message.trace or {}).get("entry") or "")
    return entry.title if entry else "…"
