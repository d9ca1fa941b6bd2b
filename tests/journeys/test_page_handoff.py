"""A question to a person taken down in the window, in English and in Arabic."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from knowledge.base import KnowledgeBase
from knowledge.records import Language
from tests.journeys.browsing import PHONE, Watch, show
from tests.journeys.conftest import Assistant
from tests.journeys.test_conversations import REFERENCE

pytestmark = pytest.mark.journey

SAYS = {
    "en": ("I want to talk to a person", "Maria Silva", "Peru", "May our office host a workshop next year?"),
    "ar": ("أريد التحدث إلى شخص", "ليلى حداد", "الأردن", "هل يمكن لمكتبنا استضافة حلقة عمل في العام المقبل؟"),
}


@pytest.mark.parametrize("language", SAYS)
def test_from_the_wish_for_a_person_to_the_reference_number(
    browser: Browser,
    assistant: Assistant,
    texts: dict[str, dict[str, str]],
    base: KnowledgeBase,
    language: str,
) -> None:
    context = browser.new_context(viewport=PHONE, reduced_motion="reduce")
    page = context.new_page()
    watch = Watch(page, assistant.address)
    window = show(page, assistant.address, language, texts[language])
    phrases = base.phrases[Language(language)]
    wish, name, state, question = SAYS[language]

    for number, said in enumerate((wish, name, state, "maria@example.org", question), 2):
        window.ask(said)
        reply = window.answered(number)
        expect(window.dialog).to_have_count(0)
        expect(reply).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    reply.get_by_role("button", name=phrases("handoff.button.send_along"), exact=True).click()
    review = window.answered(7)
    for told in (name, state, "maria@example.org", question):
        expect(review).to_contain_text(told)
    review.get_by_role("button", name=phrases("handoff.button.send"), exact=True).click()
    expect(window.answered(8)).to_contain_text(re.compile(REFERENCE.pattern))
    watch.saw_only()
    context.close()


def test_cancelled_by_its_button(
    browser: Browser, assistant: Assistant, texts: dict[str, dict[str, str]], base: KnowledgeBase
) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    window = show(page, assistant.address, "en", texts["en"])
    phrases = base.phrases[Language.EN]
    window.ask("put me through to a human")
    window.answered(2).get_by_role("button", name=phrases("handoff.button.cancel"), exact=True).click()
    expect(window.answered(3)).to_contain_text("Nothing has been sent")
    window.ask("My address is maria@example.org")
    expect(window.dialog).to_contain_text("maria@example.org")
    context.close()
