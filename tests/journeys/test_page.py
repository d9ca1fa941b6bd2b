"""The first page in a real browser: ask, follow a button, open the sources, reload, start over."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.journeys.conftest import Assistant

pytestmark = pytest.mark.journey

ANSWER_MS = 20_000
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = os.environ.get("BROWSER_PATH")
    assert path, "no BROWSER_PATH; run the tests with `make test`, which finds or installs Chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def problems() -> list[str]:
    """What the browser's console complains of; a test takes out what it provokes."""
    return []


@pytest.fixture
def page(browser: Browser, assistant: Assistant, problems: list[str]) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="light")
    page = context.new_page()
    page.set_default_timeout(ANSWER_MS)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.goto(assistant.address)
    expect(page.get_by_role("log").get_by_text("not a person")).to_be_visible()
    yield page
    assert problems == [], "the browser's console has errors"
    context.close()


def ask(page: Page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")


def test_asks_and_gets_the_answer_with_its_sources(page: Page) -> None:
    ask(page, "Who is eligible for a master's scholarship?")
    answer = page.locator(".assistant").last
    expect(answer).to_contain_text("nationals", timeout=ANSWER_MS)
    answer.get_by_text("Sources").click()
    link = answer.get_by_role("link").first
    expect(link).to_be_visible()
    expect(link).to_have_attribute("href", re.compile("^https?://"))
    expect(link).to_have_attribute("rel", "noopener noreferrer")


def test_shows_the_contact_where_the_answer_must_be_confirmed(page: Page) -> None:
    ask(page, "How much does ASPI cost for a patent office?")
    expect(page.locator(".contact").last).to_contain_text("Mr. Sherif Saadallah", timeout=ANSWER_MS)


def test_follows_a_button_and_says_whether_it_helped(page: Page) -> None:
    page.get_by_role("button", name="What the COVID-19 response package is").click()
    answer = page.locator(".assistant").last
    expect(answer).to_contain_text("set of support measures", timeout=ANSWER_MS)
    answer.get_by_role("button", name="Yes", exact=True).click()
    expect(answer).to_contain_text("Thank you for telling us.")


def test_the_conversation_survives_a_reload(page: Page) -> None:
    ask(page, "What is a TISC?")
    expect(page.locator(".assistant").last).to_contain_text("TISC", timeout=ANSWER_MS)
    page.reload()
    expect(page.get_by_text("What is a TISC?", exact=True)).to_be_visible()
    expect(page.locator(".said")).to_have_count(3)


def test_starting_over_erases_what_was_said(page: Page) -> None:
    ask(page, "What is a TISC?")
    expect(page.locator(".said")).to_have_count(3, timeout=ANSWER_MS)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Start over").click()
    expect(page.locator(".said")).to_have_count(1)
    page.reload()
    expect(page.locator(".said")).to_have_count(1)


def test_a_conversation_that_is_gone_is_said_in_plain_words(page: Page, problems: list[str]) -> None:
    gone = """() => {
        const { id, token } = JSON.parse(sessionStorage.getItem("conversation"));
        return fetch(`/api/v1/conversations/${id}`, {
            method: "DELETE", headers: { Authorization: `Bearer ${token}` },
        }).then((response) => response.status);
    }"""
    assert page.evaluate(gone) == 204
    ask(page, "What is a TISC?")
    expect(page.get_by_role("status")).to_have_text(re.compile("Please start over"), timeout=ANSWER_MS)
    assert "401" in problems.pop()


def test_markup_in_a_question_stays_text(page: Page) -> None:
    ask(page, "<img src=x onerror=alert(1)><b>bold</b>")
    expect(page.locator(".delegate").last).to_contain_text("<b>bold</b>")
    expect(page.locator(".delegate img, .delegate b")).to_have_count(0)
