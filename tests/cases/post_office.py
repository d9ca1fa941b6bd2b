"""A real mail server on loopback that keeps what it takes, with a dial for what goes wrong."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

Step = str
"""EHLO, MAIL, RCPT, DATA (all of it has come), TAKEN (before the 250 goes out) or ANSWERED (after it went out)."""


@dataclass(repr=False)
class PostOffice:
    """What it was sent, in order. `at` is called in the server's thread whenever a step is reached."""

    refuses: dict[Step, str] = field(default_factory=dict)
    hangs_at: Step | None = None
    drops_at: Step | None = None
    at: Callable[[Step], None] = lambda _: None
    taken: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    port: int = 0
    greets: int = 0

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(content, policy=default) for _, _, content in self.taken]

    @property
    def ids(self) -> Counter[str]:
        return Counter(_message_id(content) for _, _, content in self.taken)

    def to(self, address: str) -> list[EmailMessage]:
        return [m for m, (_, recipients, _) in zip(self.messages, self.taken) if recipients == [address]]


class _Hooks:
    """What the library calls. It looks at every member of this at every connection, so there is nothing else here."""

    def __init__(self, office: PostOffice) -> None:
        self.office = office

    async def _reach(self, server: SMTP, step: Step) -> str | None:
        self.office.at(step)
        if self.office.hangs_at == step:
            await asyncio.sleep(3600)
        if self.office.drops_at == step and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
            raise asyncio.CancelledError
        return self.office.refuses.get(step)

    async def handle_EHLO(self, server: SMTP, session: Session, envelope: Envelope, hostname: str, said: Any) -> Any:
        self.office.greets += 1
        session.host_name = hostname
        refusal = await self._reach(server, "EHLO")
        return [refusal] if refusal else said

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = await self._reach(server, "MAIL")
        if refusal is None:
            envelope.mail_from = address
        return refusal or "250 fine"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = await self._reach(server, "RCPT")
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 fine"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        refusal = await self._reach(server, "DATA")
        if refusal is None:
            self.office.taken.append(
                (envelope.mail_from or "", list(envelope.rcpt_tos), envelope.original_content or b"")
            )
            refusal = await self._reach(server, "TAKEN")
        return refusal or "250 taken"


class _Server(SMTP):
    async def push(self, status: Any) -> None:
        await super().push(status)
        if isinstance(status, str) and status.startswith("250 taken"):
            hooks: _Hooks = self.event_handler
            hooks.office.at("ANSWERED")


@contextlib.contextmanager
def open_office(port: int = 0, **options: Any) -> Iterator[PostOffice]:
    """A post office in a thread of its own, which answers while the test waits."""
    office = PostOffice()
    hooks = _Hooks(office)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def listen() -> asyncio.Server:
        return await loop.create_server(
            lambda: _Server(hooks, loop=loop, hostname="127.0.0.1", **options), "127.0.0.1", port
        )

    async def close(server: asyncio.Server) -> None:
        server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result()
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        asyncio.run_coroutine_threadsafe(close(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _message_id(content: bytes) -> str:
    start = content.index(b"Message-ID: ") + len(b"Message-ID: ")
    return content[start : content.index(b"\r\n", start)].decode()
