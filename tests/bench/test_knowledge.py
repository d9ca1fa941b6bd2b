"""What a larger knowledge base adds to understanding is added to the reply of the assistant as it is."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from bot.bench import knowledge as module
from bot.bench.figures import Figures
from bot.bench.subjects import Ours
from bot.bench.visits import Effort


async def test_a_reply_is_dearer_by_what_understanding_is(monkeypatch: pytest.MonkeyPatch) -> None:
    async def talk(*_: Any) -> SimpleNamespace:
        return SimpleNamespace(milliseconds=[40.0])

    @contextlib.contextmanager
    def running(_self: object) -> Iterator[None]:
        yield None

    def in_engine(name: str, *sizes: str, texts: list[str]) -> str:
        assert name == "larger"
        assert len(texts) == 3
        return json.dumps({size: 10.0 * int(size) ** 0.5 for size in sizes})

    monkeypatch.setattr(module, "talk", talk)
    monkeypatch.setattr(Ours, "running", running)
    monkeypatch.setattr(module, "in_engine", in_engine)
    figures = Figures()
    await module.knowledge(figures, Effort(messages=3, longest=1, remembered=1, soaked=1), rounds=2)

    assert figures.all["understanding, knowledge base 100 times"].of["ours"] == [100.0, 100.0]
    assert figures.all["knowledge base 100 times"].ratios == [(40 + 90) / 40] * 2
    assert figures.all["knowledge base 100 times"].held is False
