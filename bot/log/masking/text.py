"""Text in the form the rules read, in which every character keeps its place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

HAN = "\u3400-\u9fff"
_DIGIT = re.compile(r"\d")
_SIGNS = {"’": "'", "‘": "'", "–": "-", "—": "-", "‑": "-", "−": "-", "\u00a0": " ", "\u202f": " "}


class Kind(StrEnum):
    """What personal data are; also what is put in their place, in square brackets."""

    EMAIL = "e-mail"
    ACCOUNT = "account"
    CARD = "card"
    PASSPORT = "passport"
    NATIONAL = "national number"
    TELEPHONE = "telephone"
    NAME = "name"
    ADDRESS = "address"
    ORGANISATION = "organisation"
    BIRTH_DATE = "date of birth"
    IP = "IP address"
    HANDLE = "user name"
    PLATE = "vehicle"


@dataclass(frozen=True)
class Finding:
    """Where in a text personal data stand."""

    kind: Kind
    start: int
    end: int


class _Plain(dict[int, str]):
    """What stands for a character, found once for each: our own texts alone have three million characters."""

    def __missing__(self, code: int) -> str:
        found = self[code] = _plain(chr(code))
        return found


_PLAIN = _Plain()


def plain(text: str) -> str:
    """Full-width signs and digits of any script as ASCII, and one form of apostrophe, dash and space."""
    return text.translate(_PLAIN)


def _plain(character: str) -> str:
    normal = unicodedata.normalize("NFKC", character)
    if len(normal) != 1:
        return _SIGNS.get(character, character)
    digit = unicodedata.digit(normal, None)
    return _SIGNS.get(normal, normal) if digit is None else str(digit)


def has_digits(text: str) -> bool:
    """Whether anything may be found that has a number in it; most texts have none."""
    return _DIGIT.search(text) is not None


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of these words, the longest first, not within another word; in Chinese anywhere."""
    by_length = sorted(words, key=len, reverse=True)
    spaced = [re.escape(word).replace(r"\ ", r"\s+") for word in by_length if not re.match(f"[{HAN}]", word)]
    han = [re.escape(word) for word in by_length if re.match(f"[{HAN}]", word)]
    both = [rf"(?<![^\W_])(?<![^\W_]['.])(?:{'|'.join(spaced)})(?![^\W_{HAN}])"] if spaced else []
    return f"(?:{'|'.join(both + han)})"


def digits(text: str) -> str:
    """The ASCII digits in a text."""
    return "".join(re.findall("[0-9]", text))
