"""The nearest examples of a text are the same, however they are looked for."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from bot.engine.encoders import MANY, RECENT, encode
from bot.engine.views import CHUNK, Nearest, unit

CLASSES = 8
ROUNDING = 0.01
"""What a cosine in 16 dimensions of 8 bits may be wrong by."""


def learned(rows: int) -> tuple[Nearest, np.ndarray, np.ndarray]:
    """Nothing of the last class."""
    chance = np.random.default_rng(0)
    vectors = unit(chance.normal(size=(rows, 16)).astype(np.float32))
    labels = np.sort(chance.integers(0, CLASSES - 1, size=rows))
    return Nearest.fit(vectors, labels, CLASSES, 3), vectors, labels


def texts(number: int) -> np.ndarray:
    return unit(np.random.default_rng(1).normal(size=(number, 16)).astype(np.float32))


def three_nearest(text: np.ndarray, vectors: np.ndarray, labels: np.ndarray) -> list[float]:
    """By the definition; a row that is missing counts as -1."""
    of_class = [sorted(vectors[labels == label] @ text)[-3:] for label in range(CLASSES)]
    return [(sum(found) - (3 - len(found))) / 3 for found in of_class]


@pytest.mark.parametrize("rows", [1, 9, 40, 3000])
@pytest.mark.parametrize("number", [1, 2, CHUNK + 1])
def test_the_nearest_of_each_class_are_those_of_the_exact_vectors(rows: int, number: int) -> None:
    nearest, vectors, labels = learned(rows)
    expected = [three_nearest(text, vectors, labels) for text in texts(number)]
    assert np.allclose(nearest.scores(texts(number)), expected, atol=ROUNDING)


def test_examples_that_are_alike_count_each() -> None:
    vectors = np.tile(texts(1), (3, 1))
    nearest = Nearest.fit(vectors, np.zeros(3, dtype=np.int64), 1, 3)
    assert nearest.scores(texts(1)) == pytest.approx(1, abs=ROUNDING)


def test_a_class_without_examples_scores_least() -> None:
    nearest, _, _ = learned(100)
    assert (nearest.scores(texts(1))[:, CLASSES - 1] == -1).all()


def test_nothing_learned_is_near_to_nothing() -> None:
    nearest = Nearest.fit(np.empty((0, 16), dtype=np.float32), np.empty(0, dtype=np.int64), 2, 3)
    assert nearest.scores(texts(2)).tolist() == [[-1, -1], [-1, -1]]


def test_another_process_gets_it_whole() -> None:
    nearest, _, _ = learned(40)
    again = pickle.loads(pickle.dumps(nearest))
    assert np.array_equal(again.scores(texts(2)), nearest.scores(texts(2)))


def test_the_nearest_of_all_is_that_of_the_nearest_class() -> None:
    nearest, vectors, _ = learned(40)
    assert np.allclose(nearest.nearest(texts(3)), (texts(3) @ vectors.T).max(axis=1), atol=ROUNDING)


def test_a_text_has_the_same_vector_alone_and_among_others() -> None:
    texts = [f"What does course number {number} cost?" for number in range(MANY)]
    assert np.allclose(encode("use", texts)[:3], encode("use", texts[:3]), atol=1e-5)


def test_no_vector_that_is_kept_can_be_changed() -> None:
    first = encode("use", ["What is a TISC?"])
    first[:] = 0
    assert np.linalg.norm(encode("use", ["What is a TISC?"])) == pytest.approx(1, abs=1e-5)


def test_no_texts_have_no_vectors() -> None:
    assert encode("use", []).shape == (0, 512)


def test_what_was_encoded_long_ago_is_encoded_again() -> None:
    first = encode("use", ["What is a TISC?"])
    for start in range(0, RECENT + 10, 100):
        encode("use", [f"question {number}" for number in range(start, start + 100)])
    assert np.allclose(encode("use", ["What is a TISC?"]), first, atol=1e-5)
