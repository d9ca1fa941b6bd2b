"""How a letter leaves the house: to a mail server, or into a file where none is set."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import socket
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import aiosmtplib
from aiosmtplib import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from bot.cases.freetext import line
from bot.cases.letters import addressed
from bot.settings import HandoffSettings

_PERMANENT = 500
_LONGEST_RESPONSE = 500
"""Characters of what a server says when it has taken a letter; what a database might refuse is not among them."""


class NotNow(Exception):
    """The letter was not taken and may be tried again. `server` tells that it is not about this letter."""

    def __init__(self, why: str, *, server: bool = False) -> None:
        super().__init__(why)
        self.server = server


class Refused(Exception):
    """The letter will never be taken. The message is what the server said."""


@dataclass(frozen=True)
class Posted:
    """A letter with all that sending it takes."""

    content: bytes
    sender: Address
    recipient: Address | str
    """A text, the contact's name, where no address is set: only a file can be made of it."""
    reply_to: str | None
    file: str
    """The name of the file, where it becomes one."""

    def whole(self) -> bytes:
        """The message as it travels."""
        return addressed(self.content, self.sender, self.recipient, self.reply_to)


class Transport(Protocol):
    """Takes letters, several in a row."""

    async def __aenter__(self) -> Self:
        """Raises NotNow where no letter can be taken."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends politely."""

    async def send(self, letter: Posted) -> str:
        """What the server said when it took the letter.

        Raises:
            NotNow: it may be tried again.
            Refused: it will never be taken.
        """


class SmtpTransport:
    """One connection to the mail server. Nothing takes longer than `smtp_seconds`."""

    def __init__(self, settings: HandoffSettings) -> None:
        self._settings = settings
        context = None
        if settings.mail_authorities:
            context = ssl.create_default_context(cafile=settings.mail_authorities)
        port = {"tls": 465, "starttls": 587, "none": 25}[settings.smtp_security]
        self._client = aiosmtplib.SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port or port,
            username=settings.smtp_user,
            password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
            use_tls=settings.smtp_security == "tls",
            start_tls=settings.smtp_security == "starttls",
            tls_context=context,
            timeout=settings.smtp_seconds,
        )

    async def __aenter__(self) -> Self:
        try:
            async with asyncio.timeout(self._settings.smtp_seconds):
                await self._client.connect(local_hostname=await asyncio.to_thread(_own_name))
        except (SMTPException, OSError) as error:
            self._client.close()
            raise NotNow(_said(error), server=True) from None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(SMTPException, OSError):
            if self._client.is_connected and error is None:
                await self._client.quit(timeout=1)
        self._client.close()

    async def send(self, letter: Posted) -> str:
        """As Transport says."""
        if not isinstance(letter.recipient, Address):
            raise NotNow("no address is set")
        recipient = letter.recipient.addr_spec
        options = [] if recipient.isascii() else ["SMTPUTF8"]
        if options and not self._client.supports_extension("smtputf8"):
            raise Refused("the mail server takes no address that is not ASCII")
        sender = letter.reply_to or letter.sender.addr_spec
        try:
            async with asyncio.timeout(self._settings.smtp_seconds):
                _, said = await self._client.sendmail(sender, [recipient], letter.whole(), mail_options=options)
        except SMTPRecipientsRefused as error:
            raise _by_code(error.recipients[0]) from None
        except SMTPDataError as error:
            raise _by_code(error) from None
        except SMTPSenderRefused as error:
            # What the server holds against our own address is a fault of the settings, not of the letter.
            raise NotNow(_said(error)) from None
        except (SMTPException, OSError) as error:
            self._client.close()
            raise NotNow(_said(error), server=True) from None
        return line(said, _LONGEST_RESPONSE)


class FileTransport:
    """Writes letters as .eml files, for an installation without a mail server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def __aenter__(self) -> Self:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NotNow(_said(error), server=True) from None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is left open."""

    async def send(self, letter: Posted) -> str:
        """As Transport says; the file is there whole or not at all."""
        path = self._folder / letter.file
        try:
            await asyncio.to_thread(_write, path, letter.whole())
        except OSError as error:
            raise NotNow(_said(error), server=True) from None
        if not isinstance(letter.recipient, Address):
            raise NotNow(f"written to {path.name}; no address is set")
        return f"written to {path.name}; no mail server is set"


@functools.cache
def _own_name() -> str:
    """What we greet the server with; asked of the name service once."""
    return socket.getfqdn()


def _write(path: Path, content: bytes) -> None:
    part = path.with_suffix(".part")
    part.write_bytes(content)
    part.replace(path)


def _by_code(error: SMTPResponseException) -> NotNow | Refused:
    return Refused(_said(error)) if error.code >= _PERMANENT else NotNow(_said(error))


def _said(error: Exception) -> str:
    if isinstance(error, SMTPResponseException):
        return f"{error.code} {error.message}"
    return f"{type(error).__name__}: {error}".rstrip(": ")
