"""Recognises services, acronyms and member states by name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import spacy
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.tokens import Span
from spacy.util import filter_spans

from bot.engine.parallel import shared_out

_FILE = "names.json"
_HAN = re.compile(r"[\u3400-\u9fff]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_ARABIC = re.compile(r"[\u0600-\u06ff]")
_SHORT_NAME = 4
"""Letters up to which a name may be the beginning of another word."""
_CAPITALS_ONLY = {"WHO"}
"""Names that are another word in small letters; so are, in some language, most names of two letters."""


class Finder:
    """spaCy's phrase matcher over names: `{kind: {name: value}}`.

    The longest of overlapping names wins. Capitals do not matter, except for names that are also common words.
    """

    def __init__(self, names: dict[str, dict[str, str]]) -> None:
        self._nlp: Language = spacy.blank("xx")
        self._build(names)

    def find(self, text: str) -> list[dict[str, Any]]:
        """The names in `text` as Rasa's entities, in order."""
        doc = self._nlp.make_doc(text)
        spans = [Span(doc, start, end, label=match) for match, start, end in self._exact(doc) + self._folded(doc)]
        found = [
            _entity(span.label_, span.start_char, span.end_char, self._values[span.label_][span.text.casefold()])
            for span in filter_spans(spans)
        ]
        found += [
            _entity(kind, start, end, value) for kind, inside in self._inside for start, end, value in inside.find(text)
        ]
        return _longest(found)

    def _build(self, names: dict[str, dict[str, str]]) -> None:
        self._inside = [(kind, Inside(values)) for kind, values in names.items()]
        self._exact = PhraseMatcher(self._nlp.vocab)
        self._folded = PhraseMatcher(self._nlp.vocab, attr="LOWER")
        self._values = {kind: {name.casefold(): value for name, value in v.items()} for kind, v in names.items()}
        for kind, values in names.items():
            exact = [name for name in values if name in _CAPITALS_ONLY or len(name) <= 2]
            folded = [name for name in values if name not in exact]
            self._exact.add(kind, [self._nlp.make_doc(name) for name in exact])
            self._folded.add(kind, [self._nlp.make_doc(name) for name in folded])

    @classmethod
    def of(cls, training_data: TrainingData) -> Finder:
        """The finder of the names in the lookup tables; the synonyms give each its value."""
        return cls(names_in(training_data))


def names_in(training_data: TrainingData) -> dict[str, dict[str, str]]:
    """The names in the lookup tables, by kind, with the values that the synonyms give them."""
    names: dict[str, dict[str, str]] = {}
    for table in training_data.lookup_tables:
        values = names.setdefault(table["name"], {})
        for name in table["elements"]:
            values[name] = training_data.entity_synonyms.get(name, name)
    return names


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class Gazetteer(GraphComponent, EntityExtractorMixin):
    """Marks the names of the training data's lookup tables; synonyms give the entity its value."""

    def __init__(self, storage: ModelStorage, resource: Resource, names: dict[str, dict[str, str]]) -> None:
        self._storage, self._resource = storage, resource
        self._finder = Finder(names)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Gazetteer:
        """A gazetteer without names."""
        return cls(model_storage, resource, {})

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Gazetteer:
        """The gazetteer as trained."""
        with model_storage.read_from(resource) as folder:
            names = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        return cls(model_storage, resource, names)

    def train(self, training_data: TrainingData) -> Resource:
        """Takes the names from the lookup tables and their values from the synonyms."""
        names = names_in(training_data)
        with self._storage.write_to(self._resource) as folder:
            (folder / _FILE).write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")
        self._finder = Finder(names)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Marks the names in the examples, as `process` does in messages."""
        examples = [example for example in training_data.training_examples if example.get(TEXT)]
        for example, found in zip(examples, shared_out(self._find_all, [example.get(TEXT) for example in examples])):
            _mark(example, found)
        return training_data

    def _find_all(self, texts: Sequence[str]) -> list[list[dict[str, Any]]]:
        return [self._finder.find(text) for text in texts]

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the names found to the entities of each message that has a text."""
        for message in messages:
            text = message.get(TEXT)
            if text:
                _mark(message, self._finder.find(text))
        return messages


def _mark(message: Message, found: list[dict[str, Any]]) -> None:
    message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)


class Inside:
    """Finds names that are no words of their own: Chinese is not spaced, Russian declines, Arabic prefixes."""

    def __init__(self, names: dict[str, str]) -> None:
        whole, stems, prefixed = {}, {}, {}
        for name, value in names.items():
            folded = name.casefold()
            if _HAN.search(name) and len(name) > 1:
                whole[folded] = value
            elif _CYRILLIC.match(name) and len(name) > _SHORT_NAME and " " not in name:
                stems[re.sub(r"[аеиоуыэюяьй]$", "", folded)] = value
            elif _ARABIC.match(name) and len(name) >= _SHORT_NAME:
                prefixed[folded] = value
        forms = (
            (_HAN, "{}", whole),
            (_CYRILLIC, r"\b{}\w{{0,3}}\b", stems),
            (_ARABIC, r"\b[ولبكف]{{1,2}}{}\b", prefixed),
        )
        self._patterns = [(script, _any_of(form, values), values) for script, form, values in forms if values]

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Where names begin and end, and their values."""
        for script, pattern, values in self._patterns:
            # To look for all names takes long; to see that none can be there does not.
            for match in pattern.finditer(text) if script.search(text) else ():
                yield match.start(), match.end(), values[match["name"].casefold()]


def _any_of(form: str, names: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(map(re.escape, names), key=len, reverse=True)
    return re.compile(form.format(f"(?P<name>{'|'.join(longest_first)})"), re.IGNORECASE)


def _entity(kind: str, start: int, end: int, value: str) -> dict[str, Any]:
    return {"entity": kind, "start": start, "end": end, "value": value, "extractor": "Gazetteer"}


def _longest(entities: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that no longer one overlaps, in the order of the text."""
    kept: list[dict[str, Any]] = []
    for one in sorted(entities, key=lambda e: (e["start"] - e["end"], e["start"])):
        if all(one["end"] <= other["start"] or other["end"] <= one["start"] for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda e: int(e["start"]))
