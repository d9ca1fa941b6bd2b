"""Of several scores those count that tell the right class."""

from __future__ import annotations

import numpy as np

from bot.engine.conditional_logit import PIECE, weigh


def scores(texts: int) -> tuple[np.ndarray, np.ndarray]:
    """Four classes by three scores: one that mostly tells the right one, one by chance, one that is always the same."""
    chance = np.random.default_rng(0)
    labels = chance.integers(0, 4, size=texts)
    found = chance.normal(size=(texts, 4, 3)).astype(np.float32)
    found[np.arange(texts), labels, 0] += 2
    found[..., 2] = -1
    return found, labels


def test_what_tells_the_right_class_counts_and_what_does_not_hardly() -> None:
    telling, chance, same = weigh(*scores(3 * PIECE + 1))
    assert telling > 1
    assert abs(chance) < 0.2
    assert same == 0


def test_a_weighed_sum_finds_the_right_class() -> None:
    found, labels = scores(500)
    weights = weigh(found, labels)
    right = (found @ weights).argmax(axis=1) == labels
    assert right.mean() >= (found[..., 0].argmax(axis=1) == labels).mean()
