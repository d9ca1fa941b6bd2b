"""The text as the components see it: one normal form, so that training and asking agree."""

from __future__ import annotations

import re
import unicodedata

_IGNORED = re.compile("[\u200b\u200e\u200f\u2060\u2061-\u206f\ufeff\u00ad]")
_SPACE = re.compile(r"\s+")
LONGEST = 1200
"""Characters that are read: the beginning and the end of a longer text, where the question stands."""


def normal(text: str) -> str:
    """Compatibility forms, invisible marks and runs of space made plain; a very long text cut in its middle."""
    text = unicodedata.normalize("NFKC", text)
    text = _IGNORED.sub("", text)
    text = text.replace("\u2019", "'").replace("\u2018", "'")
    text = _SPACE.sub(" ", text).strip()
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]} {text[-LONGEST // 2 :]}"
    return text


def words(text: str) -> list[str]:
    """The lower-case words of a text, for lexical scores."""
    return re.findall(r"\w+", normal(text).lower())
