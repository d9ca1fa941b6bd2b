"""Whole conversations in the window: in three languages, on a desktop and on a phone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, ViewportSize, expect

from tests.journeys.browsing import ANSWER_MS, DESKTOP, PHONE, ChatWindow, Watch, show
from tests.journeys.conftest import Assistant

pytestmark = pytest.mark.journey

Texts = dict[str, dict[str, str]]

QUESTIONS = {
    "en": ("Could you explain what services a TISC offers?", "How many of them are there by now?"),
    "ar": ("ما هي مراكز دعم التكنولوجيا والابتكار؟", "وكم عددها؟"),
    "zh": ("什么是产权组织的2019冠状病毒病一揽子应对方案？", "什么时候批准的？"),
}


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", QUESTIONS)
def test_a_delegate_asks_follows_up_judges_reloads_goes_offline_and_erases(
    browser: Browser, assistant: Assistant, texts: Texts, language: str, size: ViewportSize
) -> None:
    context = browser.new_context(viewport=size, has_touch=size == PHONE, reduced_motion="reduce")
    page = context.new_page()
    watch = Watch(page, assistant.address)
    window = show(page, assistant.address, language, texts[language])
    first, second = QUESTIONS[language]

    window.ask(first)
    answer = window.answered(2)
    assert answer.get_attribute("lang") == language
    assert answer.get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
    answer.locator("summary").click()
    expect(answer.get_by_role("link").first).to_have_attribute("rel", "noopener noreferrer")

    answer.locator(".choices button").first.click()
    expect(window.answered(3)).to_have_attribute("lang", language)
    window.ask(second)
    expect(window.answered(4)).to_have_attribute("lang", language)

    judged = window.replies.nth(3)
    judged.get_by_role("button", name=texts[language]["helpful_no"], exact=True).click()
    expect(window.status).to_have_text(texts[language]["feedback_thanks"])
    judged.get_by_label(texts[language]["comment"]).fill("…")
    judged.get_by_role("button", name=texts[language]["comment_send"]).click()
    expect(judged.get_by_label(texts[language]["comment"])).to_have_count(0)

    page.reload()
    window.is_ready()
    expect(window.replies).to_have_count(4)
    expect(window.asked).to_contain_text([first, "", second])

    context.set_offline(True)
    window.ask(first)
    expect(window.status).to_have_text(texts[language]["offline_kept"])
    expect(window.asked.last).to_contain_text(texts[language]["not_sent"])
    context.set_offline(False)
    expect(window.answered(5)).to_have_attribute("lang", language)

    other_page = context.new_page()
    other = show(other_page, assistant.address, language, texts[language])
    expect(other.replies).to_have_count(5)
    other.ask(second)
    other.answered(6)
    window.answered(6)

    window.button("menu").click()
    window.button("erase").click()
    window.button("erase_do").click()
    expect(window.status).to_have_text(texts[language]["erased"])
    expect(window.asked).to_have_count(0)
    expect(other.status).to_have_text(texts[language]["ended"])
    expect(other.asked).to_have_count(0)
    watch.saw_only("ERR_INTERNET_DISCONNECTED", "401")
    context.close()


def test_the_window_says_at_once_that_an_answer_is_on_its_way(window: ChatWindow, page: Page) -> None:
    held: list[Route] = []
    page.route("**/messages", lambda route: held.append(route) if route.request.method == "POST" else route.fallback())
    window.ask("What is a TISC?")
    expect(window.status).to_have_text("The assistant is answering.", timeout=300)
    expect(window.inside.locator(".typing")).to_be_visible(timeout=300)
    held[0].continue_()
    window.answered(2)
    expect(window.inside.locator(".typing")).to_have_count(0)


def test_an_answer_shows_its_sources_its_dates_and_its_contact(window: ChatWindow, watch: Watch) -> None:
    window.ask("How much does ASPI cost for a patent office?")
    answer = window.answered(2)
    expect(answer.locator(".contact")).to_contain_text("Mr. Sherif Saadallah")
    expect(answer.locator("time")).to_be_visible()
    expect(answer.locator("summary small")).not_to_be_empty()
    answer.locator("summary").click()
    expect(answer.get_by_role("link").first).to_have_attribute("href", re.compile("^https?://"))
    watch.saw_only()


def test_another_language_is_spoken_by_the_window_and_by_the_last_answer(window: ChatWindow, texts: Texts) -> None:
    window.ask("What is a TISC?")
    window.answered(2)
    window.button("menu").click()
    window.inside.get_by_role("button", name="العربية").click()
    again = window.answered(3)
    expect(again).to_have_attribute("lang", "ar")
    expect(window.inside.locator("html")).to_have_attribute("dir", "rtl")
    window.page.reload()
    expect(window.inside.get_by_role("textbox", name=texts["ar"]["message"])).to_be_visible(timeout=ANSWER_MS)


def test_a_language_chosen_before_the_first_question_is_that_of_the_welcome(window: ChatWindow) -> None:
    window.button("menu").click()
    window.inside.get_by_role("button", name="Français").click()
    expect(window.replies).to_have_attribute("lang", "fr")


def test_what_was_said_can_be_downloaded_and_copied(window: ChatWindow, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    window.ask("What is a TISC?")
    answer = window.answered(2)
    answer.get_by_role("button", name="Copy").click()
    expect(window.status).to_have_text("The answer has been copied.")
    assert "TISC" in window.frame().evaluate("navigator.clipboard.readText()")
    window.button("menu").click()
    with page.expect_download() as download:
        window.button("transcript").click()
    assert "What is a TISC?" in Path(download.value.path()).read_text(encoding="utf-8")


def test_starting_over_erases_and_greets_again_unless_it_is_cancelled(window: ChatWindow) -> None:
    window.ask("What is a TISC?")
    window.answered(2)
    before = window.session()["id"]
    window.button("menu").click()
    window.button("start_over").click()
    window.button("cancel").click()
    expect(window.replies).to_have_count(2)
    window.button("start_over").click()
    window.dialog.get_by_role("button", name="Start over").click()
    expect(window.replies).to_have_count(1)
    expect(window.asked).to_have_count(0)
    window.is_ready()
    assert window.session()["id"] != before


def test_personal_data_is_sent_only_when_the_delegate_says_so(window: ChatWindow) -> None:
    window.ask("What is a TISC? Write to me at jane.doe@example.org")
    expect(window.dialog).to_contain_text("jane.doe@example.org")
    expect(window.asked).to_have_count(0)
    window.button("personal_edit").click()
    expect(window.field).to_have_value(re.compile("jane.doe"))
    window.field.press("Enter")
    window.button("personal_remove").click()
    expect(window.asked.last).to_contain_text("Write to me at [removed]")
    window.answered(2)
    window.ask("What is a TISC? My number is +41 22 555 01 23")
    window.button("personal_send").click()
    expect(window.asked.last).to_contain_text("+41 22 555 01 23")
    window.answered(3)


def test_a_question_that_is_too_long_stays_where_it_can_be_shortened(window: ChatWindow) -> None:
    window.ask("word " * 401)
    expect(window.inside.get_by_role("alert")).to_have_text(
        "Your question is too long. Please keep it under 2,000 characters."
    )
    expect(window.field).to_have_value(re.compile("^word word"))
    expect(window.asked).to_have_count(0)


def test_markup_in_a_question_stays_text(window: ChatWindow, watch: Watch) -> None:
    window.ask("<img src=x onerror=alert(1)><b>bold</b>")
    expect(window.asked.last).to_contain_text("<b>bold</b>")
    expect(window.asked.locator("img, b")).to_have_count(0)
    watch.saw_only()
