"""Vectors are kept from one training to the next, and only new texts are encoded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bot.engine import vector_cache
from bot.engine.arrays import Floats


class Encoder:
    """Counts what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, texts: Sequence[str]) -> Floats:
        self.asked += texts
        return np.array([[len(text), 1.0] for text in texts], dtype=np.float32)


@pytest.fixture
def encoder() -> Encoder:
    return Encoder()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(vector_cache.FOLDER, str(tmp_path / "vectors"))
    return tmp_path / "vectors"


def test_a_text_is_encoded_once_for_all_trainings(folder: Path, encoder: Encoder) -> None:
    vector_cache.kept("use-1", encoder)(["a", "bb", "a"])
    found = vector_cache.kept("use-1", encoder)(["ccc", "bb", "a"])
    assert encoder.asked == ["a", "bb", "ccc"]
    assert found.tolist() == [[3, 1], [2, 1], [1, 1]]


def test_another_encoder_has_another_cache(folder: Path, encoder: Encoder) -> None:
    vector_cache.kept("use-1", encoder)(["a"])
    vector_cache.kept("use-2", encoder)(["a"])
    assert encoder.asked == ["a", "a"]


def test_it_does_not_grow_without_end(folder: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_cache, "MOST", 3)
    encode = vector_cache.kept("use-1", encoder)
    encode(["a", "bb", "ccc"])
    encode(["bb", "dddd"])
    encoder.asked.clear()
    encode(["bb", "dddd", "a"])
    assert encoder.asked == ["a"]


def test_without_a_folder_nothing_is_kept(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(vector_cache.FOLDER, raising=False)
    assert vector_cache.kept("use-1", encoder) is encoder
