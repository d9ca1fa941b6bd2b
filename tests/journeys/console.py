"""The desk's own process with the staff's pages on it, filled; and a colleague who signs in as everybody does."""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

import pyotp
from playwright.sync_api import Page

from bot.launch.preflight import free_loopback_port
from bot.settings import ROOT
from bot.store.database import Sessions
from knowledge.base import KnowledgeBase
from tests.console.content import Cases, fill
from tests.console.publications import Publications, fill_publications
from tests.console.turns import Turns, fill_record
from tests.journeys.staff import with_store

READY_SECONDS = 60
PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class RunningConsole:
    """Where it is, and what is in it."""

    address: str
    folder: Path
    cases: Cases
    turns: Turns
    publications: Publications

    def command(self, *arguments: str) -> str:
        """What the command line of the staff's accounts prints."""
        command = [sys.executable, "-m", "bot.console", "staff", *arguments]
        environ = {**os.environ, "DATA_DIR": str(self.folder), "CONSOLE_ADDRESS": self.address}
        return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True).stdout


@contextmanager
def running_console(folder: Path, base: KnowledgeBase) -> Iterator[RunningConsole]:
    """Without an engine: the staff's pages need none."""
    filled = with_store(folder, lambda store: _filled(store, folder, base))
    port, actions_port = free_loopback_port(), free_loopback_port()
    environ = {**os.environ, "DATA_DIR": str(folder), "PORT": str(port), "ACTIONS_PORT": str(actions_port)}
    with (folder / "desk.log").open("w") as log:
        process = subprocess.Popen([sys.executable, "-m", "bot.desk"], cwd=ROOT, env=environ, stdout=log, stderr=log)
        try:
            _wait(port, process)
            yield RunningConsole(f"http://127.0.0.1:{port}", folder, *filled)
        finally:
            process.terminate()
            process.wait()


async def _filled(store: Sessions, folder: Path, base: KnowledgeBase) -> tuple[Cases, Turns, Publications]:
    cases = await fill(store, base, folder, lambda: datetime.now(UTC))
    turns = await fill_record(store, datetime.now(UTC))
    publications = await fill_publications(store, base, folder, datetime.now(UTC))
    return cases, turns, publications


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise AssertionError("the desk does not answer; see desk.log in its folder")


class Colleague:
    """Somebody of the staff, in a browser, from the link they are given on."""

    def __init__(self, page: Page, console: RunningConsole, name: str, role: str) -> None:
        self.page, self.console, self.name = page, console, name
        printed = console.command("add", name, "--role", role)
        found = re.search(r"http\S+/console/set-up/\S+", printed)
        assert found, printed
        self.link = found[0]
        self._secret = ""

    def choose_password(self) -> None:
        self.page.goto(self.link)
        self.page.get_by_label("New password").fill(PASSWORD)
        self.page.get_by_label("The same again").fill(PASSWORD)
        self.page.get_by_role("button", name="Save the password").click()

    def give_password(self) -> None:
        self.page.get_by_label("Name").fill(self.name)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()

    def enrol(self) -> None:
        """Types the secret into an authenticator, and its code into the page."""
        self._secret = self.page.locator("#secret").inner_text().replace(" ", "")
        self.page.get_by_label("Six digits").fill(pyotp.TOTP(self._secret).now())
        self.page.get_by_role("button", name="Confirm and sign in").click()

    def sign_in(self) -> None:
        """All of it, the first time."""
        self.choose_password()
        self.give_password()
        self.enrol()
