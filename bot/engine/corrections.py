"""What reviewers have said since the training: what a few questions ask for, and with them whatever is close to those.

Everything else learned stays as it is, so that what is not close to a corrected question is understood exactly as
before. What that is worth was measured (docs/decisions/0015-corrections.md).
"""

from __future__ import annotations

import numpy as np

from bot.engine.arrays import Floats, Integers

REACH = 0.4
"""The cosine from which a text is close enough to a corrected question to be touched; the closer, the more."""
TAKEN = 0.8
"""The probability with which a corrected question is taken for what it asks for."""


class Corrections:
    """Corrected questions as centred vectors of length 1, shape (questions, dimensions), with the numbers of their
    classes and what each adds to its class's logarithm at the question itself, both of shape (questions,)."""

    def __init__(self, vectors: Floats, labels: Integers, strengths: Floats) -> None:
        self.vectors, self.labels, self.strengths = vectors, labels, strengths

    @classmethod
    def none(cls) -> Corrections:
        """As after a training."""
        nothing = np.zeros(0, dtype=np.float32)
        return cls(nothing.reshape(0, 0), np.zeros(0, dtype=np.int64), nothing)

    def scores(self, vectors: Floats, classes: int) -> Floats:
        """What is added to each class's logarithm for centred texts: shape (texts, classes).

        Of several corrected questions of a class the one that adds most counts.
        """
        added = np.zeros((len(vectors), classes), dtype=np.float32)
        if not len(self.labels):
            return added
        close = np.maximum(0.0, (vectors @ self.vectors.T - REACH) / (1 - REACH)) * self.strengths
        np.maximum.at(added.T, self.labels, close.T.astype(np.float32))
        return added

    def with_one(self, vector: Floats, label: int, logs: Floats) -> Corrections:
        """The same with one question more.

        Args:
            vector: the question's, centred.
            label: the number of the class that it asks for.
            logs: the logarithms of its probabilities as they are now, of shape (classes,).
        """
        now = float(np.exp(logs[label]))
        missing = np.log(TAKEN / (1 - TAKEN)) - np.log(now / (1 - now)) if now < TAKEN else 0.0
        there = self.scores(vector[None], len(logs))[0, label]
        return Corrections(
            np.concatenate([self.vectors.reshape(-1, len(vector)), vector[None]]),
            np.append(self.labels, label),
            np.append(self.strengths, there + missing).astype(np.float32),
        )
