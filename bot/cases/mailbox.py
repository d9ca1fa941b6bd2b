"""The mailbox that replies come to, read over IMAP."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from collections.abc import Callable
from datetime import datetime

import structlog
from aioimaplib import IMAP4, IMAP4_SSL, AioImapException, Command
from sqlalchemy.exc import SQLAlchemyError

from bot.cases import imap
from bot.cases.intake import Intake
from bot.cases.putting_away import PuttingAway
from bot.settings import HandoffSettings

log = structlog.get_logger(__name__)

IDLE_SECONDS = 15 * 60.0
"""How long the server is left to tell by itself; some routers forget a silent connection after longer."""
STOPPING_SECONDS = 3.0
"""How long what is under way may take when the process ends."""
LONGEST_PAUSE = 300.0
"""Seconds between attempts to reach a server that is away."""


class Mailbox:
    """Every unseen message is taken, and marked as seen only when it is kept: at least once, and kept once."""

    def __init__(self, settings: HandoffSettings, intake: Intake, clock: Callable[[], datetime]) -> None:
        self._settings, self._intake = settings, intake
        self._putting_away = PuttingAway(settings, intake, clock)

    async def run(self, stop: asyncio.Event) -> None:
        """Reads until told to stop; a server that is away is tried again."""
        failures = 0
        while not stop.is_set():
            try:
                await self._session(stop)
                failures = 0
            except (AioImapException, OSError, imap.MailboxTrouble, SQLAlchemyError) as error:
                failures += 1
                log.warning("mailbox.away", reason=f"{type(error).__name__}: {error}".rstrip(": "), failures=failures)
                pause = min(self._settings.imap_seconds * 2 ** min(failures - 1, 8), LONGEST_PAUSE)
                await _first(stop.wait(), asyncio.sleep(pause))

    async def _session(self, stop: asyncio.Event) -> None:
        lost, told = asyncio.Event(), asyncio.Event()
        client = self._client(lost)
        _listen(client, told)
        try:
            await client.wait_hello_from_server()
            password = self._settings.imap_password.get_secret_value()
            imap.ok(await client.login(self._settings.imap_user, password), "the login")
            imap.ok(
                await client.select(imap.quoted(self._settings.imap_folder)), f"the folder {self._settings.imap_folder}"
            )
            # A command never hears by itself that the connection is gone.
            await _first(self._read(client, stop, lost, told), lost.wait(), _some_time_after(stop))
            if lost.is_set() and not stop.is_set():
                raise imap.MailboxTrouble("the server closed the connection")
        finally:
            with contextlib.suppress(AioImapException, OSError, TimeoutError):
                if not lost.is_set() and not client.has_pending_idle():
                    await asyncio.wait_for(client.logout(), 2)
            if client.protocol.transport is not None:
                client.protocol.transport.close()

    async def _read(self, client: IMAP4, stop: asyncio.Event, lost: asyncio.Event, told: asyncio.Event) -> None:
        while not stop.is_set() and not lost.is_set():
            await self._take_unseen(client, told)
            await self._until_something_comes(client, stop, lost, told)

    def _client(self, lost: asyncio.Event) -> IMAP4:
        settings = self._settings
        host = settings.imap_host or ""
        if settings.imap_security == "none":
            client = IMAP4(host, settings.imap_port or 143, timeout=imap.COMMAND_SECONDS)
        else:
            context = ssl.create_default_context(cafile=settings.mail_authorities)
            client = IMAP4_SSL(host, settings.imap_port or 993, timeout=imap.COMMAND_SECONDS, ssl_context=context)
        client.protocol.conn_lost_cb = lambda _: lost.set()
        return client

    async def _take_unseen(self, client: IMAP4, told: asyncio.Event) -> None:
        """Until a search finds nothing new: what comes while another message is read is not told again."""
        failed: set[str] = set()
        while True:
            told.clear()
            unseen = [uid for uid in await imap.search(client, "UNSEEN") if uid not in failed]
            for uid in unseen:
                try:
                    await self._take(client, uid)
                except (imap.MailboxTrouble, LookupError, TypeError, ValueError):
                    # It stays unseen and is tried again; those behind it must not wait for it.
                    log.exception("mailbox.not_taken", uid=uid)
                    failed.add(uid)
            await self._putting_away.put_away(client, [uid for uid in unseen if uid not in failed])
            if not unseen and not told.is_set():
                return

    async def _take(self, client: IMAP4, uid: str) -> None:
        raw = await imap.fetch(client, uid, self._settings.largest_message)
        if raw is None:
            return  # Deleted by somebody meanwhile.
        await self._intake.take(raw)
        await imap.mark(client, [uid], r"\Seen")

    async def _until_something_comes(
        self, client: IMAP4, stop: asyncio.Event, lost: asyncio.Event, told: asyncio.Event
    ) -> None:
        if not client.has_capability("IDLE"):
            await _first(stop.wait(), lost.wait(), asyncio.sleep(self._settings.imap_seconds))
            return
        idle = await asyncio.wait_for(client.idle_start(timeout=IDLE_SECONDS), imap.COMMAND_SECONDS)
        try:
            await _first(stop.wait(), lost.wait(), told.wait(), asyncio.sleep(IDLE_SECONDS))
        finally:
            if not lost.is_set():
                client.idle_done()
                await asyncio.wait_for(idle, imap.COMMAND_SECONDS)
            idle.cancel()
            while not client.protocol.idle_queue.empty():
                client.protocol.idle_queue.get_nowait()


def _listen(client: IMAP4, told: asyncio.Event) -> None:
    """Sets `told` whenever the server says how many messages there are, which the library heeds only during IDLE."""
    handle = client.protocol._handle_line

    def heed(line: bytes, command: Command) -> Command | None:
        if re.match(rb"\* \d+ EXISTS", line):
            told.set()
        return handle(line, command)

    client.protocol._handle_line = heed


async def _some_time_after(stop: asyncio.Event) -> None:
    await stop.wait()
    await asyncio.sleep(STOPPING_SECONDS)


async def _first(*waits: object) -> None:
    tasks = [asyncio.ensure_future(one) for one in waits]  # type: ignore[call-overload]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
