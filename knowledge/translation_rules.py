"""What `make check` holds the five translations to: that each says what the present English says, in its language."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from string import Formatter

from knowledge.addresses import addresses, without_addresses
from knowledge.base import KnowledgeBase
from knowledge.findings import Problems, Rule
from knowledge.names import codes, forms_of_code, occurs, people
from knowledge.numbers import stated
from knowledge.records import Language, Texts

TRANSLATED = tuple(language for language in Language if language is not Language.EN)

SHARED_RUN = 6
"""So many consecutive words in common with the English were not translated."""

_LATIN = (Language.FR, Language.ES)
"""Translations whose letters are those of English."""

_DIGIT = re.compile(r"\d")
_PLACEHOLDER = re.compile(r"\{\w*\}")
_NAME = re.compile(r"(?<![A-Za-z])[A-Za-z]*[A-Z][\w/:-]*", re.ASCII)
"""A word with a capital, and so a name, or the first of a sentence."""


@dataclass(frozen=True)
class Rendering:
    """One English text and what stands for it in another language, at the record that holds the translation."""

    owner: str
    what: str
    language: Language
    english: str
    text: str

    def __str__(self) -> str:
        return f"the {self.language} {self.what}"


def _answers_and_titles(base: KnowledgeBase) -> Iterator[Rendering]:
    for entry in base.entries.values():
        for language, translation in entry.translations.items():
            owner = f"{entry.id}.{language}"
            yield Rendering(owner, "title", language, entry.title, translation.title)
            yield Rendering(owner, "answer", language, entry.answer, translation.answer)


def _labels(base: KnowledgeBase) -> Iterator[tuple[str, str, Texts]]:
    """The texts of areas and contacts: whose they are, what they are, and each language's."""
    for area in base.areas.values():
        yield area.id, "title", area.title
    for contact in base.contacts.values():
        yield contact.id, "name", contact.name
        yield contact.id, "title", contact.title


def _phrases(base: KnowledgeBase) -> Iterator[Rendering]:
    english = base.phrases[Language.EN].by_key
    for language, phrases in base.phrases.items():
        if language is not Language.EN:
            for key, text in phrases.by_key.items():
                if key in english:
                    yield Rendering(f"phrases.{language}.{key}", "phrase", language, english[key], text)


def _renderings(base: KnowledgeBase) -> Iterator[Rendering]:
    """Every text that stands in English and another language."""
    yield from _answers_and_titles(base)
    for owner, what, texts in _labels(base):
        for language, text in texts.items():
            if language is not Language.EN and Language.EN in texts:
                yield Rendering(owner, what, language, texts[Language.EN], text)
    yield from _phrases(base)


def _entry_is_translated(base: KnowledgeBase) -> Problems:
    for entry in base.entries.values():
        for language in TRANSLATED:
            if language not in entry.translations:
                file = f"knowledge/translations/{language}/{entry.area}.yml"
                yield entry.id, f"it has no {language} translation; add one to {file}"


def _translation_renders_the_present_english(base: KnowledgeBase) -> Problems:
    for entry in base.entries.values():
        for language, translation in entry.translations.items():
            if translation.of != entry.version:
                problem = (
                    f"the {language} translation is of {translation.of} and the English is now {entry.version}; "
                    f"run the translation again, or set `of` to {entry.version} if it still says the same"
                )
                yield f"{entry.id}.{language}", problem


def _label_is_in_every_language(base: KnowledgeBase) -> Problems:
    for owner, what, texts in _labels(base):
        for language in Language:
            if language not in texts:
                yield owner, f"its {what} is not given in {language}; add it"


def _phrases_are_the_same_in_every_language(base: KnowledgeBase) -> Problems:
    english = base.phrases[Language.EN].keys
    for language in TRANSLATED:
        if language not in base.phrases:
            yield "phrases.en", f"there are no phrases in {language}; write knowledge/phrases/{language}.yml"
            continue
        keys = base.phrases[language].keys
        for key in sorted(english - keys):
            yield f"phrases.{language}.{key}", "this phrase is missing; translate it from en.yml"
        for key in sorted(keys - english):
            yield f"phrases.{language}.{key}", "there is no such phrase in en.yml; remove it or mend its key"


def _phrase_keeps_its_placeholders(base: KnowledgeBase) -> Problems:
    for phrase in _phrases(base):
        fields = [
            {f"{{{field}}}" for _, field, _, _ in Formatter().parse(text) if field is not None}
            for text in (phrase.english, phrase.text)
        ]
        for lacking in sorted(fields[0] - fields[1]):
            yield phrase.owner, f"it lacks {lacking}, which the English has; put it in"
        for unknown in sorted(fields[1] - fields[0]):
            yield phrase.owner, f"it has {unknown}, which the English has not; remove it"


def _numbers_are_the_same(base: KnowledgeBase) -> Problems:
    """Numbers, amounts and dates: by their value, whatever the language writes them like."""
    for rendering in _renderings(base):
        said = stated(rendering.english, Language.EN)
        yield from _differences(rendering, said, stated(rendering.text, rendering.language))


def _addresses_are_the_same(base: KnowledgeBase) -> Problems:
    """E-mail addresses, web addresses and telephone numbers, as written."""
    for rendering in _renderings(base):
        yield from _differences(rendering, addresses(rendering.english), addresses(rendering.text))


def _differences(rendering: Rendering, english: Counter[str], other: Counter[str]) -> Problems:
    lacking, added = (", ".join((one - two).elements()) for one, two in ((english, other), (other, english)))
    if lacking and added:
        yield rendering.owner, f"{rendering} says {added} where the English says {lacking}; correct it"
    elif lacking:
        yield rendering.owner, f"{rendering} does not say {lacking} as often as the English; correct it"
    elif added:
        yield rendering.owner, f"{rendering} says {added} more often than the English; correct it"


def _answer_names_what_the_english_names(base: KnowledgeBase) -> Problems:
    """Acronyms and codes, as they are or as this language calls the same; a title may leave one out, for its length.

    A code with digits may not stand in the translation alone, save COVID-19, which the English need not repeat.
    """
    for rendering in _answers_and_titles(base):
        if rendering.what != "answer":
            continue
        english, text = without_addresses(rendering.english), without_addresses(rendering.text)
        for code in codes(english):
            forms = forms_of_code(base, code, rendering.language)
            if not any(occurs(form, text, rendering.language) for form in forms):
                yield rendering.owner, f"{rendering} does not name {code}; name it, or give its name the gazetteer"
        for code in codes(text):
            if _DIGIT.search(code) and code != "COVID-19" and not occurs(code, english, Language.EN):
                yield rendering.owner, f"{rendering} names {code}, which the English does not; correct it"


def _answer_names_the_same_people(base: KnowledgeBase) -> Problems:
    named = people(base)
    for rendering in _answers_and_titles(base):
        for names in named:
            name = names.get(rendering.language)
            if name is None or not occurs(names[Language.EN], rendering.english, Language.EN):
                continue
            if not occurs(name, rendering.text, rendering.language):
                yield rendering.owner, f"{rendering} does not name {name}, whom the English names; name them so"


def _text_is_in_its_language(base: KnowledgeBase) -> Problems:
    for rendering in _renderings(base):
        if rendering.what == "name" and rendering.language in _LATIN:
            continue  # A person's name is the same.
        for wrong in (_is_the_english, _is_in_latin_letters, _repeats_the_english):
            problem = wrong(rendering)
            if problem:
                yield rendering.owner, f"{rendering} {problem}; translate it"
                break


def _is_the_english(rendering: Rendering) -> str | None:
    """A single word may be the same in two languages, and names are."""
    words = rendering.english.split()
    same = rendering.text.casefold() == rendering.english.casefold()
    return "is the English" if same and len(words) > 1 and not all(map(_NAME.match, words)) else None


def _is_in_latin_letters(rendering: Rendering) -> str | None:
    if rendering.language in _LATIN:
        return None
    letters = [letter for letter in _without_names(rendering.text) if letter.isalpha()]
    latin = sum(letter.isascii() for letter in letters)
    return "is mostly in Latin letters" if latin * 2 > len(letters) else None


def _repeats_the_english(rendering: Rendering) -> str | None:
    if rendering.language not in _LATIN:
        return None
    known, runs = (_runs(text) for text in (rendering.english, rendering.text))
    repeated = next((run for run in runs if run in known), None)
    return f"repeats the English {repeated!r}" if repeated else None


def _runs(text: str) -> dict[str, None]:
    """The runs of words in lower case, in their order, save those of names alone."""
    words = re.findall(r"[^\W_]+(?:[-'][^\W_]+)*", _without_placeholders(text))
    runs = (words[i : i + SHARED_RUN] for i in range(len(words) - SHARED_RUN + 1))
    return {" ".join(run).casefold(): None for run in runs if not all(map(_NAME.match, run))}


def _without_names(text: str) -> str:
    return _NAME.sub(" ", _without_placeholders(text))


def _without_placeholders(text: str) -> str:
    return _PLACEHOLDER.sub(" ", without_addresses(text))


TRANSLATION_RULES: tuple[Rule, ...] = (
    _entry_is_translated,
    _translation_renders_the_present_english,
    _label_is_in_every_language,
    _phrases_are_the_same_in_every_language,
    _phrase_keeps_its_placeholders,
    _numbers_are_the_same,
    _addresses_are_the_same,
    _answer_names_what_the_english_names,
    _answer_names_the_same_people,
    _text_is_in_its_language,
)
