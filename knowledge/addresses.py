"""The e-mail addresses, web addresses and telephone numbers in a text."""

from __future__ import annotations

import re
from collections import Counter

_ADDRESS = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|https?://[\w./?&=%#~:+-]*[\w/]"
    r"|(?<![\w.@-])(?:[a-z][\w-]*\.)+(?:int|org|com|net|ch|edu)(?![\w-])(?:/[\w./?&=%#~:+-]*[\w/])?"
    r"|\+\d[\d \u00a0\u202f()-]{5,}\d",
    re.ASCII,
)


def addresses(text: str) -> Counter[str]:
    """Each address and telephone number as written, and how often."""
    return Counter(_ADDRESS.findall(text))


def without_addresses(text: str) -> str:
    """The text with a space in the place of each address and telephone number."""
    return _ADDRESS.sub(" ", text)
