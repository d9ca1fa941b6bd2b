"""The whole assistant, started as `make run` starts it, and a delegate who talks to it over the chat API."""

from __future__ import annotations

import http.client
import json
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bot.evaluate.asking import Running
from bot.evaluate.asking import assistant as started
from knowledge.base import KnowledgeBase
from knowledge.records import Language
from tests.journeys.browsing import DESKTOP, FLAGS, ChatWindow, Watch, show

PATIENCE = 60
"""Seconds in which every message is answered, however busy the machine."""


@dataclass
class Assistant:
    """The running assistant, and how to call it."""

    running: Running

    @property
    def port(self) -> int:
        return self.running.port

    @property
    def data(self) -> Path:
        return self.running.data

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def call(
        self, method: str, path: str, body: Any = None, token: str | None = None
    ) -> tuple[int, Any, http.client.HTTPMessage]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        raw = response.read()
        connection.close()
        kind = response.headers.get_content_type()
        return response.status, json.loads(raw) if raw and kind.endswith("json") else raw.decode(), response.headers

    def engine(self) -> psutil.Process:
        """Rasa's process."""
        for process in psutil.Process(self.running.pid).children(recursive=True):
            if "bot.engine.serve" in process.cmdline():
                return process
        raise AssertionError("the engine is not running; see log/engine.log in the data folder")


class Delegate:
    """Somebody in a conversation of their own."""

    def __init__(self, assistant: Assistant, language: str = "en") -> None:
        self.assistant = assistant
        status, opened, _ = assistant.call("POST", "/api/v1/conversations", {"language": language})
        assert status == 201, opened
        self.path, self.token = f"/api/v1/conversations/{opened['id']}", opened["token"]

    def call(self, method: str, path: str = "", body: Any = None) -> tuple[int, Any, http.client.HTTPMessage]:
        return self.assistant.call(method, self.path + path, body, self.token)

    def send(self, message_id: str | None = None, **what: str) -> tuple[int, Any, http.client.HTTPMessage]:
        return self.call("POST", "/messages", {"client_message_id": message_id or str(uuid.uuid4()), **what})

    def say(self, text: str) -> dict[str, Any]:
        return self._answer(text=text)

    def press(self, payload: str) -> dict[str, Any]:
        return self._answer(payload=payload)

    def _answer(self, **what: str) -> dict[str, Any]:
        """The turn. While it is under way the message is sent again, as the page does: a busy machine may be slow."""
        message_id, deadline = str(uuid.uuid4()), time.monotonic() + PATIENCE
        status, turn, _ = self.send(message_id, **what)
        while status == HTTPStatus.SERVICE_UNAVAILABLE and time.monotonic() < deadline:
            time.sleep(0.1)
            status, turn, _ = self.send(message_id, **what)
        assert status == HTTPStatus.OK, turn
        return turn  # type: ignore[no-any-return]


@contextmanager
def assistant_with(folders: pytest.TempPathFactory, **settings: object) -> Iterator[Assistant]:
    """A running assistant with these settings, in a folder of its own."""
    with started(folders.mktemp("data"), **settings) as running:
        yield Assistant(running)


@pytest.fixture(scope="session")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with assistant_with(tmp_path_factory) as started_one:
        yield started_one


@pytest.fixture
def delegate(assistant: Assistant) -> Delegate:
    return Delegate(assistant)


@pytest.fixture
def until() -> Callable[[Callable[[], bool], str], None]:
    """Waits until something holds, or fails saying what did not."""

    def wait(holds: Callable[[], bool], what: str, seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
            time.sleep(0.1)

    return wait


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = os.environ.get("BROWSER_PATH")
    assert path, "no BROWSER_PATH; run the tests with `make test`, which finds or installs Chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def texts(base: KnowledgeBase) -> dict[str, dict[str, str]]:
    """What the window says, by language."""
    return {str(language): base.phrases[language].below("window") for language in Language}


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=DESKTOP, color_scheme="light", reduced_motion="reduce", locale="en")
    yield context.new_page()
    context.close()


@pytest.fixture
def watch(page: Page, assistant: Assistant) -> Watch:
    return Watch(page, assistant.address)


@pytest.fixture
def window(page: Page, watch: Watch, assistant: Assistant, texts: dict[str, dict[str, str]]) -> ChatWindow:
    """The window on our own page, in English, ready."""
    return show(page, assistant.address, "en", texts["en"])
