"""The conditional logit (McFadden, 1974): how much each of several scores counts towards the right class."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from bot.engine.arrays import Floats, Integers
from bot.engine.regression import log_softmax

PENALTY = 1e-3


def weigh(scores: Floats, labels: Integers) -> Floats:
    """The weights under which the softmax of the weighted sums makes the labels most likely: shape (scores,).

    Args:
        scores: of shape (texts, classes, scores).
        labels: the number of each text's right class.
    """
    spread = scores.reshape(-1, scores.shape[-1]).std(axis=0) + 1e-9
    scaled = scores / spread
    flat = scaled.reshape(-1, scores.shape[-1])
    rows = np.arange(len(labels))

    def loss(weights: Floats) -> tuple[float, Floats]:
        logs = log_softmax(scaled @ weights)
        wrong = np.exp(logs)
        wrong[rows, labels] -= 1
        slope = wrong.ravel() @ flat / len(rows)
        return float(-logs[rows, labels].mean() + PENALTY * weights @ weights), slope + 2 * PENALTY * weights

    start = np.full(scores.shape[-1], 0.3)
    found: Floats = (minimize(loss, start, jac=True, method="L-BFGS-B").x / spread).astype(np.float32)
    return found
