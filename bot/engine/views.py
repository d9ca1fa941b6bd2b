"""The single views of a text, each giving every class a score; `bot.engine.ranking` weighs them together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from bot.engine.arrays import Floats, Integers
from bot.engine.lexical import Bm25

NEAREST = 3
"""How many of a class's nearest examples count: one may be an accident."""
PRINCIPAL = 256
"""Dimensions in which nearest examples are looked for: to compare with all of tens of thousands is to read them all."""
CHUNK = 128
"""Texts whose nearest are looked for at once, to bound memory."""
INDEXES = {"question_stems": "stems", "question_letters": "letters", "answer_stems": "stems"}
FEW = 8
"""Texts up to which one after the other is faster than all at once."""
PIECE = 2048
"""Rows that stay in a processor's own memory."""


class Nearest:
    """The mean cosine of a vector to the nearest of each class's rows.

    `rows` have length 1 and lie in runs of one class; `labels` number their classes.
    """

    def __init__(self, rows: Floats, labels: Integers, classes: int, count: int) -> None:
        self.rows, self.labels, self._classes, self._count = rows, labels, classes, count
        self._alike = list(self._classes_alike())

    def _classes_alike(self) -> Iterator[tuple[Integers, Integers]]:
        """Classes of about the same size, and the places of each one's rows, filled up with one nothing is near to.

        All in one array would be as wide as the largest class, and mostly filling.
        """
        starts = np.searchsorted(self.labels, np.arange(self._classes + 1))
        sizes = np.diff(starts)
        steps = np.ceil(2 * np.log2(np.maximum(sizes, self._count)))
        for step in np.unique(steps):
            alike = np.flatnonzero(steps == step)
            places = starts[alike, None] + np.arange(max(self._count, sizes[alike].max()))
            yield alike, np.where(places < starts[alike + 1, None], places, len(self.labels))

    def scores(self, vectors: Floats) -> Floats:
        """Shape (texts, classes); a class without rows scores -1."""
        found = np.empty((len(vectors), self._classes), dtype=np.float32)
        for start in range(0, len(vectors), CHUNK):
            some = slice(start, start + CHUNK)
            cosines = _cosines(vectors[some], self.rows)
            for alike, places in self._alike:
                own = cosines[:, places]
                own.partition(own.shape[2] - self._count, axis=2)
                found[some, alike] = own[:, :, -self._count :].mean(axis=2)
        return found


def _cosines(vectors: Floats, rows: Floats) -> Floats:
    """The products of vectors and rows, and -1 behind them for a row that is none: shape (vectors, rows + 1).

    Reading all rows from memory is what takes longest: a few vectors meet them piece by piece, each read once.
    """
    found = np.full((len(vectors), len(rows) + 1), -1.0, dtype=np.float32)
    if len(vectors) > FEW:
        found[:, :-1] = vectors @ rows.T
        return found
    for start in range(0, len(rows), PIECE):
        piece = rows[start : start + PIECE]
        for vector, products in zip(vectors, found):
            np.dot(piece, vector, out=products[start : start + len(piece)])
    return found


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
        questions = Nearest(rows @ axes, labels[order], classes, NEAREST)
        middle = answers.mean(axis=0) if len(answers) else mean
        return cls(mean, axes, questions, Nearest(unit(answers - middle), answer_labels, classes, 1))

    def centred(self, vectors: Floats) -> Floats:
        """The vectors as the views compare them."""
        return unit(vectors - self.mean)

    def scores(self, vectors: Floats) -> Floats:
        """Shape (texts, classes, 2): questions, answers."""
        centred = self.centred(vectors)
        return np.stack([self.questions.scores(centred @ self.axes), self.answers.scores(centred)], axis=-1)

    def state(self) -> dict[str, Floats | Integers]:
        """The arrays that `restore` needs."""
        return {
            "mean": self.mean,
            "axes": self.axes,
            "questions": self.questions.rows,
            "labels": self.questions.labels,
            "answers": self.answers.rows,
            "answer_labels": self.answers.labels,
        }

    @classmethod
    def restore(cls, arrays: dict[str, Floats], classes: int) -> NearViews:
        """The views that gave this state."""
        labels: Integers = arrays["labels"].astype(np.int64)
        answer_labels: Integers = arrays["answer_labels"].astype(np.int64)
        questions = Nearest(arrays["questions"], labels, classes, NEAREST)
        return cls(arrays["mean"], arrays["axes"], questions, Nearest(arrays["answers"], answer_labels, classes, 1))


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
        columns = [
            np.maximum.reduceat(np.stack([index.scores(text) for text in texts]), self._starts, axis=1)
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


def _documents(texts: Sequence[Written]) -> dict[tuple[int, str], list[str]]:
    found: dict[tuple[int, str], list[str]] = {}
    for text in texts:
        found.setdefault((int(text.label), text.language), []).append(text.text)
    return found


def unit(vectors: Floats) -> Floats:
    """The vectors, one a row, with length 1."""
    units: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return units
