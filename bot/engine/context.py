"""What a message means after what was said before: the ranking as an entry in focus changes it.

A follow-up ("and who can apply?") names no subject. It is ranked twice, alone and behind the title of the entry in
focus, and the classes near to that entry gain by it; the shorter the message, the more. How much each counts is learned
from follow-ups (knowledge/follow_ups) and, so that a new subject is not held back, from questions that stand for
themselves and meet an entry in focus by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.engine.arrays import Floats
from bot.engine.conditional_logit import weigh
from bot.engine.regression import Regression, log_softmax
from bot.engine.views import unit

SHORT = 6
"""Words up to which a message counts as a follow-up in full."""
LONG, CLEAR = 7, 0.9
"""Words from which on, and the probability by itself from which on, a message is what it is whatever is in focus: so
are half of the questions that stand for themselves, of which an entry in focus changed none, and a sixth of the 3,091
follow-ups, of which it changed five, three of them for the worse."""
LEAST = 1e-4
"""The probability below which it does not matter how small it is."""
CHARACTERS_A_WORD = 3
"""Where words are not spaced."""


@dataclass(frozen=True)
class Subject:
    """What the knowledge base says of a class; empty for what lies outside it."""

    area: str = ""
    title: str = ""
    related: frozenset[str] = frozenset()
    kinds: tuple[str, ...] = ()


class Near:
    """How near the classes are to each other: by area, by links, and by their answers."""

    def __init__(self, names: Sequence[str], subjects: Sequence[Subject], answers: Floats) -> None:
        self.requests = [name.partition("/")[2] for name in names]
        self.number = {request: at for at, request in enumerate(self.requests) if subjects[at].area}
        self.subjects = subjects
        self.inside = np.array([bool(subject.area) for subject in subjects])
        self._areas = np.array([subject.area for subject in subjects])
        self._intents = np.unique([name.partition("/")[0] for name in names], return_inverse=True)[1]
        self.answers = answers
        self._to: dict[int, Floats] = {}

    def to(self, focus: int) -> Floats:
        """Shape (classes, 5): same area, linked, the entry itself, answer alike, outside the knowledge base."""
        if focus not in self._to:
            self._to[focus] = self._compared(focus)
        return self._to[focus]

    def _compared(self, focus: int) -> Floats:
        subject = self.subjects[focus]
        own = self.requests[focus]
        linked = [
            other in subject.related or own in self.subjects[at].related for at, other in enumerate(self.requests)
        ]
        itself = np.zeros(len(self.requests))
        itself[focus] = 1
        columns = [
            self._areas == subject.area,
            np.array(linked),
            itself,
            self.answers @ self.answers[focus],
            ~self.inside,
        ]
        found: Floats = np.stack(columns, axis=-1).astype(np.float32)
        return found

    def outside_by(self, alone: Floats) -> Floats:
        """For each class outside the knowledge base the log-odds of its intent as a whole by the message alone.

        Shape (classes,), 0 for the entries. What lies outside has no entry to be near to, and each of its intents many
        classes to share its probability.
        """
        totals = np.clip(np.bincount(self._intents, np.exp(alone)), LEAST, 1 - LEAST)
        odds: Floats = np.where(self.inside, 0.0, np.log(totals / (1 - totals))[self._intents])
        return odds


class Kinds:
    """Which kind of thing a text asks for: what, who may, how to ask, cost …"""

    def __init__(self, names: Sequence[str], regression: Regression, subjects: Sequence[Subject]) -> None:
        self.names, self.regression = list(names), regression
        self.answers = np.array([[name in subject.kinds for name in names] for subject in subjects], dtype=np.float32)

    @classmethod
    def fit(cls, vectors: Floats, labels: Sequence[int], subjects: Sequence[Subject]) -> Kinds:
        """Learns from centred vectors of the examples; an example asks for the first kind of its entry."""
        names = sorted({kind for subject in subjects for kind in subject.kinds})
        rows = [row for row, label in enumerate(labels) if subjects[label].kinds]
        kinds = np.array([names.index(subjects[labels[row]].kinds[0]) for row in rows], dtype=np.int64)
        if not names:
            nothing = Regression(np.zeros((vectors.shape[1], 0), np.float32), np.zeros(0, np.float32))
            return cls(names, nothing, subjects)
        return cls(names, Regression.discriminant(vectors[rows], kinds, len(names)), subjects)

    def fit_of(self, vector: Floats) -> Floats:
        """How likely each class answers what the text asks for: shape (classes,)."""
        if not self.names:
            return np.zeros(len(self.answers), dtype=np.float32)
        likely = np.exp(self.regression.log_probabilities(vector[None]))[0]
        found: Floats = self.answers @ likely
        return found


class Context:
    """The learned weights of `columns`."""

    def __init__(self, weights: Floats) -> None:
        self.weights = weights

    @classmethod
    def fit(cls, columns: Floats, labels: Sequence[int]) -> Context:
        """Learns from columns of shape (messages, classes, columns) and the number of the right class of each."""
        return cls(weigh(columns, np.array(labels, dtype=np.int64)))

    def log_probabilities(self, columns: Floats) -> Floats:
        """Shape (classes,)."""
        found: Floats = log_softmax((columns @ self.weights)[None])[0]
        return found


def length(text: str) -> int:
    """Words of a text in normal form, at least one."""
    return max(len(text.split()), sum("\u3400" <= c <= "\u9fff" for c in text) // CHARACTERS_A_WORD, 1)


def columns(
    text: str, alone: Floats, outside: Floats, joined: Floats, near: Floats, kinds: Floats, named: Floats
) -> Floats:
    """What speaks for each class: shape (classes, 12).

    Args:
        text: the message in normal form.
        alone: the logarithms of the probabilities by the message alone, of shape (classes,).
        outside: from `Near.outside_by` these.
        joined: the same for the message behind the title of the entry in focus.
        near: from `Near.to` the entry in focus.
        kinds: from `Kinds.fit_of` the message.
        named: how far each class bears the names in the message, of shape (classes,).
    """
    short = min(1.0, SHORT / length(text))
    same = near[:, 2]
    parts = [joined, *near.T, alone, kinds, kinds * same, named]
    found: Floats = np.stack([alone, outside, *(short * part for part in parts)], axis=-1)
    return found.astype(np.float32)


def centred_answers(vectors: Floats) -> Floats:
    """The classes' answers, centred on their mean and of length 1; zero where there is none."""
    written = np.any(vectors != 0, axis=1)
    centred = np.zeros_like(vectors)
    if written.any():
        centred[written] = unit(vectors[written] - vectors[written].mean(axis=0))
    return centred
