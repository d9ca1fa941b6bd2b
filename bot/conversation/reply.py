"""What the assistant says in one message, in the shape the chat API promises."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.conversation.outcome import Outcome
from knowledge.records import Language


class Part(BaseModel):
    """A part of a reply, as sent to clients."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Button(Part):
    """A choice offered; its payload is sent back as it is."""

    title: str
    payload: str


class SourceLine(Part):
    """Where the statements of a reply come from."""

    title: str
    url: str
    date: str


class ContactLine(Part):
    """Whom to turn to."""

    id: str
    name: str
    title: str


class PersonLine(Part):
    """The person, or the office, whose answer a reply is, and the reference of the case."""

    name: str
    reference: str


class ReplyBody(Part):
    """A reply before it is recorded. `text` is plain text; `facts` are the ids of the facts it states."""

    text: str = Field(min_length=1)
    language: Language
    direction: Literal["ltr", "rtl"]
    outcome: Outcome
    area: str | None = None
    facts: tuple[str, ...] = ()
    sources: tuple[SourceLine, ...] = ()
    contact: ContactLine | None = None
    buttons: tuple[Button, ...] = ()
    person: PersonLine | None = Field(default=None, exclude_if=lambda person: person is None)
    """Set where a person answered, by e-mail; else it is the assistant who speaks."""


class Reply(ReplyBody):
    """A recorded reply; `id` is what feedback refers to."""

    id: str
