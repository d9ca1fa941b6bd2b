"""The window for everybody: by axe in every state and language, by keyboard alone, and as it is announced."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from knowledge.records import Language
from tests.journeys.axe import violations
from tests.journeys.browsing import DESKTOP, PHONE, ChatWindow, show
from tests.journeys.conftest import Assistant

pytestmark = pytest.mark.journey

Texts = dict[str, dict[str, str]]


class States:
    """Goes through the window's states and has each looked at, in light and in dark."""

    def __init__(self, page: Page, window: ChatWindow) -> None:
        self.page, self.window = page, window
        self.found: dict[str, list[str]] = {}

    def look(self, state: str, *documents: Page | Frame) -> None:
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme)
            self.found[f"{state}, {scheme}"] = violations(*(documents or (self.window.frame(),)))

    @property
    def bad(self) -> dict[str, list[str]]:
        return {state: found for state, found in self.found.items() if found}


@pytest.mark.parametrize("language", Language)
def test_axe_finds_nothing_in_any_state(page: Page, assistant: Assistant, texts: Texts, language: Language) -> None:
    window = show(page, assistant.address, language, texts[language])
    states = States(page, window)
    states.look("open", page, window.frame())
    window.inside.locator(".choices button").last.click()
    answer = window.answered(2)
    answer.locator("summary").click()
    states.look("answer")
    answer.get_by_role("button", name=texts[language]["helpful_no"], exact=True).click()
    expect(answer.locator("form")).to_be_visible()
    states.look("form")
    window.ask("jane.doe@example.org")
    states.look("warning")
    window.button("personal_edit").click()
    window.ask("x" * 2001)
    states.look("error")
    window.field.fill("")
    page.context.set_offline(True)
    window.ask("TISC")
    expect(window.button("retry")).to_be_visible()
    states.look("offline")
    page.context.set_offline(False)
    window.answered(3)
    window.button("menu").click()
    states.look("menu")
    window.button("erase").click()
    states.look("question back")
    window.button("erase_do").click()
    expect(window.button("new_conversation")).to_be_visible()
    states.look("erased")
    window.button("close").click()
    states.look("closed", page)
    page.goto(f"{assistant.address}/plain?language={language}")
    page.get_by_label(texts[language]["message"]).fill("TISC")
    page.get_by_role("button", name=texts[language]["send"]).click()
    expect(page.locator(".said")).not_to_have_count(0)
    states.look("without JavaScript", page)
    assert len(states.found) == 22
    assert states.bad == {}


def test_by_keyboard_alone_from_the_top_of_the_page_to_an_answer_and_back(
    page: Page, assistant: Assistant, texts: Texts
) -> None:
    page.goto(assistant.address)
    window = ChatWindow(page, texts["en"]).is_ready()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="English")).to_be_focused()
    for _ in range(8):
        page.keyboard.press("Tab")
    expect(window.launcher).to_be_focused()
    page.keyboard.press("Enter")
    expect(window.element).to_be_hidden()
    page.keyboard.press("Enter")
    expect(window.field).to_be_focused()
    page.keyboard.type("Who is eligible for a master's scholarship?")
    page.keyboard.press("Enter")
    answer = window.answered(2)
    expect(window.field).to_be_focused()
    for _ in range(20):
        page.keyboard.press("Shift+Tab")
        if answer.locator("summary").evaluate("element => element === document.activeElement"):
            break
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(answer.get_by_role("link").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(window.element).to_be_hidden()
    expect(window.launcher).to_be_focused()


def test_a_question_back_holds_the_focus_and_gives_it_back(window: ChatWindow, page: Page) -> None:
    window.button("menu").press("Enter")
    window.button("erase").press("Enter")
    expect(window.button("cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(window.dialog).to_have_count(0)
    expect(window.button("menu")).to_be_focused()
    page.keyboard.press("Escape")
    expect(window.button("erase")).to_be_hidden()
    expect(window.element).to_be_visible()


ANNOUNCED = """log => {
    window.announced = [];
    new MutationObserver((changes) => {
        for (const change of changes) for (const node of change.addedNodes)
            if (node.nodeType === 1 && !node.closest('[aria-live="off"]')) window.announced.push(node.className);
    }).observe(log, { childList: true, subtree: true });
}"""


def test_every_answer_is_announced_once_and_politely(window: ChatWindow) -> None:
    expect(window.log).to_have_attribute("aria-live", "polite")
    window.log.evaluate(ANNOUNCED)
    window.ask("What is a TISC?")
    answer = window.answered(2)
    answer.get_by_role("button", name="Yes", exact=True).click()
    expect(answer.locator("form")).to_be_visible()
    announced: list[str] = window.frame().evaluate("announced")
    assert [name.split()[:2] for name in announced] == [["said", "delegate"], ["said", "assistant"]]


def test_a_history_that_is_shown_again_is_not_read_out(window: ChatWindow, page: Page) -> None:
    window.ask("What is a TISC?")
    window.answered(2)
    page.clock.install()
    page.reload()
    window.answered(2)
    expect(window.log).to_have_attribute("aria-live", "off")
    page.clock.fast_forward(1500)
    expect(window.log).to_have_attribute("aria-live", "polite")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_everything_that_is_pressed_is_large_enough(
    browser: Browser, assistant: Assistant, texts: Texts, size: Any
) -> None:
    context = browser.new_context(viewport=size)
    window = show(context.new_page(), assistant.address, "en", texts["en"])
    window.ask("What is a TISC?")
    window.answered(2).locator("summary").click()
    window.button("menu").click()
    small = """elements => elements.filter((element) => element.checkVisibility())
        .map((element) => [element.textContent.trim(), Math.min(element.offsetWidth, element.offsetHeight)])
        .filter(([, size]) => size < 44)"""
    assert window.inside.locator("button, summary, textarea").evaluate_all(small) == []
    context.close()


def test_motion_stops_where_it_is_not_wanted_and_forced_colours_keep_their_borders(
    window: ChatWindow, page: Page
) -> None:
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    page.route("**/messages", lambda route: None, times=1)
    window.ask("What is a TISC?")
    expect(window.inside.locator(".typing i").first).to_have_css("animation-name", "none")
    expect(window.asked.last).to_have_css("border-top-style", "solid")
    assert violations(window.frame()) == []
