"""Applies changes to the files of a working copy: knowledge/ and data/ below a folder."""

from __future__ import annotations

from pathlib import Path

from ruamel.yaml.nodes import MappingNode

from bot.publishing.changes import (
    AnswerEdited,
    Change,
    EntryProposed,
    OutsideAdded,
    QuestionAdded,
    UnansweredAdded,
    Worded,
)
from bot.publishing.places import NoSuchPlace, Places, folded, listed, quoted
from knowledge.base import KnowledgeBase
from knowledge.records import Entry, Fact, Language, Source, version_of

_AREA_PREFIX = "other_"
"""Of the requests in unanswered.yml."""


class DoesNotFit(ValueError):
    """The change names something that the content does not have, or has already in another form."""


class Copy:
    """A working copy's files, edited in memory until `save`. What is there already is left alone."""

    def __init__(self, root: Path, base: KnowledgeBase) -> None:
        self._root, self._base = root, base
        self._open: dict[Path, Places] = {}
        self.areas: set[str] = set()
        """Those whose entries have changed."""

    def apply(self, change: Change) -> None:
        """Makes one change; those that touch the same place need a `save` and a new copy between them.

        Raises:
            DoesNotFit: it does not fit the content as it is.
        """
        try:
            match change:
                case QuestionAdded():
                    self._add_question(change)
                case OutsideAdded():
                    self._add_example(change.language, "out_of_scope", change.topic, change.text)
                case UnansweredAdded():
                    self._add_example(change.language, "unanswered", _AREA_PREFIX + change.area, change.text)
                case AnswerEdited():
                    self._edit(change)
                case EntryProposed():
                    self._add_entry(change)
        except NoSuchPlace as error:
            raise DoesNotFit(str(error)) from error

    def save(self) -> None:
        """Writes every file that was changed."""
        for one in self._open.values():
            one.save()
        self._open.clear()

    def _places(self, path: str) -> Places:
        whole = self._root / path
        if whole not in self._open:
            if not whole.exists():
                raise DoesNotFit(f"there is no {path}")
            self._open[whole] = Places(whole)
        return self._open[whole]

    def _entry(self, name: str) -> Entry:
        entry = self._base.entries.get(name)
        if entry is None:
            raise DoesNotFit(f"there is no entry {name}")
        self.areas.add(entry.area)
        return entry

    def _written(self, entry: Entry, language: Language) -> tuple[Places, MappingNode]:
        """Where an entry stands in a language."""
        if language is Language.EN:
            places = self._places(f"knowledge/entries/{entry.area}.yml")
            return places, places.record("entries" if entry.answered else "gaps", entry.id)
        places = self._places(f"knowledge/translations/{language}/{entry.area}.yml")
        return places, places.record("entries", entry.id)

    def _add_question(self, change: QuestionAdded) -> None:
        entry = self._entry(change.entry)
        if change.text in entry.in_language(change.language).questions:
            return
        places, record = self._written(entry, change.language)
        places.append(places.sequence(record, "questions"), [change.text])

    def _add_example(self, language: Language, file: str, request: str, text: str) -> None:
        places = self._places(f"data/nlu/{language}/{file}.yml")
        line = f"- {_example(text)}"
        for block in places.sequence(places.root, "nlu").value:
            metadata = places.value(block, "metadata")
            named = places.value(metadata, "request") if isinstance(metadata, MappingNode) else None
            examples = places.value(block, "examples")
            if named is not None and named.value == request and examples is not None:
                if line not in str(examples.value).splitlines():
                    places.append_line(examples, line)
                return
        raise DoesNotFit(f"{file}.yml has no {request} in {language}")

    def _edit(self, change: AnswerEdited) -> None:
        entry = self._entry(change.entry)
        places, record = self._written(entry, change.language)
        written = entry.in_language(change.language)
        title, answer = places.value(record, "title"), places.value(record, "answer")
        if title is None or answer is None:
            raise DoesNotFit(f"{entry.id} has no {change.language} title or answer")
        if change.title != written.title:
            places.replace(title, quoted(change.title))
        changed = change.answer != written.answer
        if changed:
            places.replace(answer, folded(change.answer, change.language, record.start_mark.column + 2))
        if change.language is not Language.EN:
            if (changed or change.title != written.title) and (approved := places.value(record, "approved")):
                places.replace(approved, "false")
            return
        if change.facts is not None and change.facts != entry.facts:
            places.put(record, "facts", listed(change.facts), behind="kinds")
        if change.valid_until != entry.valid_until:
            if change.valid_until is None:
                places.drop(record, "valid_until")
            else:
                places.put(record, "valid_until", change.valid_until.isoformat(), behind="facts")

    def restamp(self, entry: str, language: Language) -> None:
        """Notes that a translation renders the English as it is now."""
        found = self._entry(entry)
        if language is Language.EN or not found.is_outdated_in(language):
            return
        places, record = self._written(found, language)
        of = places.value(record, "of")
        if of is not None:
            places.replace(of, quoted(found.version))

    def _add_entry(self, change: EntryProposed) -> None:
        if change.entry in self._base.entries:
            if self._base.entries[change.entry].area == change.area:
                return
            raise DoesNotFit(f"there is an entry {change.entry} already")
        if change.area not in self._base.areas:
            raise DoesNotFit(f"there is no area {change.area}")
        if missing := [language for language in Language if language not in change.words]:
            raise DoesNotFit(f"it is not written in {', '.join(missing)}")
        self.areas.add(change.area)
        if change.source is not None and change.source.id not in self._base.sources:
            self._places("knowledge/sources.yml").append_record("sources", _source(change.source))
        for fact in change.new_facts:
            known = self._base.facts.get(fact.id)
            if known is None:
                self._places(f"knowledge/facts/{change.area}.yml").append_record("facts", _fact(fact))
            elif known != fact:
                raise DoesNotFit(f"there is another fact {fact.id} already")
        for language, words in change.words.items():
            if language is Language.EN:
                path = f"knowledge/entries/{change.area}.yml"
                self._places(path).append_record("entries", _entry(change, words))
            else:
                path, english = f"knowledge/translations/{language}/{change.area}.yml", change.words[Language.EN]
                self._places(path).append_record("entries", _translation(change, words, language, english), apart=True)


def _example(text: str) -> str:
    """One line; Rasa reads `[word](entity)` in an example as an entity, and a question never means that."""
    return " ".join(text.split()).replace("[", "(").replace("]", ")")


def _source(source: Source) -> list[str]:
    written = source.model_dump(mode="json", exclude_none=True)
    return [f"{key}: {quoted(value)}" for key, value in written.items()]


def _fact(fact: Fact) -> list[str]:
    written = fact.model_dump(mode="json", exclude_none=True)
    return [f"{key}: {value if key in ('id', 'use', 'source') else quoted(value)}" for key, value in written.items()]


def _entry(change: EntryProposed, words: Worded) -> list[str]:
    lines = [f"id: {change.entry}", f"title: {quoted(words.title)}", f"kinds: {listed(change.kinds)}"]
    lines.append(f"facts: {listed(change.facts)}")
    if change.related:
        lines.append(f"related: {listed(change.related)}")
    if change.confirm:
        lines.append("confirm: true")
    if change.valid_until:
        lines.append(f"valid_until: {change.valid_until.isoformat()}")
    return [*lines, *_said(words, Language.EN)]


def _translation(change: EntryProposed, words: Worded, language: Language, english: Worded) -> list[str]:
    version = version_of(english.title, english.answer)
    head = [f"id: {change.entry}", f"of: {quoted(version)}", "approved: false", f"title: {quoted(words.title)}"]
    return [*head, *_said(words, language)]


def _said(words: Worded, language: Language) -> list[str]:
    answer = f"answer: {folded(words.answer, language, 2)}".split("\n")
    return [*answer, "questions:", *(f"  - {quoted(question)}" for question in words.questions)]
