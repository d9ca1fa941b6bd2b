"""The record in a browser: found by keyboard, read, revealed, and drawn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from knowledge.base import KnowledgeBase
from tests.console.turns import UNMASKED
from tests.journeys.axe import violations
from tests.journeys.browsing import Watch
from tests.journeys.console import Colleague, RunningConsole, running_console
from tests.journeys.test_console_pages import NARROW, WIDE, width_needed
from tests.journeys.test_conversations import stories_of

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory, base: KnowledgeBase) -> Iterator[RunningConsole]:
    with running_console(tmp_path_factory.mktemp("console"), base) as running:
        yield running


@pytest.fixture(scope="module")
def reviewer(browser: Browser, console: RunningConsole) -> Iterator[Page]:
    context = browser.new_context(reduced_motion="reduce", locale="en", viewport=WIDE)
    page = context.new_page()
    Colleague(page, console, "vera", "reviewer").sign_in()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    yield page
    context.close()


def test_a_turn_is_found_and_opened_by_keyboard_alone(reviewer: Page, console: RunningConsole) -> None:
    page, watch = reviewer, Watch(reviewer, console.address)
    page.goto(f"{console.address}/console/record")
    page.evaluate("window.same = true")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("ЦПТИ")
    page.keyboard.press("Enter")
    lines = page.locator("[data-line]")
    expect(lines.first).to_have_text("Что такое ЦПТИ?")
    expect(page.get_by_text("What is a TISC?")).to_have_count(0)
    assert page.url.partition("?")[2] == "text=%D0%A6%D0%9F%D0%A2%D0%98"
    assert page.evaluate("window.same")
    page.keyboard.press("Escape")
    expect(page.get_by_role("searchbox")).not_to_be_focused()
    for key, at in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
        page.keyboard.press(key)
        expect(lines.nth(at)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Conversation", exact=True)).to_be_visible()
    expect(page.locator("li:target .delegate")).to_contain_text("Что такое ЦПТИ?")
    page.go_back()
    expect(lines.first).to_have_text("Что такое ЦПТИ?")
    watch.saw_only()


def test_each_text_goes_in_its_own_direction(reviewer: Page, console: RunningConsole) -> None:
    reviewer.goto(f"{console.address}/console/record")
    for language, direction in (("ar", "rtl"), ("ru", "ltr")):
        text = reviewer.locator(f"[data-line][lang={language}]").first
        assert text.evaluate("element => getComputedStyle(element).direction") == direction


def test_what_cannot_be_looked_for_is_said_in_place(reviewer: Page, console: RunningConsole) -> None:
    reviewer.goto(f"{console.address}/console/record")
    reviewer.get_by_label("From day").fill("2026-03-02")
    reviewer.get_by_label("To day").fill("2026-03-01")
    expect(reviewer.get_by_role("alert").filter(has_text="From day (UTC): this cannot be looked for")).to_be_visible()


def test_the_unmasked_text_is_shown_in_place_and_gone_again(reviewer: Page, console: RunningConsole) -> None:
    page, watch = reviewer, Watch(reviewer, console.address)
    page.goto(f"{console.address}/console/record/conversations/{console.turns.kept}")
    expect(page.get_by_text("Write to [e-mail]")).to_be_visible()
    page.get_by_role("button", name="Show the unmasked text").click()
    expect(page.get_by_text(UNMASKED)).to_be_visible()
    expect(page.get_by_text("that you have seen it is recorded")).to_be_visible()
    assert violations(page) == []
    page.reload()
    expect(page.get_by_text("Write to [e-mail]")).to_be_visible()
    expect(page.get_by_text(UNMASKED)).to_have_count(0)
    watch.saw_only()


def test_the_reasons_open_by_key_and_the_test_is_downloaded(
    reviewer: Page, console: RunningConsole, tmp_path: Path
) -> None:
    reviewer.goto(f"{console.address}/console/record/conversations/{console.turns.ordinary}")
    reviewer.keyboard.press("j")
    reviewer.keyboard.press("Enter")
    expect(reviewer.get_by_role("region", name="What it may have asked for").first).to_be_visible()
    assert violations(reviewer) == []
    with reviewer.expect_download() as download:
        reviewer.keyboard.press("t")
    download.value.save_as(tmp_path / "journey.yml")
    (story,) = stories_of(tmp_path / "journey.yml")
    assert [turn["expect"]["outcome"] for turn in story["turns"]] == ["answer", "answer"]


TABLES = """() => [...document.querySelectorAll("[data-plot]")].map((element) => {
    const body = document.getElementById(element.dataset.table);
    const heads = [...body.closest("table").querySelectorAll("thead th")];
    const columns = heads.flatMap((head, at) => head.hasAttribute("data-drawn") ? [at] : []);
    const rows = [...body.rows];
    const shown = (cell) => cell.dataset.value === "" ? null : Number(cell.dataset.value);
    return {
        name: element.dataset.table,
        drawn: element.plot.data.slice(1),
        along: element.plot.data[0].length,
        table: columns.map((at) => rows.map((row) => shown(row.cells[at]))),
        read: rows.map((row) => row.cells[columns[0]].innerText),
        ink: (() => {
            const canvas = element.querySelector("canvas");
            const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
            return pixels.some((value) => value);
        })(),
        width: element.querySelector("canvas").getBoundingClientRect().width,
        room: element.clientWidth,
    };
})"""


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_every_plot_is_drawn_and_shows_what_its_table_says(
    reviewer: Page, console: RunningConsole, size: object
) -> None:
    page, watch = reviewer, Watch(reviewer, console.address)
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.goto(f"{console.address}/console/overview")
    expect(page.locator("[data-plot] canvas")).to_have_count(11)
    for summary in page.locator(".plot + details > summary").all():
        summary.click()
    plots = page.evaluate(TABLES)
    assert len(plots) == 11
    for plot in plots:
        assert plot["drawn"] == plot["table"], plot["name"]
        assert plot["along"] == len(plot["read"])
        assert plot["ink"], plot["name"]
        assert plot["width"] <= plot["room"]
    (volume,) = (plot for plot in plots if plot["name"] == "table-volume")
    assert [str(int(turns)) for turns in volume["drawn"][0]] == volume["read"]
    assert sum(volume["drawn"][0]) > 40
    assert width_needed(page) <= size["width"]  # type: ignore[index]
    assert violations(page) == []
    watch.saw_only()


def test_plots_are_drawn_anew_in_other_colours_and_widths(reviewer: Page, console: RunningConsole) -> None:
    page = reviewer
    page.set_viewport_size(WIDE)
    page.goto(f"{console.address}/console/overview")
    expect(page.locator("[data-plot] canvas")).to_have_count(11)
    color = "document.querySelector('[data-plot]').plot.series[1].stroke()"
    light = page.evaluate(color)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"{color} !== {light!r}")
    page.set_viewport_size(NARROW)
    page.wait_for_function("document.querySelector('[data-plot] canvas').getBoundingClientRect().width < 320")
    page.emulate_media(color_scheme="light")
