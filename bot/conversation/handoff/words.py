"""Recognises the short words people say in a form, in any of the six languages."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property

from bot.conversation.handoff.draft import FIELDS, Step
from knowledge.records import Named

SHORT = 90
"""Characters up to which a message may be one of these words and nothing else."""
LEAST_WORDS = 3
"""Words from which a message without a question mark may be a question by its beginning."""

_LIKE = str.maketrans("أإىة’‘`´–—‑", "اايه''''---")
"""Letters that people write one for the other; each keeps its place in the text."""
_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[^\W_]+")
_EDGE = r"(?<![^\W_])"
_QUESTION_MARK = re.compile(r"[?؟？]")
_BREAK = re.compile(r"[,;:.!،؛，；：。！、\n—]")
"""What ends a clause: "no" before it denies nothing behind it."""
_TERMS = (
    *("yes", "right", "no", "not", "objection", "cancel", "rather_not", "back", "change", "send", "attach", "alone"),
    *(*FIELDS, "is", "greeting", "filler", "small"),
)
"""What the words of a message are looked up among, the longest phrase first."""
_DENIED = {
    "objection": {"yes"},
    "yes": {"no"},
    "right": {"no"},
    "send": {"no", "rather_not"},
    "attach": {"no", "alone"},
    "cancel": {"keep_on"},
}
"""What a word comes to behind a "not"; all others come to nothing that the form knows."""
_LIGHT = frozenset({"filler", "greeting", "small"})
"""What changes the meaning of nothing."""


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

    def means(self, text: str, *kinds: str, beside: Collection[str] = ()) -> bool:
        """Whether the message says one of these, and nothing else but what may stand beside it."""
        said = self._terms(text)
        return any(term & set(kinds) for term in said) and all(term & {*kinds, *beside, *_LIGHT} for term in said)

    def is_own(self, text: str) -> bool:
        """Whether the message is made of the form's own words alone: an answer or a wish, never a value."""
        return bool(self._terms(text))

    def answers(self, text: str, yes: Collection[str], no: Collection[str], beside: Collection[str]) -> bool | None:
        """What a message answers where these kinds agree or decline; nothing where it says anything else.

        A no in it is a no, whatever else agrees: "no, that is fine", "ok, but do not send it".
        """
        if self.means(text, *no, beside={*yes, *beside, "yes", "right", "send", Step.QUESTION}):
            return False
        return True if self.means(text, *yes, beside=beside) else None

    def attaches(self, text: str) -> bool | None:
        """Whether a message says by itself that the conversation is to go along, or that it is not."""
        if self.means(text, "alone", beside=("no", "consent")):
            return False
        return True if self.means(text, "attach", beside=("yes", "consent")) else None

    def to_change(self, text: str) -> Step | None:
        """The field that a message like "change the name" names; `Step.FIELD` where it names none."""
        if field := next((one for one in FIELDS if self._asks_to_change(text, one)), None):
            return field
        return Step.FIELD if self.means(text, "change") else None

    def _asks_to_change(self, text: str, field: Step) -> bool:
        beside = ("yes", "no", "send")
        return self.means(text, "change", beside=(field, *beside)) and self.means(
            text, field, beside=("change", *beside)
        )

    def field(self, text: str) -> Step | None:
        """The field that a message like "the name" or "the name is not right" names and says nothing else of."""
        return next((field for field in FIELDS if self.means(text, field, beside=("no",))), None)

    def _terms(self, text: str) -> list[set[str]]:
        """The kinds of each phrase of a short message, those behind a "not" by what they come to.

        Empty where the message asks, or holds anything that is no word of the form's.
        """
        if len(text) > SHORT or _QUESTION_MARK.search(text):
            return []
        folded, at, clause = like(text), 0, 0
        found: list[tuple[set[str], int]] = []
        for match in self._lexicon.finditer(folded):
            between, at = folded[at : match.start()], match.end()
            if _WORD.search(between):
                return []
            clause += bool(_BREAK.search(between))
            found.append((self._kinds[" ".join(match[0].split())], clause))
        return [] if _WORD.search(folded, at) else _resolved(found)

    def given(self, text: str) -> tuple[Step, int] | None:
        """The field and where its value begins, where a message says "my e-mail is …" or "no, change the name to …"."""
        folded = like(text)
        for pattern, field in self._assignments:
            if (match := pattern.match(folded)) and _WORD.search(text, match.end()):
                return field, match.end()
        return None

    def names(self, kind: str, text: str) -> bool:
        """Whether the message speaks of this field, or holds such a word."""
        return self._patterns[kind].search(like(text)) is not None

    def given_nothing(self, text: str) -> bool:
        """Whether a message names no more than a field, beside fillers: "my e-mail is", "no"."""
        rest = like(text)
        for kind in (*FIELDS, "it_is", "is", "no", "yes"):
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

    def denies(self, before: str) -> bool:
        """Whether what stands before something denies it: "not from the"."""
        return self._denying.search(like(before)) is not None

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
    def _kinds(self) -> dict[str, set[str]]:
        """The kinds of each phrase."""
        kinds: dict[str, set[str]] = {}
        for kind in _TERMS:
            for name in self._named[kind].names:
                kinds.setdefault(" ".join(like(name).split()), set()).add(kind)
        return kinds

    @cached_property
    def _lexicon(self) -> re.Pattern[str]:
        return re.compile(_any_of(self._kinds))

    @cached_property
    def _before(self) -> str:
        """What may stand before the words that matter; a few words only, which keeps the search short."""
        skipped = _any_of(name for kind in ("no", "change", "filler", "greeting") for name in self._named[kind].names)
        return rf"\W*(?:(?:{skipped})\W*){{0,5}}?"

    @cached_property
    def _taking_back(self) -> re.Pattern[str]:
        return re.compile(rf"\W*(?:{self._patterns['no'].pattern}|{self._patterns['change'].pattern})")

    @cached_property
    def _leading(self) -> dict[str, re.Pattern[str]]:
        kinds = ("my_name", "i_am", "it_is", "i_am_from", "asks", "greeting", "filler", "rather_not", "not")
        return {kind: re.compile(rf"{self._before}(?:{self._patterns[kind].pattern})\W*") for kind in kinds}

    @cached_property
    def _denying(self) -> re.Pattern[str]:
        small = rf"{self._patterns['filler'].pattern}|{self._patterns['i_am_from'].pattern}"
        return re.compile(rf"(?:{self._patterns['not'].pattern})(?:\W*(?:{small})){{0,3}}\W*$")

    @cached_property
    def _assignments(self) -> list[tuple[re.Pattern[str], Step]]:
        between = rf"\W*(?:{self._patterns['is'].pattern}|[:：=])"
        plain = [
            (re.compile(rf"{self._before}(?:{self._patterns[field].pattern}){between}"), field)
            for field in FIELDS
            if field is not Step.CONSENT
        ]
        return [(re.compile(rf"{self._before}(?:{self._patterns['my_name'].pattern})"), Step.NAME), *plain]


def _resolved(terms: Sequence[tuple[set[str], int]]) -> list[set[str]]:
    """The kinds of phrases, each given with the number of its clause, after what denies them has been applied."""
    said = [set(kinds) for kinds, _ in terms]
    done: int | None = None
    for at, (kinds, clause) in enumerate(terms):
        if not kinds & {"not", "no"}:
            continue
        before = _nearest(terms, range(at - 1, -1, -1), clause)
        denied = before if before == done else None  # The second half of "ne … pas".
        if denied is None:
            denied = _nearest(terms, range(at + 1, len(terms)), clause)
        if denied is None:
            denied = before
        if denied is None or not ("not" in kinds or "objection" in terms[denied][0]):
            continue
        said[at] = {"filler"}
        said[denied] = set().union(*(_DENIED.get(kind, set()) for kind in terms[denied][0])) or {"unknown"}
        done = denied
    return said


def _nearest(terms: Sequence[tuple[set[str], int]], places: Iterable[int], clause: int) -> int | None:
    """The nearest of these places where something stands in this clause that can be denied."""
    return next((at for at in places if terms[at][1] == clause and _is_deniable(terms[at][0])), None)


def _is_deniable(kinds: set[str]) -> bool:
    return "objection" in kinds or not kinds & (_LIGHT | {"not", "no", "rather_not", "is"})


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
