"""The gate: no figure on the development questions is more than two points worse than recorded."""

from __future__ import annotations

import json

import pytest

from bot.evaluate.__main__ import QUESTIONS, summary
from bot.evaluate.asking import ask
from bot.evaluate.figures import compute
from bot.evaluate.questions import load
from knowledge.base import KnowledgeBase
from tests.journeys.conftest import Assistant

pytestmark = pytest.mark.journey

LEEWAY = 0.02
RECORDED = json.loads((QUESTIONS / "recorded.json").read_text(encoding="utf-8"))
"""See docs/evaluation.md; of `right` more is better, of the others less."""


def test_no_figure_drops(assistant: Assistant, base: KnowledgeBase) -> None:
    figures = compute(ask(assistant.running, load(QUESTIONS, base)), base)
    worse = {
        name: (recorded, now)
        for name, recorded in RECORDED.items()
        if (recorded - (now := getattr(figures, name))) * (1 if name == "right" else -1) > LEEWAY
    }
    assert worse == {}, f"recorded and now: {worse}\n{summary(figures)}"
