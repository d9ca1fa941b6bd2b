"""The public port with the staff's pages on it, over a real database file, and browsers of the staff."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pyotp
import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient
from argon2 import PasswordHasher
from pytest_aiohttp import AiohttpClient
from yarl import URL

from bot.console.app import Installation
from bot.console.permissions import Role
from bot.desk import public_port
from bot.settings import ConsoleSettings, Settings
from bot.store.database import Sessions
from bot.store.staff import Staff, Way
from bot.store.staff_sessions import StaffSessions, hash_of
from bot.store.trail import Trail, Wanted
from knowledge.base import KnowledgeBase
from tests.console.content import HANDOFF
from tests.database import database_of

Client = TestClient[Any, Any]

PASSWORD = "correct horse battery"


class Page:
    """What a browser was shown."""

    def __init__(self, response: ClientResponse, text: str) -> None:
        self.response, self.status, self.text = response, response.status, text
        self.path = response.url.path

    @property
    def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.text)
        assert found, f"no form on {self.path}"
        return found[1]

    def said(self) -> str:
        """Its text, without markup."""
        blocks = re.sub(r"</?(a|bdi|span|strong|time)\b[^>]*>", "", self.text)
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", blocks)).split())


class Browser:
    """Somebody's browser. Its clock is the server's."""

    def __init__(self, client: Client) -> None:
        self.client, self.origin = client, str(client.make_url("")).rstrip("/")
        self.csrf_token = ""

    async def get(self, path: str, **options: Any) -> Page:
        response = await self.client.get(path, **options)
        return Page(response, await response.text(errors="replace"))

    async def post(self, path: str, fields: dict[str, str], **options: Any) -> Page:
        headers = {"Origin": self.origin, **options.pop("headers", {})}
        response = await self.client.post(path, data=fields, headers=headers, **options)
        return Page(response, await response.text(errors="replace"))

    async def send(self, page: Page, path: str = "", **fields: str) -> Page:
        """Sends a form of a page."""
        return await self.post(path or page.path, {"csrf": page.csrf, **fields})

    def keep_cookie(self, value: str) -> None:
        self.client.session.cookie_jar.update_cookies({"staff": value}, URL(self.origin))

    def cookie(self) -> str | None:
        kept = self.client.session.cookie_jar.filter_cookies(URL(self.origin))
        return next((one.value for name, one in kept.items() if name.endswith("staff")), None)


class Clock:
    """The real time, and what a test adds to it."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return now() + self.ahead

    def forward(self, **time: float) -> None:
        self.ahead += timedelta(**time)


@dataclass
class Console:
    """The staff's pages, running, and what stands behind them."""

    store: Sessions
    clock: Clock
    new_client: Callable[[], Awaitable[Client]]
    compared: list[str]
    secrets: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.staff, self.trail = Staff(self.store), Trail(self.store)

    async def account(self, name: str, role: Role = Role.READER, password: str = PASSWORD) -> int:
        """An account that can sign in."""
        now = datetime.now(UTC)
        row = await self.staff.add(name, role, Way.PASSWORD, None, "a test", now)
        await self.staff.set_password(row.id, _HASHED[password])
        self.secrets[name] = pyotp.random_base32()
        assert await self.staff.enrol(row.id, self.secrets[name], 0, now)
        return row.id

    async def visitor(self) -> Browser:
        return Browser(await self.new_client())

    async def signed_in(self, role: Role | None, name: str = "") -> Browser:
        """A browser with a session of an account of this role; of nobody where there is none."""
        browser = await self.visitor()
        if role is None:
            return browser
        name = name or f"{role}.{secrets.token_hex(4)}"
        known = await self.staff.by_name(name)
        account = known.id if known else (await self.staff.add(name, role, Way.PASSWORD, None, "a test", now())).id
        value = secrets.token_urlsafe(32)
        browser.csrf_token = secrets.token_urlsafe(32)
        data = {"account": account, "csrf": browser.csrf_token}
        await StaffSessions(self.store).begin(hash_of(value), account, data, now())
        browser.keep_cookie(value)
        return browser

    def code(self, name: str) -> str:
        """What the authenticator shows."""
        return pyotp.TOTP(self.secrets[name]).at(self.clock())

    @property
    def hashes_compared(self) -> int:
        """How often a password was hashed to be compared, which is what takes time."""
        return len(self.compared)

    async def acts(self, **wanted: Any) -> list[str]:
        """What the trail says was done, the newest first."""
        return [line.act for line in await self.trail.find(Wanted(**wanted), 100)]


_HASHED = {PASSWORD: PasswordHasher().hash(PASSWORD)}

Start = Callable[..., Awaitable[Console]]


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def start(
    store: Sessions,
    base: KnowledgeBase,
    tmp_path: Path,
    aiohttp_client: AiohttpClient,
    monkeypatch: pytest.MonkeyPatch,
) -> Start:
    compared: list[str] = []
    verify = PasswordHasher.verify

    def counted(hasher: PasswordHasher, stored: str, password: str) -> bool:
        compared.append(stored)
        return verify(hasher, stored, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)

    async def start_console(**console: Any) -> Console:
        settings, clock = Settings(data_dir=tmp_path, database_url=database_of(tmp_path)), Clock()
        installation = Installation(settings, ConsoleSettings(**console), HANDOFF, base, store, clock)
        first = await aiohttp_client(public_port(installation))

        async def another() -> Client:
            return await aiohttp_client(first.server)

        return Console(store, clock, another, compared)

    return start_console


@pytest.fixture
async def console(start: Start) -> Console:
    return await start()


def ago(**time: float) -> datetime:
    return now() - timedelta(**time)
