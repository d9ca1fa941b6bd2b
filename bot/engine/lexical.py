"""Lexical scores: how well the words of a text match the words of each class."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from scipy import sparse

from bot.engine.arrays import Floats
from bot.engine.text import words

Terms = Callable[[str], "list[str]"]

_CJK = re.compile(r"[\u3400-\u9fff]")
STEM = 6
"""Letters of a word that count: endings differ, in most of the six languages, after the sixth."""


def stems(text: str) -> list[str]:
    """Words cut to their first letters; pairs of characters where Chinese is written without spaces."""
    found: list[str] = []
    for word in words(text):
        if _CJK.search(word):
            found += [word[at : at + 2] for at in range(max(1, len(word) - 1))]
        else:
            found.append(word[:STEM])
    return found


def letters(text: str) -> list[str]:
    """Runs of four letters, word ends included: they still match when a word is misspelled."""
    padded = f" {' '.join(words(text))} "
    return [padded[at : at + 4] for at in range(max(1, len(padded) - 3))]


TERMS: dict[str, Terms] = {"stems": stems, "letters": letters}


class Bm25:
    """BM25 (Robertson and Zaragoza, 2009) of a text against one document a class.

    A score is divided by the root of the number of known terms in the text, so that long and short texts compare.
    """

    K1, B = 1.2, 0.6

    def __init__(self, terms: str, vocabulary: dict[str, int], weights: sparse.csc_matrix) -> None:
        self._terms = terms
        self._vocabulary = vocabulary
        self._weights = weights

    @classmethod
    def fit(cls, documents: Sequence[Sequence[str]], terms: str) -> Bm25:
        """Counts the terms of each document, which is several texts in normal form."""
        counts = [Counter(term for text in document for term in TERMS[terms](text)) for document in documents]
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

    def scores(self, text: str) -> Floats:
        """A text's score for each document: float32 of shape (documents,)."""
        columns = [self._vocabulary[t] for t in set(TERMS[self._terms](text)) if t in self._vocabulary]
        if not columns:
            return np.zeros(self._weights.shape[0], dtype=np.float32)
        total = np.zeros(self._weights.shape[0], dtype=np.float32)
        pointers, indices, data = self._weights.indptr, self._weights.indices, self._weights.data
        for column in columns:
            at = slice(pointers[column], pointers[column + 1])
            total[indices[at]] += data[at]
        return total / np.float32(np.sqrt(len(columns)))

    def share_known(self, text: str) -> float:
        """The part of the text's terms that some document has: between 0 and 1."""
        terms = set(TERMS[self._terms](text))
        return sum(term in self._vocabulary for term in terms) / max(1, len(terms))

    def state(self) -> tuple[dict[str, Floats], list[str]]:
        """What `restore` needs: arrays, and the terms in the order of their columns."""
        matrix = self._weights
        arrays = {"data": matrix.data, "indices": matrix.indices, "indptr": matrix.indptr, "shape": matrix.shape}
        return {name: np.asarray(array) for name, array in arrays.items()}, list(self._vocabulary)

    @classmethod
    def restore(cls, terms: str, arrays: dict[str, Floats], vocabulary: Sequence[str]) -> Bm25:
        """The index that gave this state."""
        shape = tuple(int(n) for n in arrays["shape"])
        weights = sparse.csc_matrix((arrays["data"], arrays["indices"], arrays["indptr"]), shape=shape)
        return cls(terms, {term: at for at, term in enumerate(vocabulary)}, weights)
