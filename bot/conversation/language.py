"""Which language a message is written in, and what to answer in."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass

from eld import LanguageDetector  # type: ignore[import-untyped]

from knowledge.base import KnowledgeBase
from knowledge.records import Entry, Language

LEAST_LETTERS = 4
"""Letters below which a text tells nothing of its language."""
LONG = 15
"""Letters from which a language outside the six is believed."""
SURE = 1.5
"""How many times likelier, as a logarithm, the best of the six must be by its words alone to be taken."""
_UNKNOWN = 1e-5
"""How likely a word is in a language whose texts never use it, beside the words they do."""

_KANA_OR_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_ARABIC = re.compile(r"[\u0600-\u06ff]")
_NOT_ARABIC = re.compile(r"[\u067e\u0686\u0698\u06a9\u06af\u06cc\u06d2\u0679\u0688\u0691\u06ba\u06be]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_NOT_RUSSIAN = re.compile(r"[іїєґўђћјљњџѓќѝ]", re.IGNORECASE)
_LATIN = re.compile(r"[a-zA-ZÀ-ɏ]")
_ACRONYM = re.compile(r"(?<![^\W_])[A-Z][\w-]*[A-Z]\w*", re.ASCII)
_ADDRESS = re.compile(r"\S+@\S+|(?:https?://|www\.)\S+|<[^<>]*>|\d+")
_ACCENTED = re.compile(r"\b[a-z]*[à-öø-ÿœ][a-zà-öø-ÿœ]*\b")
"""A word that English does not have; names, with a capital, it may."""
_WORDS_SHOUTED = 4
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


@dataclass(frozen=True)
class Found:
    """The language of a text. `language` is empty where none of the six fits; `outside` names another by its code."""

    language: Language | None
    outside: str | None = None


class Languages:
    """Tells the six languages apart, and from others.

    Chinese, Arabic and Russian are told by their script. English, French and Spanish are told by the words that our own
    content uses in each, which knows short questions of this domain best; and where these do not decide, as for
    languages outside the six, by eld (efficient language detector).
    """

    def __init__(self, base: KnowledgeBase) -> None:
        self._words = {language: _frequencies(base, language) for language in (Language.EN, Language.FR, Language.ES)}
        self._detector = LanguageDetector()

    def of(self, text: str) -> Found:
        """The language of a text; nothing where it is too short or too mixed to tell."""
        plain = _ADDRESS.sub(" ", text)
        if not plain.isupper() or len(plain.split()) < _WORDS_SHOUTED:
            plain = _ACRONYM.sub(" ", plain)
        letters = _WORD.findall(plain)
        count = sum(len(word) for word in letters)
        scripts = {
            # A character stands for a syllable or a word.
            "han": len(_HAN.findall(plain)) * 4,
            "arabic": len(_ARABIC.findall(plain)),
            "cyrillic": len(_CYRILLIC.findall(plain)),
            "latin": len(_LATIN.findall(plain)),
        }
        if _KANA_OR_HANGUL.search(plain):
            return Found(None, self._other(plain))
        script = max(scripts, key=lambda name: scripts[name])
        if scripts[script] == 0:
            return Found(None, self._other(plain) if count >= LONG else None)
        if script == "han":
            return Found(Language.ZH)
        if script == "arabic":
            return self._in_script(plain, Language.AR, bool(_NOT_ARABIC.search(plain)))
        if script == "cyrillic":
            return self._in_script(plain, Language.RU, bool(_NOT_RUSSIAN.search(plain)))
        return self._in_latin(plain, letters, count)

    @staticmethod
    def nearest(text: str) -> Language:
        """The one of the six that a reader of another language in this script is likeliest to read."""
        if _KANA_OR_HANGUL.search(text) or _HAN.search(text):
            return Language.ZH
        if _ARABIC.search(text):
            return Language.AR
        return Language.RU if _CYRILLIC.search(text) else Language.EN

    def _in_script(self, text: str, usual: Language, strange: bool) -> Found:
        if not strange:
            return Found(usual)
        other = self._other(text)
        return Found(None, other) if other and other != usual else Found(usual)

    def _in_latin(self, text: str, letters: list[str], count: int) -> Found:
        if count < LEAST_LETTERS:
            return Found(None)
        scores = {
            language: sum(math.log(_chance(words, word)) for word in letters) for language, words in self._words.items()
        }
        if _ACCENTED.search(text):
            scores[Language.EN] += math.log(_UNKNOWN)
        known = sum(any(word.casefold() in words for words in self._words.values()) for word in letters)
        best, second = sorted(scores, key=lambda language: -scores[language])[:2]
        lead = scores[best] - scores[second]
        detected = self._detector.detect(text)
        guess = detected.language
        if guess not in set(Language):
            # Words of ours are in many languages; one outside the six is believed when few of its words are ours.
            if guess and count >= LONG and known < len(letters) / 2 and detected.is_reliable():
                return Found(None, guess)
            return Found(best if known and lead >= SURE else None)
        if known and lead >= SURE:
            return Found(best)
        return Found(Language(guess)) if count >= LONG else Found(None)

    def _other(self, text: str) -> str | None:
        guess: str | None = self._detector.detect(text).language
        return guess


def _chance(words: dict[str, float], word: str) -> float:
    return max(words.get(word.casefold(), 0.0), _UNKNOWN)


def _frequencies(base: KnowledgeBase, language: Language) -> dict[str, float]:
    """In what part of the language's questions each word stands, with and without its accents."""
    counted: Counter[str] = Counter()
    questions = [q for entry in base.entries.values() for q in _questions(entry, language)]
    texts = [*questions, *(base.phrases[language].texts if language in base.phrases else ())]
    for text in texts:
        words = {word.casefold() for word in _WORD.findall(text)}
        counted.update(words)
    return {word: count / max(1, len(texts)) for word, count in counted.items()}


def _questions(entry: Entry, language: Language) -> tuple[str, ...]:
    if language is Language.EN:
        return entry.questions
    return entry.translations[language].questions if language in entry.translations else ()
