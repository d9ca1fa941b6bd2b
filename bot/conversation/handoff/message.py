"""A message to the form: what was typed or pressed, and what the engine made of it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

_SIGNS = " \t\n:：=,，،.。"


@dataclass(frozen=True)
class Mention:
    """A member state named in a message: its ISO 3166 code, and where the name begins and ends."""

    code: str
    start: int
    end: int


@dataclass(frozen=True)
class Message:
    """What the form reads. `pressed` is what a button of the form stands for."""

    text: str
    pressed: str | None = None
    intent: str = ""
    confidence: float = 0.0
    states: tuple[Mention, ...] = ()

    def after(self, at: int) -> Message:
        """What stands from this place on."""
        text = self.text[at:].lstrip(_SIGNS)
        at = len(self.text) - len(text)
        states = (Mention(m.code, m.start - at, m.end - at) for m in self.states if m.start >= at)
        return replace(self, text=text.strip(), states=tuple(states))

    def without(self, part: str) -> Message:
        """The same without a part of it; what is left stays in its place."""
        return replace(self, text=self.text.replace(part, " " * len(part)))


def one_line(text: str) -> str:
    """A value for a line of its own: no line breaks, no other controls, single spaces."""
    kept = "".join(" " if unicodedata.category(c).startswith(("C", "Z")) and c != "\u200d" else c for c in text)
    return " ".join(unicodedata.normalize("NFC", kept).split())
