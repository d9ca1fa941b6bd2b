"""The text as the components see it: one normal form, so that training and asking agree."""

from __future__ import annotations

import re
import unicodedata

from bot.engine.signature import without_signature

_IGNORED = re.compile("[\u200b\u200e\u200f\u2060\u2061-\u206f\ufeff\u00ad]")
_SPACE = re.compile(r"\s+")
_WORDS_SHOUTED = 4
"""From how many words in capitals on a text is taken to be shouted, not an acronym or two."""
_WORD = re.compile(r"\w+")
_ARTICLE = re.compile(r"^(?:[وفبك]?ال|[وف]?لل)(?=\w{3})")
LONGEST = 1200
"""Characters that are read: the beginning and the end of a longer text, where the question stands."""


class _Plain(dict[int, str]):
    """For `str.translate`: takes off accents and vowel signs that stand alone, and makes one of letters typed for one
    another. Finds out about a character when it is met first.
    """

    def __missing__(self, point: int) -> str:
        self[point] = "" if unicodedata.combining(chr(point)) else chr(point)
        return self[point]


_PLAIN = _Plain(str.maketrans({"ى": "ي", "ة": "ه", "ـ": ""}))


def normal(text: str) -> str:
    """Signatures, compatibility forms, shouting, invisible marks and runs of space made plain.

    A very long text is cut in its middle.
    """
    text = unicodedata.normalize("NFKC", without_signature(text))
    text = _IGNORED.sub("", text)
    text = text.replace("\u2019", "'").replace("\u2018", "'")
    text = _SPACE.sub(" ", text).strip()
    if text.isupper() and len(text.split()) >= _WORDS_SHOUTED:
        text = text.lower()
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]} {text[-LONGEST // 2 :]}"
    return text


def ending(text: str, characters: int) -> str:
    """The last whole words of a text in normal form, within so many characters; the question stands at the end."""
    if len(text) <= characters:
        return text
    cut = text[-characters:]
    _, space, rest = cut.partition(" ")
    return rest if space else cut


def words(text: str) -> list[str]:
    """The words of a text in normal form, for lexical scores: as they are typed by who leaves out what can be left out.

    In lower case; without accents, vowel signs and hamza; the Arabic article and what is written onto it taken off.
    """
    text = text.lower()
    if text.isascii():
        return _WORD.findall(text)
    return [_ARTICLE.sub("", word) for word in _WORD.findall(unicodedata.normalize("NFKD", text).translate(_PLAIN))]
