"""What a button sends back: the choice of an entry, written `entry:<id>`."""

from __future__ import annotations

import re

from knowledge.base import KnowledgeBase
from knowledge.records import Entry

_FORM = re.compile(r"entry:([a-z][a-z0-9_]{1,59})")


class UnknownChoice(ValueError):
    """A payload that no button of ours carries."""


def payload_of(entry: Entry) -> str:
    """The payload of the button that asks for this entry."""
    return f"entry:{entry.id}"


def chosen(payload: str, base: KnowledgeBase) -> Entry:
    """The entry that a button's payload asks for.

    Raises:
        UnknownChoice: no button of ours carries this payload.
    """
    match = _FORM.fullmatch(payload)
    entry = base.entries.get(match[1]) if match else None
    if entry is None:
        raise UnknownChoice(payload)
    return entry
