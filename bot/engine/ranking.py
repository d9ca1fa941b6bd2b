"""Ranks the classes for a text: a learned sum of what encoders, regressions and words say of each.

Several weak views of a text are combined by a conditional logit, whose few weights are learned on examples that the
views were not trained on (two folds). What comes out are probabilities over all classes. The views and what each
is worth were studied on unseen questions (docs/decisions/0002-one-model.md).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from bot.engine.arrays import Floats, Integers
from bot.engine.lexical import Bm25
from bot.engine.regression import Regression, log_softmax

FOLDS = 2
NEAREST = 3
"""How many of a class's nearest examples count: one may be an accident."""
INDEXES = {"question_stems": "stems", "question_letters": "letters", "answer_stems": "stems"}
PENALTY = 1e-3

Vectors = Mapping[str, Floats]
"""The texts' vectors by encoder, each of shape (texts, dimensions)."""


@dataclass(frozen=True)
class Examples:
    """What is learned from: `labels` number the classes; `answers` has a text a class, empty where it has none."""

    texts: Sequence[str]
    vectors: Vectors
    labels: Integers
    answers: Sequence[str]
    answer_vectors: Vectors

    def part(self, rows: Integers) -> Examples:
        """The same with only these examples."""
        return Examples(
            [self.texts[row] for row in rows],
            {encoder: vectors[rows] for encoder, vectors in self.vectors.items()},
            self.labels[rows],
            self.answers,
            self.answer_vectors,
        )


class Views:
    """The single views of a text, each giving every class a score."""

    def __init__(
        self,
        means: dict[str, Floats],
        questions: dict[str, Floats],
        labels: Integers,
        answers: dict[str, Floats],
        regressions: dict[str, Regression],
        indexes: dict[str, Bm25],
    ) -> None:
        self.means, self.questions, self.labels = means, questions, labels
        self.answers, self.regressions, self.indexes = answers, regressions, indexes
        self.classes = len(next(iter(answers.values())))
        # Examples lie in runs of one class, so that a class's nearest are found by slices.
        self._starts = np.searchsorted(labels, np.arange(self.classes + 1))
        self.has_answer = np.any(next(iter(answers.values())) != 0, axis=1).astype(np.float32)

    @classmethod
    def fit(cls, examples: Examples) -> Views:
        """Trains every view."""
        order = np.argsort(examples.labels, kind="stable")
        labels = examples.labels[order]
        classes = len(examples.answers)
        means = {name: vectors.mean(axis=0) for name, vectors in examples.vectors.items()}
        questions = {name: _unit(vectors[order] - means[name]) for name, vectors in examples.vectors.items()}
        written = np.array([bool(answer) for answer in examples.answers])
        answers = {}
        for name, vectors in examples.answer_vectors.items():
            centred = np.zeros_like(vectors)
            if written.any():
                centred[written] = _unit(vectors[written] - vectors[written].mean(axis=0))
            answers[name] = centred
        regressions = {name: Regression.fit(vectors, labels, classes) for name, vectors in questions.items()}
        documents = [""] * classes
        for text, label in zip(examples.texts, examples.labels):
            documents[label] += f"{text}\n"
        both = [f"{document}\n{answer}" for document, answer in zip(documents, examples.answers)]
        texts = {"question_stems": both, "question_letters": both, "answer_stems": examples.answers}
        indexes = {name: Bm25.fit(texts[name], terms) for name, terms in INDEXES.items()}
        return cls(means, questions, labels, answers, regressions, indexes)

    def names(self) -> list[str]:
        """The views, in the order of the last axis of `scores`."""
        encoders = list(self.questions)
        return [
            *(f"regression {name}" for name in self.regressions),
            *(f"questions {name}" for name in encoders),
            *(f"answer {name}" for name in encoders),
            *self.indexes,
            "has answer",
        ]

    def scores(self, texts: Sequence[str], vectors: Vectors) -> Floats:
        """What each view says of each class: float32 of shape (texts, classes, views)."""
        centred = {name: _unit(vectors[name] - self.means[name]) for name in self.questions}
        columns = [regression.log_probabilities(centred[name]) for name, regression in self.regressions.items()]
        columns += [self._nearest(vector @ self.questions[name].T) for name, vector in centred.items()]
        columns += [vector @ self.answers[name].T for name, vector in centred.items()]
        columns += [np.stack([index.scores(text) for text in texts]) for index in self.indexes.values()]
        columns.append(np.broadcast_to(self.has_answer, columns[0].shape))
        return np.stack(columns, axis=-1).astype(np.float32)

    def _nearest(self, cosines: Floats) -> Floats:
        found = np.full((len(cosines), self.classes), -1.0, dtype=np.float32)
        for label in range(self.classes):
            own = cosines[:, self._starts[label] : self._starts[label + 1]]
            if own.shape[1]:
                best = np.sort(own, axis=1)[:, -NEAREST:]
                found[:, label] = best.mean(axis=1)
        return found


class Ranking:
    """The views with their weights, of shape (views,)."""

    def __init__(self, views: Views, weights: Floats) -> None:
        self._views, self._weights = views, weights

    @classmethod
    def fit(cls, examples: Examples) -> Ranking:
        """Learns the weights on folds, then the views on everything.

        Examples are dealt to the folds class by class, so that each fold holds every class with as many examples.
        """
        fold = np.empty(len(examples.labels), dtype=int)
        for label in np.unique(examples.labels):
            rows = np.flatnonzero(examples.labels == label)
            fold[np.random.default_rng(label).permutation(rows)] = np.arange(len(rows)) % FOLDS
        scores, labels = [], []
        for held in range(FOLDS):
            inside, outside = np.flatnonzero(fold != held), np.flatnonzero(fold == held)
            views = Views.fit(examples.part(inside))
            part = examples.part(outside)
            scores.append(views.scores(part.texts, part.vectors))
            labels.append(part.labels)
        weights = _conditional_logit(np.concatenate(scores), np.concatenate(labels))
        return cls(Views.fit(examples), weights)

    def probabilities(self, texts: Sequence[str], vectors: Vectors) -> Floats:
        """The probability of each class: shape (texts, classes)."""
        return np.exp(log_softmax(self._views.scores(texts, vectors) @ self._weights))

    def weights(self) -> dict[str, float]:
        """The learned weight of each view."""
        return {name: float(weight) for name, weight in zip(self._views.names(), self._weights)}

    def save(self, folder: Path) -> None:
        """Writes arrays and vocabularies below `folder`; nothing is pickled."""
        views = self._views
        arrays: dict[str, Floats | Integers] = {"weights": self._weights, "labels": views.labels}
        for kind, group in (("mean", views.means), ("question", views.questions), ("answer", views.answers)):
            arrays |= {f"{kind}/{name}": array.astype(np.float32) for name, array in group.items()}
        for name, regression in views.regressions.items():
            arrays |= {f"regression/{name}": regression.weights, f"bias/{name}": regression.bias}
        vocabularies = {}
        for name, index in views.indexes.items():
            state, vocabularies[name] = index.state()
            arrays |= {f"{name}/{part}": array for part, array in state.items()}
        np.savez(folder / "ranking.npz", **arrays)
        (folder / "vocabularies.json").write_text(json.dumps(vocabularies, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def restore(cls, folder: Path) -> Ranking:
        """What `save` wrote."""
        with np.load(folder / "ranking.npz", allow_pickle=False) as stored:
            arrays = dict(stored)
        vocabularies = json.loads((folder / "vocabularies.json").read_text(encoding="utf-8"))

        def group(kind: str) -> dict[str, Floats]:
            return {key.split("/", 1)[1]: array for key, array in arrays.items() if key.startswith(f"{kind}/")}

        bias = group("bias")
        views = Views(
            group("mean"),
            group("question"),
            arrays["labels"],
            group("answer"),
            {name: Regression(weights, bias[name]) for name, weights in group("regression").items()},
            {name: Bm25.restore(terms, group(name), vocabularies[name]) for name, terms in INDEXES.items()},
        )
        return cls(views, arrays["weights"])


def _conditional_logit(scores: Floats, labels: Integers) -> Floats:
    """The weights under which the softmax of the weighted sums makes the labels most likely."""
    spread = scores.reshape(-1, scores.shape[-1]).std(axis=0) + 1e-9
    scaled = scores / spread
    rows = np.arange(len(labels))

    def loss(weights: Floats) -> tuple[float, Floats]:
        logs = log_softmax(scaled @ weights)
        wrong = np.exp(logs)
        wrong[rows, labels] -= 1
        slope = np.einsum("nk,nkv->v", wrong, scaled) / len(rows)
        return float(-logs[rows, labels].mean() + PENALTY * weights @ weights), slope + 2 * PENALTY * weights

    start = np.full(scores.shape[-1], 0.3)
    found: Floats = (minimize(loss, start, jac=True, method="L-BFGS-B").x / spread).astype(np.float32)
    return found


def _unit(vectors: Floats) -> Floats:
    units: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return units
