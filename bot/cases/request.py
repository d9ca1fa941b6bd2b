"""What a delegate asks a person for, and where it is handed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from knowledge.records import Language


@dataclass(frozen=True)
class Request:
    """What a delegate asks a person for; validated by the form."""

    conversation_id: str
    language: Language
    """The case's language."""
    area: str
    """The area's id, by which it is routed."""
    name: str
    email: str
    question: str
    member_state: str | None
    """The ISO 3166 code of a recognised member state."""
    organisation: str | None
    """As typed, where it is no member state."""
    consent: bool
    """To send the conversation along."""


@dataclass(frozen=True)
class Receipt:
    """What the delegate is told of a case."""

    reference: str
    """Unguessable and readable aloud: Crockford's base32 with a check character, as in 7KQ4-M2XP-9S."""
    answer_by: date
    """When an answer can be expected, by the working days of the seat."""
    contact: str
    """The id of the contact it was routed to."""


class TooMany(Exception):
    """So many cases were handed in that no other is taken for a while. The message says which limit it is."""


class DeskAway(Exception):
    """Cases cannot be looked at or taken now: their database is away. What was asked may be asked again."""


class CaseDesk(Protocol):
    """Takes cases from the form. `key` is a uuid4 that the form makes when it begins.

    Every method raises DeskAway where it cannot be done now.
    """

    async def begin(self, key: str, conversation_id: str, language: Language, area: str) -> None:
        """The draft; the same key again changes nothing."""

    async def submit(self, key: str, request: Request) -> Receipt:
        """Draft to queued, with its letters in the outbox, in one transaction; again gives the same receipt.

        Raises:
            TooMany: a limit is reached; the draft stays and can be handed in later.
        """

    async def withdraw(self, key: str) -> None:
        """Draft to withdrawn, because the form was cancelled; nothing if it was submitted already."""

    async def open_in(self, conversation_id: str) -> Receipt | None:
        """The newest case of this conversation that still waits for an answer."""
