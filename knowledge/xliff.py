"""Exchanges translations with translators' tools, as XLIFF 2.0 (OASIS Standard, 5 August 2014).

A document holds what needs review in one language, a `<file>` for each area, a `<unit>` for each title and each answer.
The state of a segment says what is to be done: `initial`, translate it; `translated`, review it. What comes back as
`translated`, `reviewed` or `final` is taken over.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from knowledge import translation_files
from knowledge.base import KnowledgeBase
from knowledge.records import LONGEST_LABEL, Entry, Label, Language, Sentence, Translation
from knowledge.rules import LONGEST_ANSWER

VERSION = "2.0"
NAMESPACE = f"urn:oasis:names:tc:xliff:document:{VERSION}"
STATES = ("initial", "translated", "reviewed", "final")
"""What the standard calls the states of a segment, in their order."""

APPROVED = ("reviewed", "final")
TARGETS = tuple(language for language in Language if language is not Language.EN)
"""The languages that the English is translated into."""

LIMITS = (
    f"A title is the label of a button and has at most {LONGEST_LABEL} characters; "
    f"an answer has at most {LONGEST_ANSWER} words."
)
OUTDATED = "The English has changed since this was translated. Bring it up to date, then set its state to translated."

_FIELDS: Mapping[str, TypeAdapter[str]] = {"title": TypeAdapter(Label), "answer": TypeAdapter(Sentence)}
"""What is translated of an entry, and what it must be like."""

_BREAKS = re.compile(r"[ \t\r\n\x7f-\x9f\u2028\u2029]+")
"""Spaces, line ends and control characters; a space that must not break is none of them."""

_MARKS = {f"{{{NAMESPACE}}}{tag}" for tag in ("mrk", "sm", "em")}
"""Tools' remarks inside a text, which say nothing themselves."""


class DocumentError(Exception):
    """A document cannot be imported. The message names the line, what is wrong and the mend."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")
        self.line, self.problem = line, problem


def export(base: KnowledgeBase, language: Language) -> str:
    """The document with all entries and gaps that need review in this language, which is not English.

    What is outdated goes out as `initial`, so that it counts as translated only after somebody has looked at it. Where
    nothing needs review, the document has no file, which the standard does not allow: ask `Entry.needs_review_in`.
    """
    document = ET.Element("xliff", xmlns=NAMESPACE, version=VERSION, srcLang=Language.EN.value, trgLang=language.value)
    for area in base.areas:
        entries = [e for e in base.entries.values() if e.area == area and e.needs_review_in(language)]
        if not entries:
            continue
        file = ET.SubElement(document, "file", id=area, canResegment="no", trgDir=language.direction)
        _add_note(file, LIMITS)
        for entry in entries:
            for field in _FIELDS:
                _add_unit(file, entry, field, language)
    ET.indent(document)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(document, encoding="unicode")}\n'


def _add_unit(file: ET.Element, entry: Entry, field: str, language: Language) -> None:
    unit = ET.SubElement(file, "unit", id=f"{entry.id}.{field}")
    translation, outdated = entry.translations.get(language), entry.is_outdated_in(language)
    if outdated:
        _add_note(unit, OUTDATED)
    state = "initial" if translation is None or outdated else "translated"
    segment = ET.SubElement(unit, "segment", state=state)
    ET.SubElement(segment, "source").text = getattr(entry, field)
    if translation is not None:
        ET.SubElement(segment, "target").text = getattr(translation, field)


def _add_note(parent: ET.Element, text: str) -> None:
    ET.SubElement(ET.SubElement(parent, "notes"), "note").text = text


def import_(base: KnowledgeBase, text: str, root: Path) -> list[Path]:
    """Takes over what a document that `export` made says by now; returns the paths of the files it has changed.

    A translation is approved where both its title and its answer are `reviewed` or `final`. Where only one of them is
    done, it goes on rendering the English that it rendered. Its questions stay as they are; one that is new has none,
    and the knowledge base is refused until somebody writes them. All is checked before anything is written.

    Args:
        base: the knowledge base as it is now.
        text: the document.
        root: the folder that holds `knowledge/`.

    Raises:
        DocumentError: it is not XLIFF 2.0 or not from our English into one of our languages, it has a unit that we do
            not know or that cannot be used, or the English of a unit has changed since.
    """
    document = _Document(text)
    language = document.language()
    done: dict[str, dict[str, _Unit]] = {}
    for unit in document.units(base):
        if unit.state != "initial":
            done.setdefault(unit.entry.id, {})[unit.field] = unit
    changed: dict[str, Translation] = {}
    for entry_id, units in done.items():
        before = base.entries[entry_id].translations.get(language)
        if before is None and len(units) < len(_FIELDS):
            problem = "only one of title and answer is translated; translate both, or set this unit's state to initial"
            raise document.wrong(f"{entry_id}.{next(iter(units))}", problem)
        after = _translation(base.entries[entry_id], before, units)
        if after != before:
            changed[entry_id] = after
    return _write(base, language, changed, root)


def _write(base: KnowledgeBase, language: Language, changed: Mapping[str, Translation], root: Path) -> list[Path]:
    written = []
    for area in dict.fromkeys(base.entries[entry_id].area for entry_id in changed):
        entries = [entry for entry in base.entries.values() if entry.area == area]
        translations = [changed.get(entry.id, entry.translations.get(language)) for entry in entries]
        path = root / "knowledge/translations" / language / f"{area}.yml"
        translation_files.write(path, area, filter(None, translations))
        written.append(path)
    return written


@dataclass(frozen=True)
class _Unit:
    """A title or an answer as it came back; `target` is empty where there is none."""

    entry: Entry
    field: str
    state: str
    target: str


def _translation(entry: Entry, before: Translation | None, units: Mapping[str, _Unit]) -> Translation:
    """The translation with the titles and answers that are done, which are both where there was none before."""
    whole = len(units) == len(_FIELDS)
    approved = whole and all(unit.state in APPROVED for unit in units.values())
    texts = {field: unit.target for field, unit in units.items()}
    if before is not None:
        return before.model_copy(update={"of": entry.version if whole else before.of, "approved": approved, **texts})
    # Not validated, because it has no questions yet.
    return Translation.model_construct(
        id=entry.id,
        of=entry.version,
        approved=approved,
        title=texts["title"],
        answer=texts["answer"],
        questions=(),
    )


class _Document:
    """A document that came back."""

    def __init__(self, text: str) -> None:
        self._text = text
        try:
            # No entity is ever declared, because a document type is refused where it begins.
            self._root = ET.XML(text, ET.XMLParser(target=_WithoutDocumentType()))  # noqa: S314
        except ET.ParseError as error:
            problem = str(error).partition(":")[0]
            raise DocumentError(error.position[0], f"not XML: {problem}; export it again from your tool") from None
        except _DocumentTypeError:
            raise DocumentError(self._line(r"<!DOCTYPE"), "XLIFF has no document type; remove <!DOCTYPE …>") from None
        if self._root.tag != _name("xliff") or self._root.get("version") != VERSION:
            raise DocumentError(1, f"not XLIFF {VERSION}; save it as XLIFF {VERSION} in your tool")

    def language(self) -> Language:
        """The language it translates our English into."""
        source, target = self._root.get("srcLang"), self._root.get("trgLang")
        line = self._line(r"<(\w+:)?xliff\b")
        if source != Language.EN:
            raise DocumentError(line, f"srcLang is {source!r}; translate from the English, which is 'en'")
        if target not in TARGETS:
            raise DocumentError(line, f"trgLang {target!r} is none of our languages; use one of {', '.join(TARGETS)}")
        return Language(target)

    def units(self, base: KnowledgeBase) -> Iterator[_Unit]:
        """Its units, each checked."""
        seen: set[str] = set()
        for element in self._root.iter(_name("unit")):
            unit_id = element.get("id", "")
            if unit_id in seen:
                raise self.wrong(unit_id, "it is there twice; remove one of the two")
            seen.add(unit_id)
            entry_id, _, field = unit_id.rpartition(".")
            if entry_id not in base.entries or field not in _FIELDS:
                raise self.wrong(unit_id, "there is no such title or answer; mend its id, or remove it")
            yield self._unit(element, unit_id, base.entries[entry_id], field)

    def _unit(self, element: ET.Element, unit_id: str, entry: Entry, field: str) -> _Unit:
        segments = element.findall(_name("segment"))
        if len(segments) != 1:
            raise self.wrong(unit_id, f"it has {len(segments)} segments instead of one; keep it in one piece")
        source, target = (self._plain(segments[0].find(_name(side)), unit_id) for side in ("source", "target"))
        if source != _one_line(getattr(entry, field)):
            raise self.wrong(unit_id, "its English is not what we say now; translate a new export, or remove it")
        state = segments[0].get("state", "initial")
        if state not in STATES:
            raise self.wrong(unit_id, f"its state is {state!r}; use one of {', '.join(STATES)}")
        if state != "initial":
            try:
                target = _FIELDS[field].validate_python(target)
            except ValidationError as error:
                problem = f"{error.errors()[0]['msg']}; mend its target, or set its state to initial"
                raise self.wrong(unit_id, problem) from None
        return _Unit(entry, field, state, target)

    def _plain(self, element: ET.Element | None, unit_id: str) -> str:
        """The text of a source or a target; empty where there is none."""
        if element is None:
            return ""
        if any(inner.tag not in _MARKS for inner in element.iterfind(".//*")):
            raise self.wrong(unit_id, "its text holds codes, such as <ph>; ours is plain, so remove them")
        return _one_line("".join(element.itertext()))

    def wrong(self, unit_id: str, problem: str) -> DocumentError:
        """The error that names the unit and its line."""
        line = self._line(rf"""<(\w+:)?unit\b[^>]*\bid\s*=\s*["']{re.escape(unit_id)}["']""")
        return DocumentError(line, f"unit {unit_id}: {problem}")

    def _line(self, pattern: str) -> int:
        """The line that the first match begins on, counted from 1; 1 where nothing matches."""
        place = re.search(pattern, self._text)
        return self._text.count("\n", 0, place.start()) + 1 if place else 1


class _DocumentTypeError(Exception):
    """A document declares its type."""


class _WithoutDocumentType(ET.TreeBuilder):
    """Refuses a document type, which could declare entities."""

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        raise _DocumentTypeError


def _name(tag: str) -> str:
    return f"{{{NAMESPACE}}}{tag}"


def _one_line(text: str) -> str:
    return _BREAKS.sub(" ", text).strip()
