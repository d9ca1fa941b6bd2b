"""Replies handed over by a mail server of the house, over LMTP (RFC 2033)."""

from __future__ import annotations

import asyncio

import structlog
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from bot.cases.intake import Intake
from bot.settings import HandoffSettings

log = structlog.get_logger(__name__)


class _Patient(LMTP):
    line_length_limit = 64 * 1024
    """Bytes; mail servers pass on lines far longer than the standard allows."""


class Handover:
    """Takes mail for the reply address alone, and says 250 only when it is kept."""

    def __init__(self, settings: HandoffSettings, intake: Intake) -> None:
        self._settings, self._intake = settings, intake
        self._local, _, self._domain = (settings.replies_to or "").casefold().rpartition("@")

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """One recipient at a time: after DATA, LMTP wants an answer for each, which the library does not give."""
        local, _, domain = address.casefold().rpartition("@")
        if domain != self._domain or local.partition("+")[0] != self._local:
            return "550 5.1.1 no such mailbox here"
        if envelope.rcpt_tos:
            return "452 4.5.3 one recipient at a time"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keeps the message."""
        content = envelope.original_content or b""
        if envelope.mail_from in (None, "", "<>"):
            # What comes from the empty address is a machine's; the header is how a reader can tell.
            content = b"Return-Path: <>\r\n" + content
        try:
            await self._intake.take(content, envelope.rcpt_tos)
        except Exception as error:  # noqa: BLE001 - whatever it is, the message must come again
            return await self.handle_exception(error)
        return "250 2.0.0 kept"

    async def handle_exception(self, error: Exception) -> str:
        """Whatever failed here may go well later; anything but 4xx would send the message back to its writer."""
        log.error("lmtp.not_kept", exc_info=error)
        return "451 4.3.0 not kept; try again"

    async def run(self, stop: asyncio.Event) -> None:
        """Listens until told to stop."""

        def protocol() -> LMTP:
            return _Patient(
                self,
                data_size_limit=self._settings.largest_message,
                enable_SMTPUTF8=True,
                # Else it asks the name service at every connection, and everything here waits.
                hostname=self._domain,
                ident="LMTP",
            )

        loop = asyncio.get_running_loop()
        server = await loop.create_server(protocol, str(self._settings.lmtp_host), self._settings.lmtp_port)
        async with server:
            await stop.wait()
