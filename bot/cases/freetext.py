"""Text that somebody typed, made fit to stand in a letter."""

from __future__ import annotations

import re
import unicodedata

_REFUSED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_JOINERS = "\u200c\u200d"
"""Needed inside words of some scripts."""


def line(text: str, longest: int) -> str:
    """One line of visible characters, cut at `longest`: fit for a header."""
    kept = "".join(" " if c.isspace() else c for c in text if c.isspace() or _visible(c))
    kept = re.sub(" +", " ", kept).strip()
    return kept if len(kept) <= longest else kept[: longest - 1].rstrip() + "…"


def paragraph(text: str) -> str:
    """The text with its line breaks and without control and direction characters."""
    text = re.sub(r"\r\n?|[\u2028\u2029\u0085\v\f]", "\n", text)
    kept = "".join(c for c in text if c in "\n\t" or _visible(c))
    return re.sub(r"\n{3,}", "\n\n", kept).strip()


def quoted(text: str) -> str:
    """Each line after `> `, so that nothing typed can pass for a part of the letter."""
    return "\n".join(f"> {one}".rstrip() for one in text.split("\n"))


def _visible(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character) not in _REFUSED
