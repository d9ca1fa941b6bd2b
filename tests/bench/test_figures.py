"""Figures of rounds become ratios of the same round, and say whether the bar is held."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from bot.bench.__main__ import main, write
from bot.bench.figures import Bar, Figures, percentile
from bot.bench.resident import memory, processor_seconds, tree
from bot.bench.stages import Stage
from bot.bench.subjects import questions


def measured() -> Figures:
    figures = Figures()
    for ours, stock in ((10.0, 40.0), (30.0, 40.0), (12.0, 20.0)):
        figures.add("ours", {("reply, 1 client, p50", "ms"): ours, ("message 500 to message 5", ""): 1.3})
        figures.add("stock", {("reply, 1 client, p50", "ms"): stock, ("message 500 to message 5", ""): 4.0})
    figures.add("ours", {("memory of bot.desk", "MiB"): 100.0})
    return figures


def test_ratios_are_of_the_same_round() -> None:
    figures = measured().all
    assert figures["reply, 1 client, p50"].ratios == [0.25, 0.75, 0.6]
    assert figures["reply, 1 client, p50"].held is False
    assert figures["memory of bot.desk"].held is None


def test_what_is_a_ratio_already_is_not_divided() -> None:
    growth = measured().all["message 500 to message 5"]
    assert growth.ratios == [1.3, 1.3, 1.3]
    assert growth.held is False


@pytest.mark.parametrize(
    ("bar", "ratio", "held"), [(Bar(0.5), 0.5, True), (Bar(0.5), 0.51, False), (Bar(2.5, at_least=True), 2.4, False)]
)
def test_a_bar_holds_or_not(bar: Bar, ratio: float, held: bool) -> None:
    assert bar.held(ratio) is held


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100), (0.0, 1)])
def test_percentiles(share: float, expected: float) -> None:
    assert percentile(list(range(100, 0, -1)), share) == expected


def test_the_table_has_a_line_for_each_figure() -> None:
    lines = measured().as_text().splitlines()
    assert len(lines) == 4
    assert "0.25     0.60     0.75   ≤ 0.5 not held" in lines[1]


def test_they_are_written_as_json_and_as_a_page_that_stands_alone(tmp_path: Path) -> None:
    as_json, page = write(tmp_path, measured(), [Stage("engine: rank", 3.0), Stage("edge", 1.0)], "some day")
    assert json.loads(as_json.read_text(encoding="utf-8"))["figures"][0]["ratios"] == [0.25, 0.75, 0.6]
    html = page.read_text(encoding="utf-8")
    assert "engine: rank" in html
    assert "75 %" in html
    assert "http:" not in html


def test_memory_and_time_of_this_process_are_read() -> None:
    assert os.getpid() in tree(os.getppid())
    assert memory(os.getpid()) > 1
    assert processor_seconds([os.getpid()]) > 0
    assert memory(2**22 + 1) == processor_seconds([2**22 + 1]) == 0


def test_questions_take_turns() -> None:
    asked = questions()
    assert len(set(asked[:200])) > 190


def test_an_unknown_section_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["latncy"])
    assert "there is no section latncy" in capsys.readouterr().err
