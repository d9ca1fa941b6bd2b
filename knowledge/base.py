"""The knowledge base in memory: loaded once, never changed, looked up by id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from knowledge.phrases import Phrases, read_phrases
from knowledge.reading import ContentError, File, line_naming, read
from knowledge.records import (
    Area,
    Contact,
    Entry,
    Fact,
    Language,
    Named,
    Pointer,
    Record,
    Source,
    Translation,
    WrittenEntry,
)

CONTENT = Path(__file__).parent

R = TypeVar("R", bound=Record)


class _Areas(File):
    areas: tuple[Area, ...]


class _Contacts(File):
    contacts: tuple[Contact, ...]


class _Sources(File):
    sources: tuple[Source, ...]


class _Facts(File):
    area: str
    facts: tuple[Fact, ...]


class _Entries(File):
    area: str
    entries: tuple[WrittenEntry, ...]
    gaps: tuple[WrittenEntry, ...]


class _Translations(File):
    area: str
    entries: tuple[Translation, ...]


class _Names(File):
    names: tuple[Named, ...]


class _Pointers(File):
    pointers: tuple[Pointer, ...]


@dataclass(frozen=True)
class KnowledgeBase:
    """All content by id. `entries` holds the gaps too.

    `places` tells in which file a record was written. There a translation is its entry's id and its language,
    `pkg_aims.fr`, and the phrases of a language are `phrases.fr`.
    """

    areas: Mapping[str, Area]
    contacts: Mapping[str, Contact]
    sources: Mapping[str, Source]
    facts: Mapping[str, Fact]
    entries: Mapping[str, Entry]
    services: Mapping[str, Named]
    member_states: Mapping[str, Named]
    ordinals: Mapping[str, Named]
    languages: Mapping[str, Named]
    pointers: Mapping[str, Pointer]
    handoff_words: Mapping[str, Named]
    mail_domains: Mapping[str, Named]
    phrases: Mapping[Language, Phrases]
    places: Mapping[str, Path]

    def contact_of(self, entry: Entry) -> Contact:
        """The entry's own contact, or else its area's."""
        return self.contacts[entry.contact or self.areas[entry.area].contact]

    def sources_of(self, fact_ids: Iterable[str]) -> list[Source]:
        """The sources of these facts, each once, in the order the facts name them."""
        ids = dict.fromkeys(source for fact in fact_ids for source in self.facts[fact].sources)
        return [self.sources[source] for source in ids]

    def contact_sources(self, contact: Contact) -> list[Source]:
        """The sources that name this contact."""
        return self.sources_of(contact.facts)


def load(content: Path = CONTENT) -> KnowledgeBase:
    """Reads the whole knowledge base below `content`.

    Raises:
        ContentError: a file does not fit its schema, an id is used twice, or a reference leads nowhere.
    """
    places: dict[str, Path] = {}

    def by_id(path: Path, records: Iterable[R]) -> dict[str, R]:
        found: dict[str, R] = {}
        for record in records:
            key: str = record.id  # type: ignore[attr-defined]
            if key in places:
                raise ContentError(
                    path, line_naming(path, key), f"the id {key} is also in {places[key].name}; rename one of them"
                )
            places[key] = path
            found[key] = record
        return found

    def one(name: str, kind: type[File], field: str) -> Mapping[str, R]:
        path = content / name
        return by_id(path, getattr(read(path, kind), field))

    areas: Mapping[str, Area] = one("areas.yml", _Areas, "areas")
    facts: dict[str, Fact] = {}
    entries: dict[str, Entry] = {}
    for area in areas:
        path = content / "facts" / f"{area}.yml"
        facts |= by_id(path, read(path, _Facts).facts)
        path = content / "entries" / f"{area}.yml"
        written = read(path, _Entries)
        translated = _translations(content, area)
        for answered, part in ((True, written.entries), (False, written.gaps)):
            # Validated when it was read: only the two fields its file implies are added.
            whole = [
                Entry.model_construct(**dict(e), area=area, answered=answered, translations=translated.pop(e.id, {}))
                for e in part
            ]
            entries |= by_id(path, whole)
            places |= {
                f"{entry.id}.{language}": content / "translations" / language / f"{area}.yml"
                for entry in whole
                for language in entry.translations
            }
        for unknown, languages in translated.items():
            path = content / "translations" / next(iter(languages)) / f"{area}.yml"
            problem = f"there is no entry {unknown} to translate; mend its spelling or remove it"
            raise ContentError(path, line_naming(path, unknown), problem)
    phrases = {path: read_phrases(path) for path in sorted((content / "phrases").glob("*.yml"))}
    places |= {f"phrases.{p.language}": path for path, p in phrases.items()}
    base = KnowledgeBase(
        areas=areas,
        contacts=one("contacts.yml", _Contacts, "contacts"),
        sources=one("sources.yml", _Sources, "sources"),
        facts=facts,
        entries=entries,
        services=one("gazetteer/services.yml", _Names, "names"),
        member_states=one("gazetteer/member_states.yml", _Names, "names"),
        ordinals=_names(content / "gazetteer/ordinals.yml"),
        languages=_names(content / "gazetteer/languages.yml"),
        pointers=one("pointers.yml", _Pointers, "pointers"),
        handoff_words=_names(content / "gazetteer/handoff_words.yml"),
        mail_domains=_names(content / "gazetteer/mail_domains.yml"),
        phrases={p.language: p for p in phrases.values()},
        places=places,
    )
    _check_references(base)
    return base


def _names(path: Path) -> dict[str, Named]:
    """Names whose ids are their values, which no other record shares."""
    return {named.id: named for named in read(path, _Names).names}


def _translations(content: Path, area: str) -> dict[str, dict[Language, Translation]]:
    """The translations of an area's entries, by entry and language."""
    found: dict[str, dict[Language, Translation]] = {}
    for path in sorted((content / "translations").glob(f"*/{area}.yml")):
        for translation in read(path, _Translations).entries:
            found.setdefault(translation.id, {})[Language(path.parent.name)] = translation
    return found


def _check_references(base: KnowledgeBase) -> None:
    def must(known: Mapping[str, object], ids: Iterable[str], owner: str, what: str) -> None:
        for unknown in (i for i in ids if i not in known):
            path = base.places[owner]
            problem = f"{owner} names the {what} {unknown}, which does not exist; mend its spelling"
            raise ContentError(path, line_naming(path, unknown), problem)

    for fact in base.facts.values():
        must(base.sources, fact.sources, fact.id, "source")
    for contact in base.contacts.values():
        must(base.facts, contact.facts, contact.id, "fact")
    for area in base.areas.values():
        must(base.contacts, [area.contact], area.id, "contact")
        must(base.entries, [area.overview, area.access, area.contact_entry], area.id, "entry")
    for pointer in base.pointers.values():
        must(base.entries, [pointer.entry], pointer.id, "entry")
    for entry in base.entries.values():
        must(base.facts, entry.facts, entry.id, "fact")
        must(base.entries, entry.related, entry.id, "entry")
        must(base.contacts, [entry.contact] if entry.contact else [], entry.id, "contact")
