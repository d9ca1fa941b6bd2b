"""Ranks the classes for a text: a learned sum of what encoders, regressions and words say of each.

Several weak views of a text are combined by a conditional logit, whose few weights are learned on examples that the
views were not trained on. What comes out are probabilities over all classes.

It works in one stage or in two. The quick one has one encoder and the words. Where that is not sure, a thorough one can
ask a second encoder, several times dearer, how near the text is to each answer. What each view is worth, and when the
second stage is worth its cost, was measured (docs/decisions/0002-one-model.md).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bot.engine.arrays import Bytes, Floats, Integers
from bot.engine.conditional_logit import weigh
from bot.engine.corrections import Corrections
from bot.engine.lexical import Bm25
from bot.engine.names import Names
from bot.engine.parallel import at_once
from bot.engine.regression import Regression, log_softmax
from bot.engine.views import INDEXES, NearViews, WordViews, Written

A_CLASS = 25
"""Examples of each class on which the weights are learned. Classes count alike, however many examples they have: with
as many examples drawn from all alike, those with many decide, and the development questions come out 0.5 points worse.
"""
SURE = 0.8
"""The quick probability from which the second encoder is not asked: above it, it never changed an answer for good."""


class Text(NamedTuple):
    """A text in normal form, with the names in it."""

    text: str
    names: frozenset[str] = frozenset()


Encode = Callable[[Sequence[str]], Floats]


@dataclass(frozen=True)
class Answers:
    """The classes' answers, one or more each, in runs of one class, with their vectors.

    `first` has one for each; `second` one for the first of each class, whose numbers are `main`: the second encoder
    reads a question in one language beside an answer in another.
    """

    written: Sequence[Written]
    labels: Integers
    first: Floats
    main: Integers
    second: Floats


@dataclass(frozen=True)
class Examples:
    """What is learned from, in normal form; `labels` number the classes.

    `first` has a vector for each text; `second` one for each of the texts numbered in `read`, which is sorted, and
    empty where there is no second encoder.
    """

    written: Sequence[Written]
    labels: Integers
    first: Floats
    read: Integers
    second: Floats

    def part(self, kept: Integers) -> Examples:
        """The same with only these examples, given by their sorted numbers."""
        also_read = np.isin(self.read, kept)
        return Examples(
            [self.written[row] for row in kept],
            self.labels[kept],
            self.first[kept],
            np.searchsorted(kept, self.read[also_read]),
            self.second[also_read],
        )


class Ranking:
    """The views with the weights of both stages, of shape (views,), and what was corrected since."""

    def __init__(
        self,
        names: Names,
        words: WordViews,
        regression: Regression,
        first: NearViews,
        second: NearViews | None,
        weights: tuple[Floats, Floats] | None = None,
    ) -> None:
        self.names, self.words, self.regression = names, words, regression
        self.first, self.second = first, second
        nothing = np.zeros(0, dtype=np.float32)
        self.quick, self.thorough = weights or (nothing, nothing)
        self.corrections = Corrections.none()

    @classmethod
    def fit(cls, examples: Examples, answers: Answers, classes: int) -> tuple[Ranking, Ranking, Integers]:
        """Learns the weights on half of the examples, with views of the other half; then the views on everything.

        The half is the later one of each class in each language: what was written at another time, often by somebody
        else, is as strange to the views as what will be asked. With halves drawn at random the neighbours of each
        example stay behind, and nearness to them counts too much: 1.1 points worse on the development questions.

        Returns:
            The ranking; one that has not seen the half on which the weights were learned; and the numbers of that half.
        """
        unseen = _later_half(examples)
        before, whole = at_once(
            lambda: cls._weighed(examples, unseen, answers, classes), lambda: cls._views(examples, answers, classes)
        )
        whole.quick, whole.thorough = before.quick, before.thorough
        return whole, before, unseen

    @classmethod
    def _weighed(cls, examples: Examples, unseen: Integers, answers: Answers, classes: int) -> Ranking:
        """Views learned from all other examples, with weights learned on the unseen ones."""
        seen = np.setdiff1d(np.arange(len(examples.labels)), unseen)
        self = cls._views(examples.part(seen), answers, classes)
        weighed = unseen[a_few_of_each(examples.labels[unseen], A_CLASS)]
        part = examples.part(np.union1d(weighed, np.intersect1d(unseen, examples.read)))
        quick = self.quick_scores([Text(w.text, w.names) for w in part.written], part.first)
        self.quick = weigh(quick, part.labels)
        if self.second:
            thorough = np.concatenate([quick[part.read], self.second.scores(part.second)], axis=-1)
            self.thorough = weigh(thorough, part.labels[part.read])
        return self

    @classmethod
    def _views(cls, examples: Examples, answers: Answers, classes: int) -> Ranking:
        """Views learned from the examples, not yet weighed."""
        first = NearViews.fit(examples.first, examples.labels, answers.first, answers.labels, classes)
        second = None
        if len(examples.read):
            read, main = examples.labels[examples.read], answers.labels[answers.main]
            second = NearViews.fit(examples.second, read, answers.second, main, classes)
        return cls(
            Names.fit([one.names for one in examples.written], examples.labels, classes),
            WordViews.fit(examples.written, answers.written, classes),
            Regression.logistic(first.centred(examples.first), examples.labels, classes),
            first,
            second,
        )

    def quick_scores(self, texts: Sequence[Text], vectors: Floats) -> Floats:
        """What the views of the quick stage say: shape (texts, classes, views)."""
        named = self.names.scores([text.names for text in texts])
        words = self.words.scores([text.text for text in texts])
        regressed = self.regression.log_probabilities(self.first.centred(vectors))[..., None]
        return np.concatenate([named, words, regressed, self.first.scores(vectors)], axis=-1)

    def quick_log_probabilities(self, texts: Sequence[Text], vectors: Floats) -> Floats:
        """As `log_probabilities`, by the quick stage alone."""
        return log_softmax(self.quick_scores(texts, vectors) @ self.quick + self._corrected(vectors))

    def log_probabilities(self, texts: Sequence[Text], vectors: Floats, encode_second: Encode) -> Floats:
        """The logarithm of each class's probability: shape (texts, classes).

        Args:
            texts: what to rank.
            vectors: theirs, by the first encoder.
            encode_second: gives the second encoder's, for those texts that need it.
        """
        scores, corrected = self.quick_scores(texts, vectors), self._corrected(vectors)
        logs = log_softmax(scores @ self.quick + corrected)
        unsure = np.flatnonzero(logs.max(axis=1) < np.log(SURE))
        if self.second and len(unsure):
            more = self.second.scores(encode_second([texts[at].text for at in unsure]))
            thorough = np.concatenate([scores[unsure], more], axis=-1) @ self.thorough
            logs[unsure] = log_softmax(thorough + corrected[unsure])
        return logs

    def correct(self, text: Text, vector: Floats, label: int) -> None:
        """Has a text, and what is close to it, be taken for the class of this number."""
        logs = self.quick_log_probabilities([text], vector[None])[0]
        self.corrections = self.corrections.with_one(self.first.centred(vector[None])[0], label, logs)

    def _corrected(self, vectors: Floats) -> Floats:
        return self.corrections.scores(self.first.centred(vectors), len(self.words.has_answer))

    def save(self, folder: Path) -> None:
        """Writes arrays and vocabularies below `folder`; nothing is pickled."""
        arrays: dict[str, Floats | Integers | Bytes] = {
            "quick": self.quick,
            "thorough": self.thorough,
            "has_answer": self.words.has_answer,
            "documents": self.words.labels,
            "names": self.names.shares,
            "regression": self.regression.weights,
            "bias": self.regression.bias,
            "corrected": self.corrections.vectors,
            "corrected_labels": self.corrections.labels,
            "corrected_strengths": self.corrections.strengths,
        }
        states: dict[str, dict[str, Floats | Integers | Bytes]] = {"first": self.first.state()}
        if self.second:
            states["second"] = self.second.state()
        vocabularies = {}
        for name, index in self.words.indexes.items():
            counts, vocabularies[name] = index.state()
            states[name] = dict(counts)
        for name, state in states.items():
            arrays |= {f"{name}/{part}": array for part, array in state.items()}
        np.savez(folder / "ranking.npz", **arrays)
        vocabularies["names"] = self.names.names
        (folder / "vocabularies.json").write_text(json.dumps(vocabularies, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def restore(cls, folder: Path) -> Ranking:
        """What `save` wrote."""
        with np.load(folder / "ranking.npz", allow_pickle=False) as stored:
            arrays = dict(stored)
        vocabularies = json.loads((folder / "vocabularies.json").read_text(encoding="utf-8"))

        def group(kind: str) -> dict[str, Floats]:
            return {key.split("/", 1)[1]: array for key, array in arrays.items() if key.startswith(f"{kind}/")}

        classes = len(arrays["has_answer"])
        indexes = {name: Bm25.restore(terms, group(name), vocabularies[name]) for name, terms in INDEXES.items()}
        self = cls(
            Names(vocabularies["names"], arrays["names"]),
            WordViews(indexes, arrays["documents"], arrays["has_answer"]),
            Regression(arrays["regression"], arrays["bias"]),
            NearViews.restore(group("first"), classes),
            NearViews.restore(group("second"), classes) if "second/mean" in arrays else None,
            (arrays["quick"], arrays["thorough"]),
        )
        labels: Integers = arrays["corrected_labels"].astype(np.int64)
        self.corrections = Corrections(arrays["corrected"], labels, arrays["corrected_strengths"])
        return self


def _later_half(examples: Examples) -> Integers:
    """The numbers of the later half of each class in each language, sorted; what is alone there is not in it."""
    groups: dict[tuple[int, str], list[int]] = {}
    for row, (label, one) in enumerate(zip(examples.labels, examples.written)):
        groups.setdefault((int(label), one.language), []).append(row)
    return np.array(sorted(row for rows in groups.values() for row in rows[(len(rows) + 1) // 2 :]), dtype=np.int64)


def a_few_of_each(labels: Integers, most: int) -> Integers:
    """The numbers of up to so many examples of each class, sorted."""
    chance = np.random.default_rng(0)
    chosen = [chance.permutation(np.flatnonzero(labels == label))[:most] for label in np.unique(labels)]
    return np.sort(np.concatenate(chosen))
