"""Classifies the request: which of all entries, open questions and other topics a message is about."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.engine.arrays import Floats
from bot.engine.encoders import encode, vector_of
from bot.engine.ranking import Examples, Ranking, Vectors

REQUESTS = "requests"
"""The message's attribute with the ranked classes: `[{"name": "<intent>/<request>", "confidence": 0.8}, …]`."""
SHOWN = 8
"""How many of them are passed on."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class RequestClassifier(GraphComponent, IntentClassifier):
    """Ranks requests, each an intent and what is asked within it; an intent's confidence is the sum over its own.

    What an example asks for stands in the metadata of its block in the training data: `request`, and for entries of
    the knowledge base `answer`.

    Needs a `SentenceEncoder` for each name in `encoders` before it in the pipeline.
    """

    def __init__(
        self,
        config: dict[str, Any],
        storage: ModelStorage,
        resource: Resource,
        classes: list[str] | None = None,
        ranking: Ranking | None = None,
    ) -> None:
        self._encoders: list[str] = config["encoders"]
        self._storage, self._resource = storage, resource
        self._classes, self._ranking = classes or [], ranking

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Both encoders."""
        return {"encoders": ["use", "e5"]}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> RequestClassifier:
        """An untrained classifier."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> RequestClassifier:
        """The classifier as trained, warmed by one ranking."""
        with model_storage.read_from(resource) as folder:
            classes = json.loads((folder / "classes.json").read_text(encoding="utf-8"))
            component = cls(config, model_storage, resource, classes, Ranking.restore(folder))
        component.process([Message({TEXT: "warm"})])
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Learns from the intent examples and, for the requests that have one, from their answer."""
        examples = training_data.intent_examples
        names = [_name(example) for example in examples]
        self._classes = sorted(set(names))
        number = {name: at for at, name in enumerate(self._classes)}
        written = {name: _about(example).get("answer", "") for name, example in zip(names, examples)}
        answers = [written[name] for name in self._classes]
        self._ranking = Ranking.fit(
            Examples(
                [example.get(TEXT) for example in examples],
                self._vectors(examples),
                np.array([number[name] for name in names]),
                answers,
                self._answer_vectors(answers),
            )
        )
        with self._storage.write_to(self._resource) as folder:
            (folder / "classes.json").write_text(json.dumps(self._classes), encoding="utf-8")
            self._ranking.save(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets the intent, the ranking of intents, and the ranked requests."""
        written = [message for message in messages if message.get(TEXT)]
        if not written or self._ranking is None:
            return messages
        texts = [message.get(TEXT) for message in written]
        for message, probabilities in zip(written, self._ranking.probabilities(texts, self._vectors(written))):
            self._set(message, probabilities)
        return messages

    def _set(self, message: Message, probabilities: Floats) -> None:
        order = np.argsort(-probabilities)
        requests = [{"name": self._classes[at], "confidence": float(probabilities[at])} for at in order[:SHOWN]]
        totals: dict[str, float] = {}
        for at in order:
            intent = self._classes[at].split("/")[0]
            totals[intent] = totals.get(intent, 0.0) + float(probabilities[at])
        intents = sorted(
            ({"name": name, "confidence": min(1.0, total)} for name, total in totals.items()),
            key=lambda intent: -float(str(intent["confidence"])),
        )
        message.set(INTENT, intents[0], add_to_output=True)
        message.set(INTENT_RANKING_KEY, intents, add_to_output=True)
        message.set(REQUESTS, requests, add_to_output=True)

    def _vectors(self, messages: list[Message]) -> Vectors:
        """The vectors the encoders left on the messages, or fresh ones where they did not run."""
        found: dict[str, Floats] = {}
        for name in self._encoders:
            known = [vector_of(message, name) for message in messages]
            complete = [vector for vector in known if vector is not None]
            found[name] = (
                np.stack(complete)
                if len(complete) == len(messages)
                else encode(name, [message.get(TEXT) for message in messages])
            )
        return found

    def _answer_vectors(self, answers: list[str]) -> Vectors:
        """The vectors of the answers, zero where there is none."""
        vectors = {}
        for name in self._encoders:
            encoded = encode(name, answers)
            encoded[[at for at, answer in enumerate(answers) if not answer]] = 0
            vectors[name] = encoded
        return vectors


def _about(example: Message) -> dict[str, str]:
    return (example.get(METADATA) or {}).get(METADATA_INTENT) or {}


def _name(example: Message) -> str:
    """`<intent>/<request>`, or the intent alone where it is one request."""
    request = _about(example).get("request")
    return f"{example.get(INTENT)}/{request}" if request else str(example.get(INTENT))
