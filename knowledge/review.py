"""The page on which a language reviewer reads everything the assistant may say, in the six languages side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import jinja2
from babel import Locale

from knowledge.base import KnowledgeBase
from knowledge.records import Area, Entry, Language

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Cell:
    """What is said in one language, and what its reviewer must know of it: `missing`, `outdated`, `not approved`."""

    language: Language
    title: str = ""
    text: str = ""
    marks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """One thing that is said, in all languages. `note` tells what sort of thing it is."""

    id: str
    cells: tuple[Cell, ...]
    note: str = ""


@dataclass(frozen=True)
class Section:
    """One table of the page."""

    id: str
    title: str
    rows: tuple[Row, ...]

    @property
    def open(self) -> Mapping[Language, int]:
        """How many rows are marked, by language."""
        cells = [cell for row in self.rows for cell in row.cells]
        return {lang: sum(bool(cell.marks) for cell in cells if cell.language is lang) for lang in Language}


def write(base: KnowledgeBase, path: Path) -> None:
    """Writes the page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(base), encoding="utf-8")


def page(base: KnowledgeBase) -> str:
    """The page as HTML that needs no other file."""
    contacts = (_row(c.id, c.name, c.title) for c in base.contacts.values())
    said = {language: phrases.by_key for language, phrases in base.phrases.items()}
    keys = dict.fromkeys(key for texts in said.values() for key in texts)
    phrases = (_row(key, {}, {lang: texts[key] for lang, texts in said.items() if key in texts}) for key in keys)
    sections = [
        *(_area(area, base.entries.values()) for area in base.areas.values()),
        Section("contacts", "Contacts", tuple(contacts)),
        Section("phrases", "Phrases", tuple(phrases)),
    ]
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    names = {language: Locale("en").languages[language] for language in Language}
    return environment.get_template("review.html").render(sections=sections, names=names)


def _area(area: Area, entries: Iterable[Entry]) -> Section:
    title = _row(f"{area.id}.title", area.title, {}, "the area's name")
    return Section(area.id, area.title[Language.EN], (title, *(_entry(e) for e in entries if e.area == area.id)))


def _entry(entry: Entry) -> Row:
    cells = [Cell(Language.EN, entry.title, entry.answer)]
    for language in list(Language)[1:]:
        if language in entry.translations:
            written = entry.translations[language]
            outdated = ["outdated"] if entry.is_outdated_in(language) else []
            unapproved = [] if written.approved else ["not approved"]
            cells.append(Cell(language, written.title, written.answer, (*outdated, *unapproved)))
        else:
            cells.append(Cell(language, marks=("missing",)))
    return Row(entry.id, tuple(cells), "" if entry.answered else "gap: no fact answers this")


def _row(id_: str, titles: Mapping[Language, str], texts: Mapping[Language, str], note: str = "") -> Row:
    """A row of texts that are not approved one by one: each is there or missing."""
    cells = (
        Cell(lang, titles.get(lang, ""), texts.get(lang, ""), () if lang in titles or lang in texts else ("missing",))
        for lang in Language
    )
    return Row(id_, tuple(cells), note)
