"""Somebody of the staff with a session, at a running assistant's pages; signing in has tests of its own."""

from __future__ import annotations

import asyncio
import http.client
import re
import secrets
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

from playwright.sync_api import BrowserContext

from bot.console.permissions import Role
from bot.store.database import Sessions, connect, migrate, sessions
from bot.store.staff import Staff, Way
from bot.store.staff_sessions import StaffSessions, hash_of

T = TypeVar("T")


def with_store(data: Path, work: Callable[[Sessions], Awaitable[T]]) -> T:
    """Does something with the database of a data folder, which is made where there is none."""

    async def run() -> T:
        engine = connect(f"sqlite+aiosqlite:///{data / 'assistant.db'}")
        try:
            await migrate(engine)
            return await work(sessions(engine))
        finally:
            await engine.dispose()

    with ThreadPoolExecutor(1) as elsewhere:
        # The browser's driver may have an event loop running in this thread.
        return elsewhere.submit(lambda: asyncio.run(run())).result()


class StaffMember:
    """An account with a session."""

    def __init__(self, data: Path, port: int, role: Role) -> None:
        self.port, self._value, self._csrf = port, secrets.token_urlsafe(32), secrets.token_urlsafe(32)

        async def sign_in(store: Sessions) -> int:
            now, name = datetime.now(UTC), f"{role}.{secrets.token_hex(4)}"
            account = (await Staff(store).add(name, role, Way.PASSWORD, None, "a test", now)).id
            kept = {"account": account, "csrf": self._csrf}
            await StaffSessions(store).begin(hash_of(self._value), account, kept, now)
            return account

        self.id = with_store(data, sign_in)

    def let_in(self, context: BrowserContext) -> None:
        """Gives a browser the session."""
        context.add_cookies([{"name": "staff", "value": self._value, "url": f"http://127.0.0.1:{self.port}"}])

    def get(self, path: str) -> str:
        """What a page says, without markup."""
        status, text, _ = self._call("GET", path, {})
        assert status == 200, (status, text)
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())

    def post(self, path: str, **fields: str) -> str:
        """Sends a form; gives the address that it leads to."""
        status, text, location = self._call("POST", path, {"csrf": self._csrf, **fields})
        assert status == 303, (status, text)
        return location

    def _call(self, method: str, path: str, fields: dict[str, str]) -> tuple[int, str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        headers = {
            "Cookie": f"staff={self._value}",
            "Origin": f"http://127.0.0.1:{self.port}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        connection.request(method, path, urlencode(fields) or None, headers)
        response = connection.getresponse()
        text = response.read().decode("utf-8", "replace")
        connection.close()
        return response.status, text, response.getheader("Location") or ""
