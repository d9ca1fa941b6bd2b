"""Recognises the short words people say in a form, in any of the six languages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property

from bot.conversation.handoff.draft import FIELDS, Step
from knowledge.records import Named

SHORT = 90
"""Characters up to which a message may be one of these words and nothing else."""
LEAST_WORDS = 3
"""Words from which a message without a question mark may be a question by its beginning."""

_LIKE = str.maketrans("أإآىة’‘`´–—‑", "ااايه''''---")
"""Letters that people write one for the other; each keeps its place in the text."""
_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[^\W_]+")
_EDGE = r"(?<![^\W_])"
_QUESTION_MARK = re.compile(r"[?؟？]")


def like(text: str) -> str:
    """The text in small letters, with each letter that has variants in one form; places stay the same."""
    low = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return low.translate(_LIKE)


def length(text: str) -> int:
    """How many words; in Chinese, where words are not spaced, two characters count as one."""
    han = len(_HAN.findall(text))
    return len(_WORD.findall(_HAN.sub(" ", text))) + (han + 1) // 2


class Words:
    """What a message means by its words, as far as they are words of the form's own."""

    def __init__(self, named: Mapping[str, Named]) -> None:
        self._named = named
        self._patterns = {kind: re.compile(_any_of(one.names)) for kind, one in named.items()}

    def means(self, text: str, *kinds: str) -> bool:
        """Whether the message says one of these and nothing else."""
        if len(text) > SHORT or _QUESTION_MARK.search(text):
            return False
        rest, found = like(text), 0
        for kind in kinds:
            rest, here = self._patterns[kind].subn(" ", rest)
            found += here
        return bool(found) and not self._substance(rest)

    def to_change(self, text: str) -> Step | None:
        """The field that a message like "change the name" names; `Step.FIELD` where it names none."""
        if len(text) > SHORT or _QUESTION_MARK.search(text):
            return None
        rest, asked = self._patterns["change"].subn(" ", like(text))
        if not asked:
            return None
        field = self._only_field(rest)
        return field or (None if self._substance(rest) else Step.FIELD)

    def field(self, text: str) -> Step | None:
        """The field that a message like "the name" names and says nothing else of."""
        return None if len(text) > SHORT else self._only_field(like(text))

    def _only_field(self, text: str) -> Step | None:
        for field in FIELDS:
            rest, found = self._patterns[field].subn(" ", text)
            if found and not self._substance(rest):
                return field
        return None

    def given(self, text: str) -> tuple[Step, int] | None:
        """The field and where its value begins, where a message says "my e-mail is …" or "no, change the name to …"."""
        folded = like(text)
        for pattern, field in self._assignments:
            if (match := pattern.match(folded)) and _WORD.search(text, match.end()):
                return field, match.end()
        return None

    def names(self, field: Step, text: str) -> bool:
        """Whether the message speaks of this field."""
        return self._patterns[field].search(like(text)) is not None

    def given_nothing(self, text: str) -> bool:
        """Whether a message names no more than a field, beside fillers: "my e-mail is", "no"."""
        rest = like(text)
        for kind in (*FIELDS, "is", "no", "yes"):
            rest = self._patterns[kind].sub(" ", rest)
        return not self._substance(rest)

    def after_colon(self, text: str) -> str | None:
        """The question that a message puts behind a colon."""
        _, colon, after = text.replace("：", ":").partition(":")
        after = after.strip()
        return after if colon and length(after) >= LEAST_WORDS and not after.startswith("//") else None

    def corrects(self, text: str) -> bool:
        """Whether a message begins by taking something back."""
        return self._taking_back.match(like(text)) is not None

    def without(self, kind: str, text: str) -> str:
        """The text without such words, and fillers, before it."""
        match = self._leading[kind].match(like(text))
        return text[match.end() :].strip() if match else text

    def begins(self, kind: str, text: str) -> bool:
        """Whether the text begins with such words, or fillers and such words."""
        return self._leading[kind].match(like(text)) is not None

    def starts(self, kind: str, text: str) -> bool:
        """The same without fillers; in Chinese only where a sign follows, because a longer word may begin alike."""
        match = self._patterns[kind].match(like(text))
        return match is not None and not (_HAN.search(match[0]) and _HAN.match(text, match.end()))

    def is_all(self, kind: str, text: str) -> bool:
        """Whether the text is one of these phrases, whatever signs and spaces are around it."""
        return re.fullmatch(rf"\W*(?:{self._patterns[kind].pattern})\W*", like(text)) is not None

    def strip(self, kind: str, text: str) -> str:
        """The text, in small letters, without such words."""
        return self._patterns[kind].sub(" ", like(text))

    def only(self, kind: str, text: str) -> bool:
        """Whether nothing but such words and fillers is in the text; also where nothing is in it at all."""
        return not self._substance(self.strip(kind, text))

    def asks(self, text: str) -> bool:
        """Whether the message is a question by its form."""
        if _QUESTION_MARK.search(text):
            return True
        if self._patterns["asks_within"].search(text):
            return True
        if length(text) < LEAST_WORDS or (text[:2].isupper() and not text.isupper()):
            return False  # "WHO Regional Office" asks nothing.
        return self._leading["asks"].match(like(text)) is not None

    def _substance(self, text: str) -> bool:
        """Whether anything is left without fillers, "no", and signs."""
        return _WORD.search(self._patterns["filler"].sub(" ", text)) is not None

    @cached_property
    def _before(self) -> str:
        """What may stand before the words that matter; a few words only, which keeps the search short."""
        skipped = _any_of(name for kind in ("no", "change", "filler") for name in self._named[kind].names)
        return rf"\W*(?:(?:{skipped})\W*){{0,5}}?"

    @cached_property
    def _taking_back(self) -> re.Pattern[str]:
        return re.compile(rf"\W*(?:{self._patterns['no'].pattern}|{self._patterns['change'].pattern})")

    @cached_property
    def _leading(self) -> dict[str, re.Pattern[str]]:
        kinds = ("my_name", "i_am", "i_am_from", "asks")
        return {kind: re.compile(rf"{self._before}(?:{self._patterns[kind].pattern})\W*") for kind in kinds}

    @cached_property
    def _assignments(self) -> list[tuple[re.Pattern[str], Step]]:
        between = rf"\W*(?:{self._patterns['is'].pattern}|[:：=])"
        plain = [
            (re.compile(rf"{self._before}(?:{self._patterns[field].pattern}){between}"), field)
            for field in FIELDS
            if field is not Step.CONSENT
        ]
        return [(re.compile(rf"{self._before}(?:{self._patterns['my_name'].pattern})"), Step.NAME), *plain]


def _any_of(names: Iterable[str]) -> str:
    """The longest first; a whole word, except in Chinese, which does not space them."""
    forms = sorted({like(name) for name in names}, key=len, reverse=True)
    whole = [_spaced(form) for form in forms if not _HAN.search(form) and not form.endswith("'")]
    joined = [_spaced(form) for form in forms if form.endswith("'")]
    inside = [re.escape(form) for form in forms if _HAN.search(form)]
    kinds = ((rf"{_EDGE}(?:{{}})(?![^\W_])", whole), (rf"{_EDGE}(?:{{}})(?=[^\W_])", joined), ("(?:{})", inside))
    return "|".join(pattern.format("|".join(some)) for pattern, some in kinds if some)


def _spaced(form: str) -> str:
    return r"\s+".join(map(re.escape, form.split()))
