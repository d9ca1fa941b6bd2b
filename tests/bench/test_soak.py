"""The memory is read after every tenth of the messages, and its end compared with the first tenth."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from bot.bench import soak as module
from bot.bench.figures import Figures
from bot.bench.subjects import Ours
from bot.bench.visits import Effort


@pytest.mark.parametrize(("a_tenth", "held"), [(0.2, True), (1.0, False)])
async def test_growth_is_that_since_the_first_tenth(
    monkeypatch: pytest.MonkeyPatch, a_tenth: float, held: bool
) -> None:
    asked = []

    async def talk(_address: Any, _says: Any, clients: int, messages: int) -> None:
        asked.append((clients, messages))

    @contextlib.contextmanager
    def running(_self: object) -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(processes=lambda: {1: "engine", 2: "desk"})

    monkeypatch.setattr(module, "talk", talk)
    monkeypatch.setattr(Ours, "running", running)
    monkeypatch.setattr(module, "memory", lambda _pid: 50 + a_tenth * len(asked) / 2)
    figures = Figures()
    await module.soak(figures, Effort(messages=1, longest=1, remembered=1, soaked=200))

    assert asked == [(8, 20)] * 10
    assert figures.all["memory after 20 messages"].of["ours"] == [100 + a_tenth]
    growth = figures.all["memory at the end to that after a tenth"]
    assert growth.ratios == [pytest.approx((100 + 10 * a_tenth) / (100 + a_tenth))]
    assert growth.held is held
