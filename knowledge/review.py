"""The page on which a language reviewer reads everything the assistant may say, in the six languages side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import jinja2
from babel import Locale

from knowledge.base import KnowledgeBase
from knowledge.records import Area, Contact, Entry, Language

TEMPLATES = Path(__file__).parent / "templates"
ENGLISH = Locale("en")


@dataclass(frozen=True)
class Cell:
    """What is said in one language, or the English where that language has nothing; and what a reviewer must know."""

    language: Language
    title: str
    answer: str = ""
    marks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """One thing that is said, in all languages."""

    id: str
    cells: tuple[Cell, ...]
    answered: bool = True


@dataclass(frozen=True)
class Section:
    """An area of support with its entries and gaps."""

    area: Area
    rows: tuple[Row, ...]


def write(base: KnowledgeBase, path: Path) -> None:
    """Writes the page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(base), encoding="utf-8")


def page(base: KnowledgeBase) -> str:
    """The page as HTML that needs no other file."""
    sections = [
        Section(area, tuple(_entry(entry) for entry in base.entries.values() if entry.area == area.id))
        for area in base.areas.values()
    ]
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("review.html").render(
        languages=list(Language),
        names={language: ENGLISH.languages[language] for language in Language},
        sections=sections,
        contacts=[_contact(contact) for contact in base.contacts.values()],
        phrases=[_phrase(base, key) for key in base.phrases[Language.EN].by_key],
        open=_open(base.entries.values()),
    )


def _entry(entry: Entry) -> Row:
    return Row(entry.id, tuple(_cell(entry, language) for language in Language), entry.answered)


def _cell(entry: Entry, language: Language) -> Cell:
    written = entry.in_language(language)
    return Cell(language, written.title, written.answer, tuple(_marks(entry, language)))


def _marks(entry: Entry, language: Language) -> Iterable[str]:
    if language is Language.EN:
        return
    translation = entry.translations.get(language)
    if translation is None:
        yield "missing"
        return
    if entry.is_outdated_in(language):
        yield "outdated"
    if not translation.approved:
        yield "not approved"


def _contact(contact: Contact) -> Row:
    return Row(contact.id, tuple(Cell(lang, contact.name[lang], contact.title[lang]) for lang in Language))


def _phrase(base: KnowledgeBase, key: str) -> Row:
    texts = {language: phrases.by_key for language, phrases in base.phrases.items()}
    return Row(key, tuple(Cell(language, "", texts[language][key]) for language in Language))


def _open(entries: Iterable[Entry]) -> Mapping[Language, int]:
    """How many entries and gaps need review, by language."""
    entries = list(entries)
    return {lang: sum(e.needs_review_in(lang) for e in entries) for lang in Language if lang is not Language.EN}
