"""Recognises services, acronyms and member states by name."""

from __future__ import annotations

import json
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

_FILE = "names.json"
_CAPITALS_ONLY = {"WHO"}
"""Names that are another word in small letters; so are, in some language, most names of two letters."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class Gazetteer(GraphComponent, EntityExtractorMixin):
    """spaCy's phrase matcher over the lookup tables of the training data; synonyms give the entity its value.

    The longest of overlapping names wins. Capitals do not matter, except for names that are also common words.
    """

    def __init__(self, storage: ModelStorage, resource: Resource, names: dict[str, dict[str, str]]) -> None:
        self._storage, self._resource = storage, resource
        self._nlp: Language = spacy.blank("xx")
        self._build(names)

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
        names: dict[str, dict[str, str]] = {}
        for table in training_data.lookup_tables:
            values = names.setdefault(table["name"], {})
            for name in table["elements"]:
                values[name] = training_data.entity_synonyms.get(name, name)
        with self._storage.write_to(self._resource) as folder:
            (folder / _FILE).write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")
        self._build(names)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Marks the names in the examples, as `process` does in messages."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the names found to the entities of each message that has a text."""
        for message in messages:
            text = message.get(TEXT)
            if text:
                found = self.find(text)
                message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        return messages

    def find(self, text: str) -> list[dict[str, Any]]:
        """The names in `text` as Rasa's entities, in order."""
        doc = self._nlp.make_doc(text)
        spans = [Span(doc, start, end, label=match) for match, start, end in self._exact(doc) + self._folded(doc)]
        return [
            {
                "entity": span.label_,
                "start": span.start_char,
                "end": span.end_char,
                "value": self._values[span.label_][span.text.casefold()],
                "extractor": "Gazetteer",
            }
            for span in filter_spans(spans)
        ]

    def _build(self, names: dict[str, dict[str, str]]) -> None:
        self._exact = PhraseMatcher(self._nlp.vocab)
        self._folded = PhraseMatcher(self._nlp.vocab, attr="LOWER")
        self._values = {kind: {name.casefold(): value for name, value in v.items()} for kind, v in names.items()}
        for kind, values in names.items():
            exact = [name for name in values if name in _CAPITALS_ONLY or len(name) <= 2]
            folded = [name for name in values if name not in exact]
            self._exact.add(kind, [self._nlp.make_doc(name) for name in exact])
            self._folded.add(kind, [self._nlp.make_doc(name) for name in folded])
