"""Linear classifiers over dense vectors: softmax regression, and the discriminant that needs no iterations."""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from bot.engine.arrays import Floats, Integers

STRENGTH = 30.0
"""Inverse of the penalty: on 295 classes of a dozen examples, 30 beat 3 by 1 to 4 points."""
ITERATIONS = 15
"""40 gain nothing on held-out questions and take three times as long: stopping early is a second penalty.

Going on from what was learned on the first half of the examples saves time, and makes the confidences too high.
"""
SHRINKAGE = 0.3
"""How far the discriminant's covariance is drawn towards a round one: there are few examples a dimension."""
ABSENT = -20.0
"""The score of a class that had no example."""


class Regression:
    """Weights of shape (dimensions, classes) and a bias of shape (classes,)."""

    def __init__(self, weights: Floats, bias: Floats) -> None:
        self.weights, self.bias = weights, bias

    @classmethod
    def logistic(cls, vectors: Floats, labels: Integers, classes: int) -> Regression:
        """Softmax regression on vectors of shape (examples, dimensions), classes weighted alike."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=ITERATIONS)
            model.fit(vectors, labels)
        weights = np.zeros((vectors.shape[1], classes), dtype=np.float32)
        bias = np.full(classes, ABSENT, dtype=np.float32)
        if len(model.classes_) == 2:
            weights[:, model.classes_] = np.stack([-model.coef_[0], model.coef_[0]], axis=1) / 2
            bias[model.classes_] = np.array([-model.intercept_[0], model.intercept_[0]]) / 2
        else:
            weights[:, model.classes_] = model.coef_.T
            bias[model.classes_] = model.intercept_
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


def log_softmax(scores: Floats) -> Floats:
    """The logarithms of the softmax of each row."""
    scores = scores - scores.max(axis=1, keepdims=True)
    logs: Floats = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    return logs
