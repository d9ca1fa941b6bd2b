"""Linear classifiers over dense vectors: softmax regression, and the discriminant that needs no iterations."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bot.engine.arrays import Floats, Integers

STRENGTH = 30.0
"""Inverse of the penalty: on 295 classes of a dozen examples, 30 beat 3 by 1 to 4 points."""
ITERATIONS = 30
"""15 are 0.7 points worse on the development questions, 60 are 0.2 worse: stopping early is a second penalty.

Going on from what was learned on the first half of the examples saves time, and makes the confidences too high.
"""
SHRINKAGE = 0.3
"""How far the discriminant's covariance is drawn towards a round one: there are few examples a dimension."""
PIECE = 1024
"""Examples at a time."""
ABSENT = -20.0
"""The score of a class that had no example."""


class Regression:
    """Weights of shape (dimensions, classes) and a bias of shape (classes,)."""

    def __init__(self, weights: Floats, bias: Floats) -> None:
        self.weights, self.bias = weights, bias

    @classmethod
    def logistic(cls, vectors: Floats, labels: Integers, classes: int) -> Regression:
        """Softmax regression on vectors of shape (examples, dimensions), classes weighted alike.

        As scikit-learn's with balanced class weights, in single precision, which halves the time.
        """
        known, rows = np.unique(labels, return_inverse=True)
        counts = np.bincount(rows)
        worth = (STRENGTH * len(rows) / (len(known) * counts))[rows].astype(np.float32)
        vectors = vectors.astype(np.float32, copy=False)
        pieces = [slice(start, start + PIECE) for start in range(0, len(rows), PIECE)]
        shape = (vectors.shape[1] + 1, len(known))

        def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            learned = flat.astype(np.float32).reshape(shape)
            slope = np.zeros(shape, dtype=np.float32)
            slope[:-1] = learned[:-1]
            total = 0.5 * float(np.square(learned[:-1]).sum(dtype=np.float64))
            # A piece at a time stays in the processor's own memory through all that is done to it.
            for some in pieces:
                scores = vectors[some] @ learned[:-1] + learned[-1]
                total += float((worth[some] * wrongness(scores, rows[some])).sum(dtype=np.float64))
                scores *= worth[some, None]
                slope[:-1] += vectors[some].T @ scores
                slope[-1] += scores.sum(axis=0)
            return total, slope.ravel().astype(np.float64)

        found = minimize(loss, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS})
        learned = found.x.astype(np.float32).reshape(shape)
        weights = np.zeros((vectors.shape[1], classes), dtype=np.float32)
        bias = np.full(classes, ABSENT, dtype=np.float32)
        weights[:, known], bias[known] = learned[:-1], learned[-1]
        return cls(weights, bias)

    @classmethod
    def discriminant(cls, vectors: Floats, labels: Integers, classes: int) -> Regression:
        """Linear discriminant analysis (Fisher, 1936), one shrunken covariance for all classes, no priors.

        One linear solve where softmax regression takes many passes; as good for a few large classes, and 1 to 2 points
        worse for hundreds of small ones.
        """
        counts = np.bincount(labels, minlength=classes)
        means = np.zeros((classes, vectors.shape[1]))
        np.add.at(means, labels, vectors)
        means /= np.maximum(counts, 1)[:, None]
        within = vectors - means[labels]
        covariance = within.T @ within / len(vectors)
        size = len(covariance)
        level = max(float(np.trace(covariance)) / size, 1e-9)
        shrunken = (1 - SHRINKAGE) * covariance + SHRINKAGE * level * np.eye(size)
        weights = np.linalg.solve(shrunken, means.T)
        bias = -0.5 * (means * weights.T).sum(axis=1)
        bias[counts == 0] = bias.min() + ABSENT
        return cls(weights.astype(np.float32), bias.astype(np.float32))

    def log_probabilities(self, vectors: Floats) -> Floats:
        """Shape (examples, classes)."""
        return log_softmax(vectors @ self.weights + self.bias)


def wrongness(scores: Floats, labels: Integers) -> Floats:
    """The negative logarithm of each label's probability under the softmax of its scores: shape (examples,).

    In the place of the scores, of shape (examples, classes), comes their slope: the probabilities, less 1 at the label.
    """
    each = np.arange(len(labels))
    scores -= scores.max(axis=1, keepdims=True)
    of_labels = scores[each, labels]
    np.exp(scores, out=scores)
    totals = scores.sum(axis=1)
    scores /= totals[:, None]
    scores[each, labels] -= 1
    found: Floats = np.log(totals) - of_labels
    return found


def log_softmax(scores: Floats) -> Floats:
    """The logarithms of the softmax of each row."""
    scores = scores - scores.max(axis=1, keepdims=True)
    logs: Floats = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    return logs
