"""Lexical scores: how well the words of a text match the words of each class."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from scipy import sparse

from bot.engine.arrays import Floats

Words = Sequence[str]
"""A text's words, as `bot.engine.text.words` finds them."""
Terms = Callable[[Words], "list[str]"]

_CJK = re.compile(r"[\u3400-\u9fff]")
STEM = 6
"""Letters of a word that count: endings differ, in most of the six languages, after the sixth."""


def stems(words: Words) -> list[str]:
    """Words cut to their first letters; pairs of characters where Chinese is written without spaces."""
    found: list[str] = []
    for word in words:
        if not word.isascii() and _CJK.search(word):
            found += [word[at : at + 2] for at in range(max(1, len(word) - 1))]
        else:
            found.append(word[:STEM])
    return found


def letters(words: Words) -> list[str]:
    """Runs of four letters, word ends included: they still match when a word is misspelled."""
    padded = f" {' '.join(words)} "
    return [padded[at : at + 4] for at in range(max(1, len(padded) - 3))]


TERMS: dict[str, Terms] = {"stems": stems, "letters": letters}


class Bm25:
    """BM25 (Robertson and Zaragoza, 2009) of a text against one document a class.

    A score is divided by the root of the number of known terms in the text, so that long and short texts compare.
    """

    K1, B = 1.2, 0.6

    def __init__(self, terms: str, vocabulary: dict[str, int], weights: sparse.csc_matrix) -> None:
        self.terms = terms
        self.vocabulary = vocabulary
        self.weights = weights
        self._pointers: list[int] = weights.indptr.tolist()

    @classmethod
    def fit(cls, documents: Sequence[Sequence[Words]], terms: str) -> Bm25:
        """Counts the terms of each document, which is several texts, each as its words."""
        counts = [Counter(term for words in document for term in TERMS[terms](words)) for document in documents]
        vocabulary = {term: at for at, term in enumerate(sorted(set().union(*counts)))}
        rows = np.repeat(np.arange(len(counts)), [len(count) for count in counts])
        columns = np.array([vocabulary[term] for count in counts for term in count], dtype=np.int64)
        times = np.array([number for count in counts for number in count.values()], dtype=np.float64)
        lengths = np.bincount(rows, times, minlength=len(counts))
        mean = max(1.0, float(lengths[lengths > 0].mean()) if lengths.any() else 1.0)
        norms = cls.K1 * (1 - cls.B + cls.B * lengths / mean)
        known = np.bincount(columns, minlength=len(vocabulary))
        rarity = np.log(1 + (len(counts) - known + 0.5) / (known + 0.5))
        values = rarity[columns] * times * (cls.K1 + 1) / (times + norms[rows])
        shape = (len(counts), len(vocabulary))
        return cls(terms, vocabulary, sparse.csc_matrix((values, (rows, columns)), shape=shape, dtype=np.float32))

    def scores(self, words: Words) -> Floats:
        """The score of a text, given as its words, for each document: float32 of shape (documents,)."""
        documents = self.weights.shape[0]
        columns = [self.vocabulary[t] for t in set(TERMS[self.terms](words)) if t in self.vocabulary]
        if not columns:
            return np.zeros(documents, dtype=np.float32)
        runs = [slice(self._pointers[column], self._pointers[column + 1]) for column in columns]
        which = np.concatenate([self.weights.indices[run] for run in runs])
        worth = np.concatenate([self.weights.data[run] for run in runs])
        total: Floats = np.bincount(which, worth, documents) / np.sqrt(len(columns))
        return total.astype(np.float32)

    def share_known(self, words: Words) -> float:
        """The part of a text's terms that some document has: between 0 and 1."""
        terms = set(TERMS[self.terms](words))
        return sum(term in self.vocabulary for term in terms) / max(1, len(terms))

    def state(self) -> tuple[dict[str, Floats], list[str]]:
        """What `restore` needs: arrays, and the terms in the order of their columns."""
        matrix = self.weights
        arrays = {"data": matrix.data, "indices": matrix.indices, "indptr": matrix.indptr, "shape": matrix.shape}
        return {name: np.asarray(array) for name, array in arrays.items()}, list(self.vocabulary)

    @classmethod
    def restore(cls, terms: str, arrays: dict[str, Floats], vocabulary: Sequence[str]) -> Bm25:
        """The index that gave this state."""
        shape = tuple(int(n) for n in arrays["shape"])
        weights = sparse.csc_matrix((arrays["data"], arrays["indices"], arrays["indptr"]), shape=shape)
        return cls(terms, {term: at for at, term in enumerate(vocabulary)}, weights)
