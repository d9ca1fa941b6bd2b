"""What a button sends back.

An entry, a person, a language or a step of the handoff form, written `entry:<id>`, `person`, `language:<code>` or
`handoff:<step>`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from knowledge.base import KnowledgeBase
from knowledge.records import Entry, Language

PERSON = "person"
_ENTRY = re.compile(r"entry:([a-z][a-z0-9_]{1,59})")
_LANGUAGE = re.compile(r"language:([a-z]{2})")
_HANDOFF = re.compile(
    r"handoff:((?:yes|no|send|cancel|back|another|change)|change:(?:name|from|email|question|consent))"
)


class UnknownChoice(ValueError):
    """A payload that no button of ours carries."""


@dataclass(frozen=True)
class Choice:
    """A button's meaning: `intent` and its entity as the engine knows them."""

    intent: str
    entity: tuple[str, str] | None = None

    @property
    def as_engine_text(self) -> str:
        """The choice in Rasa's own form for an intent that needs no understanding."""
        return f"/{self.intent}{json.dumps(dict([self.entity]), separators=(',', ':')) if self.entity else ''}"


def payload_of(entry: Entry) -> str:
    """The payload of the button that asks for this entry."""
    return f"entry:{entry.id}"


def payload_of_step(step: str) -> str:
    """The payload of a button of the handoff form."""
    return f"handoff:{step}"


def parse(payload: str) -> Choice:
    """What a payload of this form asks for.

    Raises:
        UnknownChoice: it has none of the four forms.
    """
    if payload == PERSON:
        return Choice("ask_for_person")
    if (match := _LANGUAGE.fullmatch(payload)) and match[1] in set(Language):
        return Choice("change_language", ("language", match[1]))
    if match := _ENTRY.fullmatch(payload):
        return Choice("choose", ("entry", match[1]))
    if match := _HANDOFF.fullmatch(payload):
        return Choice("handoff_step", ("step", match[1]))
    raise UnknownChoice(payload)


def read(payload: str, base: KnowledgeBase) -> Choice:
    """What a payload asks for.

    Raises:
        UnknownChoice: no button of ours carries this payload.
    """
    choice = parse(payload)
    if choice.intent == "choose" and choice.entity and choice.entity[1] not in base.entries:
        raise UnknownChoice(payload)
    return choice


def title_of(choice: Choice, base: KnowledgeBase, language: Language) -> str:
    """What stands on the button, for the record of what was said."""
    if choice.intent == "choose" and choice.entity:
        return base.entries[choice.entity[1]].in_language(language).title
    if choice.intent == "change_language" and choice.entity:
        return base.phrases[Language(choice.entity[1])]("language.name")
    if choice.intent == "handoff_step" and choice.entity:
        return base.phrases[language](f"handoff.button.{choice.entity[1].replace(':', '_')}")
    return base.phrases[language]("button.person")
