"""The text a delegate typed, made fit to store and to understand."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 2000
"""Characters, counted after cleaning."""
WORD_JOINER = "\u2060"
"""Put before text that the engine would read as a command: invisible and not white space, dropped by its cleaning."""

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"}
_KEPT_CONTROLS = "\n\t"
_JOINERS = "\u200c\u200d"
"""Needed inside words of some scripts and inside emoji."""


class QuestionError(ValueError):
    """The text cannot be taken as a question. `reason` is `empty` or `too_long`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def clean(text: str) -> str:
    """The text without control, direction and other invisible characters, and without space around it.

    Nothing visible is changed: what the delegate wrote is what is stored.

    Raises:
        QuestionError: nothing visible is left, or more than `LONGEST` characters are.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in text if _keep(c)).strip()
    kept = re.sub(r"\n{3,}", "\n\n", kept)
    if all(unicodedata.category(c) in _INVISIBLE for c in kept):
        raise QuestionError("empty")
    if len(kept) > LONGEST:
        raise QuestionError("too_long")
    return kept


def _keep(character: str) -> bool:
    if character in _KEPT_CONTROLS or character in _JOINERS:
        return True
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
