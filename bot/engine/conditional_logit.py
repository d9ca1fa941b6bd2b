"""The conditional logit (McFadden, 1974): how much each of several scores counts towards the right class."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from bot.engine.arrays import Floats, Integers
from bot.engine.regression import wrongness

PENALTY = 1e-3
LEAST_SPREAD = 1e-6
PIECE = 128
"""Texts at a time: so much stays in a processor's own memory."""


def weigh(scores: Floats, labels: Integers) -> Floats:
    """The weights under which the softmax of the weighted sums makes the labels most likely: shape (scores,).

    Args:
        scores: of shape (texts, classes, scores).
        labels: the number of each text's right class.
    """
    spread = scores.reshape(-1, scores.shape[-1]).std(axis=0)
    # What says the same of every class says nothing.
    spread[spread < LEAST_SPREAD] = np.inf
    scaled = (scores / spread).astype(np.float32)
    pieces = [slice(start, start + PIECE) for start in range(0, len(labels), PIECE)]

    def loss(weights: Floats) -> tuple[float, Floats]:
        total, slope, now = 0.0, np.zeros(len(weights)), weights.astype(np.float32)
        for some in pieces:
            sums = scaled[some] @ now
            total += float(wrongness(sums, labels[some]).sum(dtype=np.float64))
            slope += sums.ravel() @ scaled[some].reshape(-1, len(weights))
        size = len(labels)
        return total / size + float(PENALTY * weights @ weights), slope / size + 2 * PENALTY * weights

    start = np.full(scores.shape[-1], 0.3)
    found: Floats = (minimize(loss, start, jac=True, method="L-BFGS-B").x / spread).astype(np.float32)
    return found
