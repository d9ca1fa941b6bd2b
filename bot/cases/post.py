"""The courier's process: letters out, replies in, and what time does, side by side until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial

import structlog

from bot.cases.ageing import Ageing
from bot.cases.answers import Answers
from bot.cases.courier import Courier
from bot.cases.desk import message_id_domain
from bot.cases.intake import Intake
from bot.cases.letters import Letters
from bot.cases.lmtp import Handover
from bot.cases.mailbox import Mailbox
from bot.settings import HandoffSettings, Settings
from bot.store.cases import Cases
from bot.store.database import Sessions
from bot.store.inbox import Inbox
from bot.store.nodes import RENEW_SECONDS, Lease
from bot.store.outbox import Outbox
from knowledge.base import KnowledgeBase

log = structlog.get_logger(__name__)

AGEING_SECONDS = 60.0
"""How often what is old is looked for."""


AGAIN_SECONDS = 10.0
"""After which a part that failed is begun anew."""

Part = Callable[[asyncio.Event], Awaitable[None]]


class Post:
    """All parts over one database."""

    def __init__(
        self,
        settings: Settings,
        handoff: HandoffSettings,
        sessions: Sessions,
        base: KnowledgeBase,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._handoff, self._base, self._clock = handoff, base, clock
        self._sessions, self._node = sessions, settings.node
        outbox, inbox = Outbox(sessions), Inbox(sessions)
        letters = Letters(base, message_id_domain(handoff))
        self.courier = Courier(handoff, settings.data / "outbox", outbox, base, letters, clock)
        self.intake = Intake(handoff, inbox, outbox, letters, Answers(base, outbox, letters), clock)
        self.ageing = Ageing(handoff, Cases(sessions), outbox, inbox, letters, settings.data / "outbox")
        self.mailbox = Mailbox(handoff, self.intake, clock) if handoff.imap_host else None
        self.handover = Handover(handoff, self.intake) if handoff.lmtp_port and handoff.replies_to else None

    async def run(self, stop: asyncio.Event) -> None:
        """Runs every part; what stops one does not stop the others."""
        for missing in self._handoff.missing(self._base.contacts):
            log.warning("handoff.missing", what=missing)
        # Several couriers share the letters by their leases; the rest one machine does.
        parts: list[Part] = [self.courier.run, partial(self._alone, "ageing", self._age)]
        if self.mailbox:
            parts.append(partial(self._alone, "mailbox", self.mailbox.run))
        if self.handover:
            parts.append(self.handover.run)
        log.info("courier.ready", mailbox=self.mailbox is not None, lmtp=self.handover is not None)
        async with asyncio.TaskGroup() as group:
            for part in parts:
                group.create_task(_lasting(part, stop))

    async def _alone(self, name: str, part: Part, stop: asyncio.Event) -> None:
        """Runs a part while no other machine does; what it is at when it loses the lease is done twice without harm."""
        lease = Lease(self._sessions, name, self._node)
        while not stop.is_set():
            if not await lease.held():
                await pause(stop, RENEW_SECONDS)
                continue
            over = asyncio.Event()
            task, stopped = asyncio.ensure_future(part(over)), asyncio.ensure_future(stop.wait())
            try:
                while not (task.done() or stop.is_set()) and await lease.held():
                    await asyncio.wait({task, stopped}, timeout=RENEW_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            finally:
                stopped.cancel()
                over.set()
                await task
                await lease.release()

    async def _age(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self.ageing.pass_by(self._clock())
            await pause(stop, AGEING_SECONDS)


async def _lasting(part: Part, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await part(stop)
        except Exception:
            log.exception("courier.part_failed")
            await pause(stop, AGAIN_SECONDS)


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Waits, unless it is told to stop."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
