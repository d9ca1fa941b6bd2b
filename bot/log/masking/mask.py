"""Masks personal data: what is found by its form, and what is known for certain."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bot.log.masking.cues import cues
from bot.log.masking.loose_names import LooseNames
from bot.log.masking.names import Names
from bot.log.masking.numbers import Numbers
from bot.log.masking.particulars import Particulars
from bot.log.masking.places import Places
from bot.log.masking.text import HAN, Finding, Kind, plain
from knowledge.addresses import addresses
from knowledge.base import KnowledgeBase
from knowledge.records import Language

_ADDRESS_OF_A_PAGE = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_LEAST_PART = 3
"""Letters from which a part of a known name is masked by itself."""
_LEAST_STEM = 4
"""Letters of a word of a name that no ending changes."""
_LEAST_PUBLISHED = 2
"""Words that a published name must have: a first name alone is anybody's."""


class Masking:
    """Masks, but for what the knowledge base publishes. Made once; pure."""

    def __init__(self, base: KnowledgeBase) -> None:
        words = cues()
        texts = list(_published_texts(base))
        numbers_and_addresses = {found for text in texts for found in addresses(text)}
        words_of_ours = set(_WORD.findall(plain("\n".join((*texts, *_questions(base))))))
        ordinary = {word.lower() for word in words_of_ours if not word[0].isupper()}
        self._published = [plain(text).lower() for text in texts]
        self._published_names = [plain(name).lower() for name in words.published.names]
        self._ordinary = ordinary
        self._numbers = Numbers(
            words,
            {found for found in numbers_and_addresses if found.startswith("+")},
            {found.lower() for found in numbers_and_addresses if "@" in found},
        )
        self._names = Names(words, base.handoff_words["my_name"].names, base.handoff_words["i_am"].names, ordinary)
        self._loose_names = LooseNames(
            words,
            base.handoff_words["i_am"].names,
            {word.lower() for word in words_of_ours} | set(_member_states(base)),
        )
        self._places, self._particulars = Places(words), Particulars(words)

    def __call__(self, text: str, known: Iterable[tuple[str, str]] = ()) -> str:
        """The text with the kind of what is masked in its place, as `[e-mail]`; `known` are kinds and values."""
        masked = text
        for finding in reversed(self.find(text, known)):
            masked = f"{masked[: finding.start]}[{finding.kind}]{masked[finding.end :]}"
        return masked

    def find(self, text: str, known: Iterable[tuple[str, str]] = ()) -> list[Finding]:
        """Where personal data stand, in the order of the text, none over another."""
        form = plain(text)
        taken: list[Finding] = [Finding(Kind.NAME, *m.span()) for m in _ADDRESS_OF_A_PAGE.finditer(form)]
        pages = len(taken)
        for finding in self._all(form, known):
            free = all(finding.end <= one.start or one.end <= finding.start for one in taken)
            if free and not (finding.kind is Kind.NAME and self._is_published(form[finding.start : finding.end])):
                taken.append(finding)
        return sorted(taken[pages:], key=lambda finding: finding.start)

    def _all(self, text: str, known: Iterable[tuple[str, str]]) -> Iterator[Finding]:
        for kind, value in known:
            yield from self._known(text, Kind(kind), value)
        yield from self._numbers.find(text)
        yield from self._particulars.find(text)
        yield from self._places.find(text)
        names = [*self._names.find(text), *self._loose_names.find(text)]
        yield from sorted(names, key=lambda finding: finding.start - finding.end)

    def _known(self, text: str, kind: Kind, value: str) -> Iterator[Finding]:
        """The value wherever it stands, and the parts of a name."""
        whole = plain(value).strip()
        parts = [whole]
        if kind is Kind.NAME:
            parts += [
                part
                for part in whole.split()
                if len(part) >= _LEAST_PART and part.lower().strip(".,") not in self._ordinary
            ]
        for part in parts:
            spaced = r"\s+".join(re.escape(word) for word in part.split())
            edges = spaced if re.search(f"[{HAN}]", part) else rf"(?<![^\W_]){spaced}(?![^\W_])"
            if spaced:
                yield from (Finding(kind, *match.span()) for match in re.finditer(edges, text, re.IGNORECASE))

    def _is_published(self, name: str) -> bool:
        low = name.lower()
        # What follows the name of a person we name belongs to the sentence; an ending, to the language.
        if any(low.startswith(known) or _same_words(low, known) for known in self._published_names):
            return True
        if "·" in low and any(known in low for known in self._published_names if "·" in known):
            return True
        han = len(re.findall(f"[{HAN}]", name))
        whole = len(name.split()) >= _LEAST_PUBLISHED or han > _LEAST_PUBLISHED
        return whole and any(low in text for text in self._published)


def _same_words(name: str, known: str) -> bool:
    """Whether two names are the same but for their endings, which Russian has by the case."""
    words, others = name.split(), known.split()
    return len(words) == len(others) and all(
        word[: max(_LEAST_STEM, len(other) - 2)] == other[: max(_LEAST_STEM, len(other) - 2)]
        for word, other in zip(words, others, strict=True)
    )


def _published_texts(base: KnowledgeBase) -> Iterator[str]:
    for fact in base.facts.values():
        yield fact.text
    for contact in base.contacts.values():
        yield from contact.name.values()
        yield from contact.title.values()
    for entry in base.entries.values():
        for language in Language:
            if language is Language.EN or language in entry.translations:
                yield entry.in_language(language).answer


def _questions(base: KnowledgeBase) -> Iterator[str]:
    for entry in base.entries.values():
        yield from entry.questions
        for translation in entry.translations.values():
            yield from translation.questions


def _member_states(base: KnowledgeBase) -> Iterator[str]:
    """The words of their names."""
    for state in base.member_states.values():
        for name in state.names:
            yield from (word.lower() for word in _WORD.findall(plain(name)))
