"""The review queue in a browser: by keyboard, on a narrow screen, for everybody, and with hostile text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from sqlalchemy import delete

from bot.review.intake import Intake
from bot.review.nearness import KnownQuestions
from bot.settings import ReviewSettings
from bot.store.database import Sessions, writing
from bot.store.review_tables import ReviewArrivalRow
from knowledge.base import KnowledgeBase
from tests.console.content import HOSTILE, LONG
from tests.journeys.axe import violations
from tests.journeys.browsing import Watch
from tests.journeys.console import Colleague, RunningConsole, running_console
from tests.journeys.staff import with_store
from tests.log.conftest import Shelf

pytestmark = pytest.mark.journey

NARROW: ViewportSize = {"width": 320, "height": 640}
WIDE: ViewportSize = {"width": 1280, "height": 800}
ARABIC = "من يستضيف هذه المراكز؟"
TEXTS = ("who hosts those centers", ARABIC, f"{HOSTILE}{LONG}", "how long until they answer", "zzz qqq")
"""In the order of the queue."""


async def filled(store: Sessions, base: KnowledgeBase) -> None:
    shelf, now = Shelf(store), datetime.now(UTC)
    async with writing(store) as session:
        # What the record's own pages are filled with is left out, so that the order is known.
        await session.execute(delete(ReviewArrivalRow))
    ranked = [
        {"name": "innovation_support/inn_tisc_what", "confidence": 0.41},
        {"name": "innovation_support/inn_tisc_hosts", "confidence": 0.33},
        {"name": "out_of_scope/pct_filing", "confidence": 0.11},
    ]
    replies = [{"outcome": "answer", "text": f"It is a center. {HOSTILE}"}]
    unhelpful: dict[str, Any] = {"helpful": False, "seen": {"requests": ranked, "replies": replies}}
    for n in range(3):
        await shelf.put(TEXTS[0], at=now - timedelta(minutes=9 - n), **unhelpful)
    await shelf.put("who hosted those centers?", at=now - timedelta(minutes=5), outcome="refer")
    await shelf.put(ARABIC, at=now - timedelta(minutes=4), language="ar", **unhelpful)
    await shelf.put(TEXTS[2], at=now - timedelta(minutes=8), comment=HOSTILE, **unhelpful, request="a/b")
    await shelf.put(TEXTS[3], at=now - timedelta(minutes=3), outcome="refer", request="a/c", area=None)
    await shelf.put(TEXTS[4], at=now - timedelta(minutes=2))
    await Intake(store, KnownQuestions(base), ReviewSettings(review_sample=0.5)).take_in_all()


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory, base: KnowledgeBase) -> Iterator[RunningConsole]:
    with running_console(tmp_path_factory.mktemp("console"), base) as running:
        with_store(running.folder, lambda store: filled(store, base))
        yield running


@pytest.fixture(scope="module")
def reviewer(browser: Browser, console: RunningConsole) -> Iterator[Page]:
    context = browser.new_context(reduced_motion="reduce", locale="en")
    page = context.new_page()
    Colleague(page, console, "ann", "reviewer").sign_in()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    yield page
    context.close()


def open_queue(page: Page, console: RunningConsole, query: str = "") -> None:
    page.goto(f"{console.address}/console/review{query}")
    expect(page.get_by_role("heading", name="Review")).to_be_visible()


def open_text(page: Page, console: RunningConsole, text: str) -> None:
    open_queue(page, console)
    page.locator("[data-line]").filter(has_text=text[:40]).click()
    expect(page.get_by_role("heading", name="Your decision")).to_be_visible()


def look(page: Page) -> list[str]:
    """What axe finds, wide and narrow, in light and in dark; and what needs more width than there is."""
    found = []
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found += [f"{size['width']} {scheme}: {one}" for one in violations(page)]
        width = page.evaluate("document.documentElement.scrollWidth")
        found += [f"{size['width']}: needs {width}"] if width > size["width"] else []
    page.set_viewport_size(WIDE)
    return found


def test_every_state_is_for_everybody_and_keeps_text_text(reviewer: Page, console: RunningConsole) -> None:
    page, watch = reviewer, Watch(reviewer, console.address)
    found = {}
    for query in ("", "?show=disputed", "?show=decided", "?reason=unhelpful&language=ar"):
        open_queue(page, console, query)
        found[query] = look(page)
    for text in (TEXTS[0], ARABIC, TEXTS[2]):
        open_text(page, console, text)
        page.get_by_label("Search all entries").fill("tisc")
        expect(page.locator("#entries button").first).to_be_visible()
        found[text[:10]] = look(page)
        assert page.evaluate("window.hacked") is None
        assert page.locator("img[src=x], main script, main a[href^=javascript]").count() == 0
    assert {state: bad for state, bad in found.items() if bad} == {}
    said = page.locator(".delegate .said")
    assert HOSTILE.split()[0] in said.inner_text()
    watch.saw_only()


def test_arabic_runs_from_the_right(reviewer: Page, console: RunningConsole) -> None:
    open_text(reviewer, console, ARABIC)
    said = reviewer.locator(".delegate .said")
    expect(said).to_have_attribute("dir", "auto")
    assert said.evaluate("(one) => getComputedStyle(one).direction") == "rtl"


def test_decided_by_keys_alone(reviewer: Page, console: RunningConsole) -> None:
    page, watch = reviewer, Watch(reviewer, console.address)
    open_queue(page, console)
    lines = page.locator("[data-line]")
    count = lines.count()
    page.keyboard.press("j")
    expect(lines.nth(0)).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(lines.nth(0)).to_be_focused()
    expect(lines.nth(0)).to_have_text(TEXTS[0])
    page.keyboard.press("Enter")
    said = page.locator(".delegate .said")
    expect(said).to_have_text(TEXTS[0])
    page.keyboard.press("j")
    expect(said).not_to_have_text(TEXTS[0])
    page.keyboard.press("k")
    expect(said).to_have_text(TEXTS[0])
    page.keyboard.press("1")
    expect(page.get_by_role("status").filter(has_text="Right (settled)")).to_be_visible()
    expect(said).not_to_have_text(TEXTS[0])
    page.keyboard.press("u")
    expect(page.get_by_role("status").filter(has_text="Undone")).to_be_visible()
    expect(said).to_have_text(TEXTS[0])
    page.keyboard.press("2")
    field = page.get_by_label("Search all entries")
    expect(field).to_be_focused()
    page.keyboard.type("quién aloja")
    page.keyboard.press("Escape")
    expect(field).not_to_be_focused()
    open_queue(page, console)
    expect(lines).to_have_count(count)
    watch.saw_only()


def test_an_entry_found_while_typing_is_the_decision_and_takes_similar_texts_along(
    reviewer: Page, console: RunningConsole
) -> None:
    page, watch = reviewer, Watch(reviewer, console.address)
    open_text(page, console, TEXTS[0])
    page.get_by_label("who hosted those centers?").check()
    page.evaluate("window.same = true")
    page.get_by_label("Search all entries").fill("qu'est-ce qu'un CATI")
    choice = page.locator("#entries button").first
    expect(choice).to_contain_text("What a TISC is")
    assert page.evaluate("window.same"), "the page was not loaded anew"
    expect(page.get_by_label("who hosted those centers?")).to_be_checked()
    choice.click()
    expect(page.get_by_role("status").filter(has_text="Should have been another entry")).to_be_visible()
    open_queue(page, console, "?show=mine")
    expect(page.locator("[data-line]")).to_have_count(2)
    page.get_by_role("button", name="Undo my last decision").click()
    expect(page.get_by_role("status").filter(has_text="Texts that are as before: 2")).to_be_visible()
    watch.saw_only()


def test_a_filter_is_an_address(reviewer: Page, console: RunningConsole) -> None:
    page = reviewer
    open_queue(page, console)
    page.evaluate("window.same = true")
    page.get_by_label("Language").select_option("ar")
    expect(page.locator("[data-line]")).to_have_count(1)
    assert page.url.endswith("/console/review?language=ar")
    assert page.evaluate("window.same")
    page.locator("[data-line]").click()
    expect(page.get_by_role("heading", name="Your decision")).to_be_visible()
    assert "language=ar" in page.url
    page.get_by_role("link", name="To the queue").click()
    expect(page.get_by_label("Language")).to_have_value("ar")
