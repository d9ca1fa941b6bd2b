"""Takes the letters of the outbox to the mail server; nothing is lost, and no two couriers send one at once."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from email.headerregistry import Address
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.cases.letters import Letters
from bot.cases.transport import FileTransport, NotNow, Posted, Refused, SmtpTransport, Transport
from bot.settings import HandoffSettings
from bot.store.case_tables import OutboxRow, file_name
from bot.store.outbox import Outbox
from knowledge.base import KnowledgeBase
from knowledge.records import Language

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]

BATCH = 50
"""Letters over one connection."""
LONGEST_WAIT = timedelta(hours=6)
"""Between two attempts."""
LONGEST_PAUSE = 300.0
"""Seconds after which a server that was away is asked again."""
HELD = timedelta(minutes=1)
"""After which a letter that a missing setting keeps back is looked at again."""
LONGEST_RECORD_PAUSE = 1.0
"""Seconds after which the database is asked again to take the record of a letter that was sent."""
LOOK_SECONDS = 1.0
"""How often the outbox is looked into while it is empty."""


class Courier:
    """One worker. A letter it holds is free for others some time after its lease, should it die."""

    def __init__(
        self,
        settings: HandoffSettings,
        folder: Path,
        outbox: Outbox,
        base: KnowledgeBase,
        letters: Letters,
        clock: Clock,
    ) -> None:
        self._settings, self._folder, self._outbox = settings, folder, outbox
        self._base, self._letters, self._clock = base, letters, clock
        self._worker = uuid.uuid4().hex
        # Connecting and one letter each take at most `smtp_seconds`; a third for what is slow in between.
        self._lease = timedelta(seconds=3 * settings.smtp_seconds)
        self._server_failures = 0
        self._seen: dict[int, tuple[tuple[datetime, datetime | None], float]] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Carries letters until told to stop; what it holds then is free at once."""
        if self._settings.smtp_host and self._settings.mail_from is None:
            await stop.wait()
            return
        try:
            while not stop.is_set():
                carried = await self.carry(stop)
                if not carried:
                    await self._free_what_the_clock_holds()
                pause = self._pause(carried)
                if pause:
                    await _until(stop, pause)
        finally:
            await self._outbox.release(self._worker)

    async def carry(self, stop: asyncio.Event) -> int:
        """Sends what is due, up to a batch; returns how many letters it took up."""
        claimed = time.monotonic()
        batch = await self._outbox.claim(self._worker, self._clock(), self._lease, BATCH)
        if not batch:
            return 0
        latest = claimed + self._lease.total_seconds() - self._settings.smtp_seconds
        waiting = list(batch)
        try:
            async with self._transport() as transport:
                self._server_failures = 0
                while waiting and not stop.is_set() and time.monotonic() < latest:
                    await self._send(transport, waiting.pop(0))
        except NotNow as error:
            self._server_failures += 1
            log.warning("courier.server_away", reason=str(error), failures=self._server_failures)
            await self._wait_for_server(waiting, str(error))
            waiting.clear()
        if waiting:
            await self._outbox.release(self._worker)
        return len(batch)

    async def _send(self, transport: Transport, letter: OutboxRow) -> None:
        """One letter; raises NotNow where the server cannot be used at all."""
        if not await self._outbox.is_held(letter, self._worker):
            return
        try:
            posted = self.posted(letter)
        except (LookupError, TypeError, ValueError) as error:
            # One letter that cannot be addressed must not stop all others.
            log.exception("courier.not_addressed", letter=letter.id, kind=letter.kind)
            await self._outbox.fail(letter, self._worker, self._clock(), f"it cannot be addressed: {error}")
            return
        if not isinstance(posted.recipient, Address) and self._settings.smtp_host:
            why = f"ADDRESS_{(letter.contact or '').upper()} is not set"
            await self._outbox.hold(letter, self._worker, self._clock() + HELD, why)
            return
        try:
            said = await transport.send(posted)
        except (Refused, LookupError, TypeError, ValueError) as error:
            log.error("courier.refused", letter=letter.id, kind=letter.kind, reason=str(error))
            await self._outbox.fail(letter, self._worker, self._clock(), str(error))
        except NotNow as error:
            if error.server:
                # Should this letter be what upsets the server, the others must not wait behind it.
                await self._later(letter, str(error))
                raise
            if isinstance(posted.recipient, Address):
                await self._later(letter, str(error))
            else:
                await self._outbox.hold(letter, self._worker, self._clock() + HELD, str(error))
        else:
            await self._record(letter, said)

    async def _record(self, letter: OutboxRow, said: str) -> None:
        """Keeps that a letter is sent, whatever it takes: forgotten, it would be sent again.

        While the database does not take it nothing else is begun, not even the end of this process.
        """
        failures = 0
        while True:
            try:
                await self._outbox.sent(letter, self._clock(), said)
            except (SQLAlchemyError, OSError) as error:
                failures += 1
                reason = f"{type(error).__name__}: {error}"
                log.error("courier.sent_not_recorded", letter=letter.id, failures=failures, reason=reason)
                await asyncio.sleep(min(0.1 * 2 ** min(failures, 10), LONGEST_RECORD_PAUSE))
            else:
                return

    def posted(self, letter: OutboxRow) -> Posted:
        """The letter with its addresses, as the settings give them now."""
        settings = self._settings
        language = Language(letter.language)
        sender = Address(self._letters.sender_name(language), addr_spec=settings.mail_from or "assistant@localhost")
        reply_to = None
        if settings.replies_to:
            local, _, domain = settings.replies_to.rpartition("@")
            reply_to = f"{local}+{letter.token}@{domain}"
        recipient: Address | str
        if letter.contact is None:
            recipient = Address(addr_spec=letter.address or "")
        else:
            name = self._base.contacts[letter.contact].name[Language.EN]
            address = settings.address_of(letter.contact)
            recipient = Address(name, addr_spec=address) if address else name
        return Posted(letter.content, sender, recipient, reply_to, file_name(letter))

    def written(self, letters: Sequence[OutboxRow]) -> dict[int, str]:
        """The names of the files that lie in the folder, for those of these letters that became one."""
        names = {letter.id: file_name(letter) for letter in letters}
        return {id_: name for id_, name in names.items() if (self._folder / name).exists()}

    def _transport(self) -> Transport:
        return SmtpTransport(self._settings) if self._settings.smtp_host else FileTransport(self._folder)

    async def _wait_for_server(self, letters: Sequence[OutboxRow], why: str) -> None:
        """The fault is none of these letters': they wait as long as we do, and no attempt is counted."""
        now = self._clock()
        again = now + timedelta(seconds=self._server_pause())
        for letter in letters:
            if not await self._given_up(letter, why):
                await self._outbox.wait(letter, self._worker, now, again, why)

    async def _later(self, letter: OutboxRow, why: str) -> None:
        if not await self._given_up(letter, why):
            now = self._clock()
            wait = timedelta(seconds=waiting_seconds(letter.attempts, self._settings.retry_seconds))
            await self._outbox.defer(letter, self._worker, now, now + wait, why)

    async def _given_up(self, letter: OutboxRow, why: str) -> bool:
        now = self._clock()
        if now - (letter.tried_at or now) <= timedelta(days=self._settings.delivery_days):
            return False
        log.error("courier.gave_up", letter=letter.id, kind=letter.kind, reason=why)
        await self._outbox.fail(letter, self._worker, now, why)
        return True

    def _pause(self, carried: int) -> float:
        if self._server_failures:
            return self._server_pause()
        return 0 if carried else LOOK_SECONDS

    def _server_pause(self) -> float:
        return min(waiting_seconds(self._server_failures - 1, self._settings.retry_seconds), LONGEST_PAUSE)

    async def _free_what_the_clock_holds(self) -> None:
        """A clock set back leaves letters due, or leased, in a far future; a steady clock tells when to free them."""
        now = self._clock()
        found = await self._outbox.far_off(now + 2 * LONGEST_WAIT, now + 2 * self._lease)
        moment = time.monotonic()
        self._seen = {
            letter: self._seen[letter] if letter in self._seen and self._seen[letter][0] == times else (times, moment)
            for letter, times in found.items()
        }
        for letter, (times, since) in self._seen.items():
            if moment - since > self._lease.total_seconds():
                await self._outbox.set_due(letter, times, now)


def waiting_seconds(attempts: int, first: float) -> float:
    """The wait after so many failed attempts before this one: doubling, up to LONGEST_WAIT, give or take a quarter."""
    wait: float = min(first * 2 ** min(attempts, 30), LONGEST_WAIT.total_seconds())
    return wait * random.uniform(0.75, 1.25)  # noqa: S311 - spreads attempts, guards nothing


async def _until(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
