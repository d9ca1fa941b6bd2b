"""`python -m bot.demo.screenshots`: the states of the window, and a letter, as pictures in docs/images/.

With names of pictures after it, only those are taken.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from playwright.sync_api import Browser, FrameLocator, Page, ViewportSize, expect, sync_playwright

from bot.demo.host import hosted
from bot.demo.letters import SETTINGS, answer, arrived, as_opened
from bot.evaluate.asking import assistant
from bot.launch.preflight import free_loopback_port
from bot.settings import ROOT
from knowledge.base import load
from knowledge.phrases import Phrases
from knowledge.records import Language

IMAGES = ROOT / "docs/images"
PHONE: ViewportSize = {"width": 390, "height": 760}
NARROW: ViewportSize = {"width": 320, "height": 568}
DESKTOP: ViewportSize = {"width": 1100, "height": 760}
ANSWER_MS = 20_000
QUESTIONS = {
    Language.EN: "Who is eligible for a master's scholarship?",
    Language.FR: "Qu'est-ce qu'un CATI ?",
    Language.ES: "¿Qué es un CATI?",
    Language.AR: "ما هي مراكز دعم التكنولوجيا والابتكار؟",
    Language.ZH: "什么是产权组织的2019冠状病毒病一揽子应对方案？",
    Language.RU: "Что такое посредничество в ВОИС?",
}


class Scene:
    """The window on a page, in one language, and what is done to it before the picture is taken."""

    def __init__(self, page: Page, phrases: Phrases) -> None:
        self.page, self._phrases = page, phrases
        self.inside: FrameLocator = page.frame_locator("help-for-delegates iframe")
        self.replies = self.inside.locator(".assistant")

    def opened(self) -> None:
        """Waits for the welcome."""
        expect(self.inside.locator("help-window")).to_have_attribute("data-ready", "true", timeout=ANSWER_MS)

    def press(self, key: str) -> None:
        """Presses the button that a phrase names."""
        self.inside.get_by_role("button", name=self._phrases(f"window.{key}"), exact=True).click()

    def say(self, text: str) -> None:
        """Types and sends."""
        field = self.inside.locator("#text")
        field.fill(text)
        field.press("Enter")

    def ask(self) -> None:
        """Asks, and waits for the answer."""
        self.say(QUESTIONS[self._phrases.language])
        expect(self.replies).to_have_count(2, timeout=ANSWER_MS)

    def sources(self) -> None:
        """An answer with its sources open."""
        self.ask()
        self.replies.last.locator("summary").click()

    def feedback(self) -> None:
        """What was missing?"""
        self.ask()
        self.replies.last.get_by_role("button", name=self._phrases("window.helpful_no"), exact=True).click()
        self.replies.last.locator("form").scroll_into_view_if_needed()

    def contact(self) -> None:
        """An answer that names whom to ask."""
        self.say("How much does ASPI cost for a patent office?")
        expect(self.replies).to_have_count(2, timeout=ANSWER_MS)

    def warning(self) -> None:
        """Before personal data is sent."""
        self.say("Who may apply? Write to me at jane.doe@example.org or +41 22 555 01 23")
        expect(self.inside.get_by_role("dialog")).to_be_visible()

    def offline(self) -> None:
        """A question that is kept."""
        self.ask()
        self.page.context.set_offline(True)
        self.say("And what does it cover?")
        expect(self.inside.locator("#retry")).to_be_visible()

    def failing(self) -> None:
        """Something answers, but not the service."""
        self.page.route("**/messages*", lambda route: route.fulfill(status=502))
        self.say(QUESTIONS[self._phrases.language])
        expect(self.inside.locator("#retry")).to_be_visible()

    def menu(self) -> None:
        """The menu over the conversation."""
        self.ask()
        self.press("menu")

    def erasing(self) -> None:
        """The question back before all is erased."""
        self.menu()
        self.press("erase")

    def erased(self) -> None:
        """Nothing is left."""
        self.erasing()
        self.press("erase_do")
        expect(self.inside.locator("#anew")).to_be_visible()

    def to_a_person(self) -> None:
        """A question that the assistant cannot answer, handed to a person."""
        for number, step in enumerate(TO_A_PERSON, 2):
            if step in self._phrases.below("handoff.button"):
                name = self._phrases(f"handoff.button.{step}")
                self.replies.last.get_by_role("button", name=name, exact=True).click()
            else:
                self.say(step)
            expect(self.replies).to_have_count(number, timeout=ANSWER_MS)

    def nothing(self) -> None:
        """As it opens."""


TO_A_PERSON = (
    *("How can a request for mediation be filed?", "How long does a mediation usually take?"),
    *("I want to talk to a person",),
    *("Maria Silva", "Peru", "maria.silva@example.org", "send_this", "send_along", "send"),
)
"""What is said, and which buttons of the form are pressed. To the Center: no words are put into a person's mouth."""
ANSWER = """Dear Ms. Silva,

Thank you for your question. That depends on the case: please tell us in a few lines what it is about, and we will \
look at it with you."""

Act = Callable[[Scene], None]
PICTURES: tuple[tuple[str, Language, ViewportSize, Act], ...] = (
    ("page", Language.EN, DESKTOP, Scene.sources),
    ("window-open", Language.EN, PHONE, Scene.nothing),
    ("window-answer", Language.EN, PHONE, Scene.sources),
    ("window-answer-fr", Language.FR, PHONE, Scene.sources),
    ("window-answer-es", Language.ES, PHONE, Scene.sources),
    ("window-answer-ar", Language.AR, PHONE, Scene.sources),
    ("window-answer-zh", Language.ZH, PHONE, Scene.sources),
    ("window-answer-ru", Language.RU, PHONE, Scene.sources),
    ("window-contact", Language.EN, PHONE, Scene.contact),
    ("window-form", Language.EN, PHONE, Scene.feedback),
    ("window-warning", Language.EN, PHONE, Scene.warning),
    ("window-offline", Language.EN, PHONE, Scene.offline),
    ("window-error", Language.EN, PHONE, Scene.failing),
    ("window-menu", Language.EN, PHONE, Scene.menu),
    ("window-erase", Language.AR, PHONE, Scene.erasing),
    ("window-erased", Language.EN, PHONE, Scene.erased),
    ("window-dark", Language.EN, PHONE, Scene.sources),
    ("window-forced-colours", Language.EN, PHONE, Scene.sources),
    ("window-320", Language.RU, NARROW, Scene.sources),
)


def visit(browser: Browser, address: str, name: str, language: Language, size: ViewportSize) -> Page:
    """A page in the conditions that a picture's name tells."""
    context = browser.new_context(
        viewport=size,
        locale=str(language),
        timezone_id="Europe/Zurich",
        reduced_motion="reduce",
        color_scheme="dark" if name.endswith("dark") else "light",
        forced_colors="active" if name.endswith("colours") else "none",
    )
    page = context.new_page()
    page.goto(f"{address}/?language={language}")
    return page


def letter_and_answer(browser: Browser, address: str, data: Path, lmtp_port: int, phrases: Phrases) -> None:
    """The question as the contact gets it; and in the window that a person is asked, then what they answer."""
    page = visit(browser, address, "window-waiting", Language.EN, PHONE)
    scene = Scene(page, phrases)
    scene.opened()
    scene.to_a_person()
    page.screenshot(path=IMAGES / "window-waiting.png")
    question = arrived(data, "question")
    letter = browser.new_page(viewport=DESKTOP)
    letter.set_content(as_opened(question))
    letter.screenshot(path=IMAGES / "handoff-letter.png")
    answer(question, ANSWER, lmtp_port)
    expect(scene.inside.locator(".person")).to_be_visible(timeout=ANSWER_MS)
    page.screenshot(path=IMAGES / "window-person.png")


def main(wanted: Sequence[str] = ()) -> int:
    """Writes the pictures."""
    base = load()
    lmtp_port = free_loopback_port()
    with (
        tempfile.TemporaryDirectory() as data,
        assistant(Path(data), **SETTINGS, lmtp_port=lmtp_port) as running,
        sync_playwright() as playwright,
    ):
        address = f"http://127.0.0.1:{running.port}"
        browser = playwright.chromium.launch(executable_path=os.environ["BROWSER_PATH"], args=["--no-sandbox"])
        if not wanted or not {"handoff-letter", "window-waiting", "window-person"}.isdisjoint(wanted):
            letter_and_answer(browser, address, Path(data), lmtp_port, base.phrases[Language.EN])
        for name, language, size, act in PICTURES:
            if wanted and name not in wanted:
                continue
            page = visit(browser, address, name, language, size)
            scene = Scene(page, base.phrases[language])
            scene.opened()
            act(scene)
            page.screenshot(path=IMAGES / f"{name}.png")
            page.context.close()
        if wanted and "window-closed" not in wanted:
            return 0
        with hosted(address) as foreign:
            page = browser.new_page(viewport=DESKTOP)
            page.goto(foreign)
            expect(page.locator("help-for-delegates button")).to_be_visible()
            page.screenshot(path=IMAGES / "window-closed.png")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
