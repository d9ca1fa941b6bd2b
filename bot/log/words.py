"""The words of a text as the record's search knows them, in six languages, with one rule for what is kept and asked.

Case, accents, Arabic vowel signs, the shapes of Arabic letters that writers exchange, and the Arabic article do not
count; digits are those of ASCII. Chinese, which puts no space between words, is taken in pairs of characters that
overlap: most of its words have two, so that runs of three would find few of them. A word of four letters or more is
found by its beginning, up to six letters: enough for the endings of five languages without a stemmer for each.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator

LONGEST_BEGINNING = 6
SHORTEST_BEGINNING = 4
"""Shorter words are found whole. The lengths between are those that the table `turn_words` has an index for."""

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_IS_HAN = re.compile(rf"[{_HAN}]")
_ARTICLE = re.compile(r"^(?:[وفبك]?ال|لل)(?=\w{3})")
_EXCHANGED = str.maketrans({"ى": "ي", "ة": "ه", "ٱ": "ا", "ـ": None})
_QUOTED = re.compile(r"[\"“”«»„](.+?)[\"“”«»“]")


def folded(text: str) -> str:
    """The text in small letters without accents and other signs, with ASCII digits."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    plain = "".join(_digit(c) for c in apart if unicodedata.category(c) != "Mn")
    return unicodedata.normalize("NFC", plain).translate(_EXCHANGED)


def words(text: str) -> list[str]:
    """What a text is found by, in its order."""
    return [word for run in _RUN.findall(folded(text)) for word in _parts(run, closing=True)]


def wording(text: str) -> int:
    """A number of 64 bits that is the same for texts of the same words."""
    digest = hashlib.blake2b(" ".join(words(text)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def phrases(query: str) -> list[tuple[tuple[str, ...], bool]]:
    """What a query looks for, all of it: words that follow each other, and whether the last is only a beginning.

    What stands between quotation marks is looked for as it is.
    """
    exact = [quoted for quoted in _QUOTED.findall(query) if words(quoted)]
    found = [(tuple(_asked(folded(quoted))), False) for quoted in exact]
    for run in _RUN.findall(folded(_QUOTED.sub(" ", query))):
        parts = tuple(_parts(run, closing=False))
        if _IS_HAN.match(run):
            found.append((parts, len(run) == 1))
        else:
            word = parts[0]
            found.append(((word[:LONGEST_BEGINNING],), len(word) >= SHORTEST_BEGINNING))
    return list(dict.fromkeys(found))


def _asked(text: str) -> Iterator[str]:
    for run in _RUN.findall(text):
        yield from _parts(run, closing=False)


def _parts(run: str, *, closing: bool) -> list[str]:
    if not _IS_HAN.match(run):
        return [_ARTICLE.sub("", run)]
    pairs = [run[at : at + 2] for at in range(len(run) - 1)]
    # The last character by itself, so that each is found as the beginning of something.
    return [*pairs, run[-1]] if closing or not pairs else pairs


def _digit(character: str) -> str:
    value = unicodedata.digit(character, None)
    return character if value is None else str(value)
