"""The nearest examples of a text are the same, however many texts are looked for at once."""

from __future__ import annotations

import numpy as np
import pytest

from bot.engine.encoders import MANY, encode
from bot.engine.views import FEW, PIECE, Nearest, unit


def nearest(rows: int) -> tuple[Nearest, np.ndarray]:
    chance = np.random.default_rng(0)
    learned = unit(chance.normal(size=(rows, 16)).astype(np.float32))
    labels = np.sort(chance.integers(0, 7, size=rows))
    return Nearest(learned, labels, 8, 3), unit(chance.normal(size=(2 * FEW, 16)).astype(np.float32))


@pytest.mark.parametrize("rows", [9, PIECE, PIECE + 1, 3 * PIECE - 1])
@pytest.mark.parametrize("texts", [1, 2, FEW])
def test_a_few_texts_are_scored_as_many_are(rows: int, texts: int) -> None:
    found, vectors = nearest(rows)
    assert np.allclose(found.scores(vectors[:texts]), found.scores(vectors)[:texts], atol=1e-6)


def test_a_class_without_examples_scores_least() -> None:
    found, vectors = nearest(100)
    assert (found.scores(vectors[:1])[:, 7] == -1).all()


def test_a_text_has_the_same_vector_alone_and_among_others() -> None:
    texts = [f"What does course number {number} cost?" for number in range(MANY)]
    assert np.allclose(encode("use", texts)[:3], encode("use", texts[:3]), atol=1e-5)


def test_no_vector_that_is_kept_can_be_changed() -> None:
    first = encode("use", ["What is a TISC?"])
    first[:] = 0
    assert np.linalg.norm(encode("use", ["What is a TISC?"])) == pytest.approx(1, abs=1e-5)


def test_no_texts_have_no_vectors() -> None:
    assert encode("use", []).shape == (0, 512)
