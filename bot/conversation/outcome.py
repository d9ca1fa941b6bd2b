"""The ways a turn can end."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """How a turn ended; every turn has exactly one."""

    ANSWER = "answer"
    """The knowledge base answers it."""
    CLARIFY = "clarify"
    """Two or three readings are close: a short question with buttons."""
    REFER = "refer"
    """In scope, but no fact answers it: says so and names the right contact."""
    OUT_OF_SCOPE = "out_of_scope"
    """Not about these services: says what the assistant can help with."""
    HANDOFF = "handoff"
    """The delegate wants a person."""
    SMALL_TALK = "small_talk"
    """A greeting, thanks, a goodbye, or a question about the assistant itself."""
    ERROR = "error"
    """Something inside failed: an apology with an incident id, and the contact."""
