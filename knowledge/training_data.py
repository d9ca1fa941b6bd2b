"""Derives what Rasa learns from the knowledge base, so that no question is kept twice by hand.

An entry's questions become examples of the intent of its area, and a gap's of `open_question`; which entry they ask
for, and what it answers, goes along as metadata of the examples. Names become lookup tables and synonyms. The files
are committed, because Rasa's tools read them, and `make check` compares them with their source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

from babel import Locale
from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from knowledge.base import KnowledgeBase
from knowledge.records import Entry, Language, Named

HEADER = "# Derived from knowledge/ by `make derive`; edit it there.\n"
OPEN_QUESTION = "open_question"
"""The intent of every gap."""
OTHER_LANGUAGES = "bn cs de el fa fi he hi hu id it ja km ko lo mn ms ne nl no pl ps pt ro si sv sw ta th tr uk ur vi"
"""Languages outside the six that a delegate may ask for, so that it is said which ones are spoken."""


def derive(base: KnowledgeBase, root: Path) -> dict[Path, str]:
    """The text of every derived file, by its path below `root`."""
    files = {
        root / "data/nlu/gazetteer.yml": _document(
            [
                *_names("service", base.services.values()),
                *_names("member_state", map(_in_all_languages, base.member_states.values())),
                *_names("ordinal", base.ordinals.values()),
                *_names("language", [*base.languages.values(), *_other_languages()]),
            ]
        )
    }
    return files | derive_areas(base, root, base.areas)


def derive_areas(base: KnowledgeBase, root: Path, areas: Iterable[str]) -> dict[Path, str]:
    """The same of these areas' entries alone."""
    files = {}
    for area in areas:
        entries = [entry for entry in base.entries.values() if entry.area == area]
        for language in Language:
            requests = [_request(entry, language) for entry in entries if _is_written(entry, language)]
            if requests:
                files[root / "data/nlu" / language / f"{area}.yml"] = _document(requests)
    return files


def _is_written(entry: Entry, language: Language) -> bool:
    return language is Language.EN or language in entry.translations


def write(files: dict[Path, str]) -> list[Path]:
    """Writes the files that differ from what is there; returns their paths."""
    stale = out_of_date(files)
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], encoding="utf-8")
    return stale


def out_of_date(files: dict[Path, str]) -> list[Path]:
    """The files whose text on disk is missing or differs."""
    return [path for path, text in files.items() if not path.exists() or path.read_text(encoding="utf-8") != text]


def _request(entry: Entry, language: Language) -> dict[str, Any]:
    written = entry.in_language(language)
    return {
        "intent": entry.area if entry.answered else OPEN_QUESTION,
        "metadata": {
            "request": entry.id,
            "area": entry.area,
            "language": str(language),
            "title": written.title,
            "kinds": [str(kind) for kind in entry.kinds],
            "related": list(entry.related),
            "answer": written.answer,
        },
        "examples": _examples(written.questions),
    }


def _other_languages() -> Iterator[Named]:
    """Each with the names that CLDR gives it in the six languages, by its ISO 639 code."""
    for code in OTHER_LANGUAGES.split():
        names = (Locale(language).languages.get(code) for language in Language)
        yield Named(id=code, names=tuple(dict.fromkeys(name for name in names if name)))


def _in_all_languages(state: Named) -> Named:
    """The state with the names that CLDR gives it in the six languages, by its ISO 3166 code."""
    known = [Locale(language).territories.get(state.id) for language in Language]
    folded = {name.casefold() for name in state.names}
    more = [name for name in dict.fromkeys(known) if name and name.casefold() not in folded]
    return state.model_copy(update={"names": (*state.names, *more)})


def _names(kind: str, all_named: Iterable[Named]) -> Iterator[dict[str, Any]]:
    named = list(all_named)
    yield {"lookup": kind, "examples": _examples(name for n in named for name in n.names)}
    for n in named:
        yield {"synonym": n.id, "examples": _examples(n.names)}


def _examples(texts: Iterable[str]) -> LiteralScalarString:
    examples: LiteralScalarString = LiteralScalarString("".join(f"- {_escape(text)}\n" for text in texts))
    return examples


def _escape(text: str) -> str:
    """Rasa reads `[word](entity)` in an example as an entity; our questions never mean that."""
    return " ".join(text.split()).replace("[", "(").replace("]", ")")


def _document(nlu: list[dict[str, Any]]) -> str:
    yaml = YAML()
    yaml.width = 110
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = StringIO()
    yaml.dump({"version": "3.1", "nlu": nlu}, out)
    return HEADER + out.getvalue()
