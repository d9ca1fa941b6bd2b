"""The staff's pages by themselves, over any database, and a colleague who is signed in already."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from aiohttp import web

from bot.console.app import Installation, console_app, mount
from bot.console.permissions import Role
from bot.console.sessions import Clock
from bot.launch.preflight import free_loopback_port
from bot.settings import ConsoleSettings, HandoffSettings, Settings
from bot.store.database import Sessions
from bot.store.staff import Staff, Way
from bot.store.staff_sessions import StaffSessions, hash_of
from knowledge.base import KnowledgeBase

COOKIE = "staff"
"""Its name, over HTTP."""


@asynccontextmanager
async def console(store: Sessions, base: KnowledgeBase, clock: Clock) -> AsyncIterator[str]:
    """The pages on a loopback port; gives their address, to which /console/ is added."""
    public = web.Application()
    mount(public, console_app(Installation(Settings(), ConsoleSettings(), HandoffSettings(), base, store, clock)))
    runner, port = web.AppRunner(public, access_log=None), free_loopback_port()
    try:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


async def signed_in(store: Sessions, role: Role, now: datetime, name: str = "demonstration") -> str:
    """The cookie of a new session of an account, which is made if need be."""
    known = await Staff(store).by_name(name)
    account = known or await Staff(store).add(name, role, Way.OPENID, None, name, now)
    cookie = secrets.token_urlsafe(32)
    data = {"account": account.id, "csrf": secrets.token_urlsafe(32)}
    await StaffSessions(store).begin(hash_of(cookie), account.id, data, now)
    return cookie
