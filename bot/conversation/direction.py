"""Left-to-right names, addresses and telephone numbers inside right-to-left text."""

from __future__ import annotations

import re

FIRST_STRONG_ISOLATE, POP_DIRECTIONAL_ISOLATE = "\u2068", "\u2069"
_ARABIC = re.compile(r"[\u0600-\u06ff]")
_LEFT_TO_RIGHT = re.compile(
    r"\+\d[\d ]*\d"
    r"|\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{2}\b"
    r"|[A-Za-z0-9][\w.+-]*@[\w-]+(?:\.[\w-]+)+"
    r"|[A-Za-zÀ-ɏ][\w@.'’/&+-]*(?:[ ,]?[ ](?:[A-Za-zÀ-ɏ][\w@.'’/&+-]*|\d[\w.-]*))*(?<![.,'’-])"
)
"""A telephone number; the reference of a case; an e-mail address; or words in Latin letters with what is between."""


def isolated(text: str) -> str:
    """The text with each left-to-right run isolated, so that it and what is around it stay in order (UAX 9)."""
    if not _ARABIC.search(text):
        return text
    return _LEFT_TO_RIGHT.sub(lambda run: f"{FIRST_STRONG_ISOLATE}{run[0]}{POP_DIRECTIONAL_ISOLATE}", text)
