"""Names in a text, as the gazetteer found them, against the classes whose examples bear them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.engine.arrays import Floats, Integers

OFTEN = 0.3
"""The part of a class's examples from which a name belongs to it in full."""


class Names:
    """How far each class bears each name: `shares` of shape (names, classes), between 0 and 1."""

    def __init__(self, names: Sequence[str], shares: Floats) -> None:
        self.names, self.shares = list(names), shares
        self._row = {name: row for row, name in enumerate(names)}

    @classmethod
    def fit(cls, named: Sequence[frozenset[str]], labels: Integers, classes: int) -> Names:
        """From the names in each example and the number of its class."""
        names = sorted(set().union(*named))
        row = {name: at for at, name in enumerate(names)}
        shares = np.zeros((len(names), classes), dtype=np.float32)
        for found, label in zip(named, labels):
            for name in found:
                shares[row[name], label] += 1
        shares /= np.maximum(np.bincount(labels, minlength=classes), 1)
        return cls(names, np.minimum(1.0, shares / OFTEN).astype(np.float32))

    def scores(self, named: Sequence[frozenset[str]]) -> Floats:
        """For each text the mean share of its names in each class, less their mean in all: shape (texts, classes, 1).

        Nothing speaks for or against a class in a text without names.
        """
        found = np.zeros((len(named), self.shares.shape[1]), dtype=np.float32)
        for at, names in enumerate(named):
            rows = [self._row[name] for name in names if name in self._row]
            if rows:
                share = self.shares[rows].mean(axis=0)
                found[at] = share - share.mean()
        return found[..., None]
