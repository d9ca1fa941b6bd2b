"""The chat window in a real browser, as a delegate meets it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import ConsoleMessage, Frame, Locator, Page, Request, ViewportSize, expect

ANSWER_MS = 20_000
"""In which every answer appears, however busy the machine."""
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}


class ChatWindow:
    """The window on a page, and what its parts are called in one language."""

    def __init__(self, page: Page, texts: Mapping[str, str]) -> None:
        self.page, self.texts = page, texts
        self.inside = page.frame_locator("help-for-delegates iframe")
        self.element = self.inside.locator("help-window")
        self.launcher = page.locator("help-for-delegates button")
        self.field = self.inside.get_by_role("textbox", name=texts["message"], exact=True)
        self.log = self.inside.get_by_role("log")
        self.asked = self.log.locator(".delegate")
        self.replies = self.log.locator(".assistant")
        self.by_persons = self.log.locator(".person")
        self.case = self.inside.locator(".case")
        self.status = self.inside.get_by_role("status")
        self.dialog = self.inside.get_by_role("dialog")

    def button(self, key: str) -> Locator:
        """The button that a text names."""
        return self.inside.get_by_role("button", name=self.texts[key], exact=True)

    def is_ready(self) -> ChatWindow:
        """Waits until the welcome stands there."""
        expect(self.element).to_have_attribute("data-ready", "true", timeout=ANSWER_MS)
        expect(self.replies.first).to_be_visible()
        return self

    def ask(self, question: str) -> None:
        """Types and sends."""
        self.field.fill(question)
        self.field.press("Enter")

    def answered(self, number: int) -> Locator:
        """The reply of that number, the welcome being number 1, once it is there."""
        expect(self.replies).to_have_count(number, timeout=ANSWER_MS)
        return self.replies.nth(number - 1)

    def frame(self) -> Frame:
        """The document inside."""
        (found,) = (frame for frame in self.page.frames if "/widget/frame" in frame.url)
        return found

    def session(self) -> dict[str, Any]:
        """The conversation as the browser keeps it."""
        kept: dict[str, Any] = self.frame().evaluate("JSON.parse(localStorage['help-for-delegates.session'])")
        return kept


class Watch:
    """What a page did that it should not: errors on its console, and calls to anybody but us."""

    def __init__(self, page: Page, *ours: str) -> None:
        self.errors: list[str] = []
        self.elsewhere: list[str] = []
        self._ours = ours
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._heard)
        page.on("request", self._called)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def _called(self, request: Request) -> None:
        if not request.url.startswith((*self._ours, "data:", "blob:")):
            self.elsewhere.append(request.url)

    def saw_only(self, *expected: str) -> None:
        """Checks that every error is one of those expected, and that nobody else was called."""
        assert [one for one in self.errors if not any(re.search(e, one) for e in expected)] == []
        assert self.elsewhere == []


def show(page: Page, address: str, language: str, texts: Mapping[str, str]) -> ChatWindow:
    """Opens the first page in a language and waits for the window on it."""
    page.set_default_timeout(ANSWER_MS)
    page.goto(f"{address}/?language={language}")
    return ChatWindow(page, texts).is_ready()
