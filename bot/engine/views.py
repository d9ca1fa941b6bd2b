"""The single views of a text, each giving every class a score; `bot.engine.ranking` weighs them together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numkong
import numpy as np

from bot.engine.arrays import Bytes, Floats, Integers
from bot.engine.lexical import Bm25, Words
from bot.engine.text import words

NEAREST = 3
"""How many of a class's nearest examples count: one may be an accident."""
PRINCIPAL = 256
"""Dimensions in which nearest examples are looked for: to compare with all of tens of thousands is to read them all."""
CHUNK = 128
"""Texts whose nearest are looked for at once, to bound memory."""
INDEXES = {"question_stems": "stems", "question_letters": "letters", "answer_stems": "stems"}
LEVELS = 127
"""Of a number in 8 bits, each way. A cosine of rounded vectors differs from the exact one by up to .003."""
NONE = np.iinfo(np.int64).min
"""Less than any product."""


class Nearest:
    """The mean cosine of a vector to the nearest of each class's rows.

    `rows` are whole numbers of 8 bits, vectors of length 1 once multiplied by `step`, in runs of one class; `labels`
    number their classes. To look for what is nearest is to read all rows from memory: in 8 bits they are a quarter.
    """

    def __init__(self, rows: Bytes, step: float, labels: Integers, classes: int, count: int) -> None:
        self.rows, self.step, self.labels, self._classes, self.count = rows, step, labels, classes, count
        self._packed = numkong.dots_pack(rows) if len(rows) else None
        self._known, self._starts = np.unique(labels, return_index=True)

    def __reduce__(self) -> tuple[type[Nearest], tuple[Bytes, float, Integers, int, int]]:
        """Without what is packed, which no process can hand to another."""
        return Nearest, (self.rows, self.step, self.labels, self._classes, self.count)

    @classmethod
    def fit(cls, vectors: Floats, labels: Integers, classes: int, count: int) -> Nearest:
        """From vectors of length 1 at most."""
        step = float(np.abs(vectors).max(initial=1e-9)) / LEVELS
        return cls(np.rint(vectors / step).astype(np.int8), step, labels, classes, count)

    def scores(self, vectors: Floats) -> Floats:
        """Shape (texts, classes). Where a class has too few rows, each that is missing counts as -1."""
        found = np.full((len(vectors), self._classes), -1.0, dtype=np.float32)
        for start in range(0, len(vectors) if len(self.rows) else 0, CHUNK):
            some = slice(start, start + CHUNK)
            products, steps = self._products(vectors[some])
            # A product and, in what is less than one, the number of its row: so no two are equal.
            keys = (products.astype(np.int64) << 32) | np.arange(len(self.rows))
            texts = np.arange(len(keys))[:, None]
            total = np.zeros((len(keys), len(self._known)), dtype=np.float32)
            for _ in range(self.count):
                best = np.maximum.reduceat(keys, self._starts, axis=1)
                total += np.where(best == NONE, -1.0, (best >> 32) * steps)
                keys[texts, np.where(best == NONE, self._starts, best & 0xFFFFFFFF)] = NONE
            found[some, self._known] = total / self.count
        return found

    def nearest(self, vectors: Floats) -> Floats:
        """The cosine to the nearest row of all: shape (texts,)."""
        products, steps = self._products(vectors)
        found: Floats = (products.max(axis=1) * steps[:, 0]).astype(np.float32)
        return found

    def _products(self, vectors: Floats) -> tuple[Integers, Floats]:
        """The products with all rows, and what one of each text's is worth: shapes (texts, rows), (texts, 1)."""
        steps = np.abs(vectors).max(axis=1, keepdims=True, initial=1e-9) / LEVELS
        rounded = np.rint(vectors / steps).astype(np.int8)
        if self._packed is None:
            return np.empty((len(vectors), 0), dtype=np.int64), steps
        return np.asarray(numkong.dots_packed(rounded, self._packed)), steps * self.step


class NearViews:
    """How near an encoder sees a text to each class's questions and answers.

    Vectors are centred on the mean of what was learned from: all texts of one domain point the same way. Questions are
    compared in their principal components, the columns of `axes`.
    """

    def __init__(self, mean: Floats, axes: Floats, questions: Nearest, answers: Nearest) -> None:
        self.mean, self.axes, self.questions, self.answers = mean, axes, questions, answers

    @classmethod
    def fit(
        cls, vectors: Floats, labels: Integers, answers: Floats, answer_labels: Integers, classes: int
    ) -> NearViews:
        """From the vectors of examples, and of answers that lie in runs of one class."""
        order = np.argsort(labels, kind="stable")
        mean = vectors.mean(axis=0)
        rows = unit(vectors[order] - mean)
        axes = np.linalg.eigh(rows.T @ rows)[1][:, -PRINCIPAL:]
        questions = Nearest.fit(rows @ axes, labels[order], classes, NEAREST)
        middle = answers.mean(axis=0) if len(answers) else mean
        return cls(mean, axes, questions, Nearest.fit(unit(answers - middle), answer_labels, classes, 1))

    def centred(self, vectors: Floats) -> Floats:
        """The vectors as the views compare them."""
        return unit(vectors - self.mean)

    def scores(self, vectors: Floats) -> Floats:
        """Shape (texts, classes, 2): questions, answers."""
        centred = self.centred(vectors)
        return np.stack([self.questions.scores(centred @ self.axes), self.answers.scores(centred)], axis=-1)

    def state(self) -> dict[str, Floats | Integers | Bytes]:
        """The arrays that `restore` needs."""
        return {
            "mean": self.mean,
            "axes": self.axes,
            "questions": self.questions.rows,
            "labels": self.questions.labels,
            "answers": self.answers.rows,
            "answer_labels": self.answers.labels,
            "steps": np.array([self.questions.step, self.answers.step]),
        }

    @classmethod
    def restore(cls, arrays: dict[str, Floats], classes: int) -> NearViews:
        """The views that gave this state."""
        labels: Integers = arrays["labels"].astype(np.int64)
        answer_labels: Integers = arrays["answer_labels"].astype(np.int64)
        asked, answered = map(float, arrays["steps"])
        questions = Nearest(arrays["questions"].astype(np.int8), asked, labels, classes, NEAREST)
        answers = Nearest(arrays["answers"].astype(np.int8), answered, answer_labels, classes, 1)
        return cls(arrays["mean"], arrays["axes"], questions, answers)


class WordViews:
    """What the words say: BM25 on questions and answers, by stems and by letters; and which classes have an answer.

    Each class has one document for each language, so that the languages do not thin each other out, and scores as
    its best.
    """

    def __init__(self, indexes: dict[str, Bm25], labels: Integers, has_answer: Floats) -> None:
        self.indexes, self.labels, self.has_answer = indexes, labels, has_answer
        self._starts = np.searchsorted(labels, np.arange(len(has_answer)))

    @classmethod
    def fit(cls, questions: Sequence[Written], answers: Sequence[Written], classes: int) -> WordViews:
        """Indexes the questions, at least one of each class, and the answers."""
        asked, answered = _documents(questions), _documents(answers)
        keys = sorted(set(asked) | set(answered))
        both = [asked.get(key, []) + answered.get(key, []) for key in keys]
        alone = [answered.get(key, []) for key in keys]
        written = {"question_stems": both, "question_letters": both, "answer_stems": alone}
        has_answer = np.isin(np.arange(classes), [label for label, _ in answered]).astype(np.float32)
        labels = np.array([label for label, _ in keys], dtype=np.int64)
        return cls({name: Bm25.fit(written[name], terms) for name, terms in INDEXES.items()}, labels, has_answer)

    def scores(self, texts: Sequence[str]) -> Floats:
        """Shape (texts, classes, 4)."""
        read = [words(text) for text in texts]
        columns = [
            np.maximum.reduceat(np.stack([index.scores(one) for one in read]), self._starts, axis=1)
            for index in self.indexes.values()
        ]
        columns.append(np.broadcast_to(self.has_answer, columns[0].shape))
        found: Floats = np.stack(columns, axis=-1).astype(np.float32)
        return found


class Written(NamedTuple):
    """A text of a class, in a language, with the names in it; the language's name only keeps languages apart."""

    text: str
    label: int
    language: str
    names: frozenset[str] = frozenset()


def _documents(texts: Sequence[Written]) -> dict[tuple[int, str], list[Words]]:
    """The texts of each class in each language, as their words."""
    found: dict[tuple[int, str], list[Words]] = {}
    for text in texts:
        found.setdefault((int(text.label), text.language), []).append(words(text.text))
    return found


def unit(vectors: Floats) -> Floats:
    """The vectors, one a row, with length 1."""
    units: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return units
