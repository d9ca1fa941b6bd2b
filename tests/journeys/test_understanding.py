"""The gate: no figure on the development questions is more than two points worse than recorded."""

from __future__ import annotations

import json

import pytest

from bot.evaluate.__main__ import QUESTIONS, measure, summary
from knowledge.base import KnowledgeBase
from tests.journeys.conftest import Assistant

pytestmark = [pytest.mark.journey, pytest.mark.endurance]

LEEWAY = 0.02
RECORDED = json.loads((QUESTIONS / "recorded.json").read_text(encoding="utf-8"))
LESS_IS_BETTER = {"outside_answered", "falsely_refused", "calibration_error"}


def test_no_figure_drops(assistant: Assistant, base: KnowledgeBase) -> None:
    figures = measure(assistant.running, base)
    now = figures.model_dump() | {f"right in {language}": right for language, right in figures.languages.items()}
    worse = {
        name: (recorded, now[name])
        for name, recorded in RECORDED.items()
        if (recorded - now[name]) * (-1 if name in LESS_IS_BETTER else 1) > LEEWAY
    }
    assert worse == {}, f"recorded and now: {worse}\n{summary(figures)}"
