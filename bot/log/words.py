"""The words of a text as the record's search knows them, in six languages, with one rule for what is kept and asked.

Case, accents, Arabic vowel signs, the shapes of Arabic letters that writers exchange, and the Arabic article do not
count; digits are those of ASCII. Chinese, which puts no space between words, is taken in pairs of characters that
overlap: most of its words have two, so that runs of three would find few of them. A word of four letters or more is
found by its beginning, up to six letters: enough for the endings of five languages without a stemmer for each.

The index holds a short hash in each word's place: an index gives up what was deleted only when it is next tidied, and
until then nobody can read there what was erased.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
import unicodedata
from collections.abc import Iterator

from bot.store.turn_words import Asked, FoundBy

BEGINNINGS = (4, 5, 6)
"""Letters of the beginnings that words are found by; shorter words are found whole."""

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_IS_HAN = re.compile(rf"[{_HAN}]")
_ARTICLE = re.compile(r"^(?:[وفبك]?ال|لل)(?=\w{3})")
_MARK, _DIGIT = "Mn", "Nd"
_FOLDED = {
    **{at: None for at in range(0x20000) if unicodedata.category(chr(at)) == _MARK},
    **{at: str(unicodedata.digit(chr(at))) for at in range(0x20000) if unicodedata.category(chr(at)) == _DIGIT},
    **str.maketrans({"ى": "ي", "ة": "ه", "ٱ": "ا", "ـ": None}),
}
_QUOTED = re.compile(r"[\"“”«»„](.+?)[\"“”«»“]")


def folded(text: str) -> str:
    """The text in small letters without accents and other signs, with ASCII digits."""
    if text.isascii():
        return text.casefold()
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFC", apart.translate(_FOLDED))


def words(text: str) -> list[str]:
    """The words, in their order."""
    return [word for run in _RUN.findall(folded(text)) for word in _parts(run)]


def found_by(text: str) -> FoundBy:
    """What a text is found by."""
    whole: list[str] = []
    beginnings: dict[str, None] = {}
    for run in _RUN.findall(folded(text)):
        whole += _parts(run)
        beginnings.update(dict.fromkeys(_beginnings(run)))
    return FoundBy(" ".join(map(_hash, whole)), " ".join(map(_hash, beginnings)))


def asked(query: str) -> list[Asked]:
    """What a query looks for, all of it. What stands between quotation marks is looked for as it is."""
    found = [Asked("words", tuple(map(_hash, words(quoted)))) for quoted in _QUOTED.findall(query) if words(quoted)]
    for run in _RUN.findall(folded(_QUOTED.sub(" ", query))):
        beginnings = list(_beginnings(run))
        if beginnings and not (_IS_HAN.match(run) and len(run) > 1):
            found.append(Asked("beginnings", (_hash(beginnings[-1]),)))
        else:
            found.append(Asked("words", tuple(map(_hash, _parts(run)))))
    return list(dict.fromkeys(found))


def wording(text: str) -> int:
    """A number of 64 bits that is the same for texts of the same words."""
    digest = hashlib.blake2b(" ".join(words(text)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def _parts(run: str) -> list[str]:
    if not _IS_HAN.match(run):
        return [_ARTICLE.sub("", run)]
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]


def _beginnings(run: str) -> Iterator[str]:
    """The beginnings of a word, the longest last; of Chinese every character."""
    if _IS_HAN.match(run):
        yield from run
        return
    (word,) = _parts(run)
    yield from (word[:length] for length in BEGINNINGS if len(word) >= length)


@functools.lru_cache(maxsize=100_000)
def _hash(word: str) -> str:
    """Forty bits of a hash: that a word is taken for one of a hundred thousand others has a chance of one in 10⁷."""
    return base64.b32encode(hashlib.blake2b(word.encode(), digest_size=5).digest()).decode()
