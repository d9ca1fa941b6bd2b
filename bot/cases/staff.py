"""The staff's command line on cases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime

from bot.cases.ageing import is_overdue
from bot.cases.reference import read_reference
from bot.settings import HandoffSettings
from bot.store.case_tables import CaseRow
from bot.store.cases import Cases, UnknownCase
from bot.store.database import Sessions
from bot.store.inbox import Inbox
from bot.store.outbox import Outbox
from knowledge.base import KnowledgeBase


class Staff:
    """Answers the commands line by line."""

    def __init__(
        self, sessions: Sessions, settings: HandoffSettings, base: KnowledgeBase, clock: Callable[[], datetime]
    ) -> None:
        self._cases, self._outbox, self._inbox = Cases(sessions), Outbox(sessions), Inbox(sessions)
        self._settings, self._base, self._clock = settings, base, clock

    async def do(self, command: str, typed: str) -> AsyncIterator[str]:
        """The lines a command prints.

        Raises:
            NotPermitted: the case cannot be changed so.
            UnknownCase: there is no such case.
        """
        if command == "list":
            for missing in self._settings.missing(self._base.contacts):
                yield missing
            for case in await self._cases.newest():
                yield self._line(case)
            return
        if command == "aside":
            for mail in await self._inbox.set_aside():
                yield f"{mail.received_at:%Y-%m-%d %H:%M}  {mail.sender}  {mail.subject}  ({mail.why})"
            return
        reference = read_reference(typed)
        if reference is None:
            raise UnknownCase(typed)
        if command == "resend":
            count = await self._outbox.resend(reference, self._clock())
            yield f"{reference}: {count} letters queued"
        elif command == "close":
            await self._cases.close(reference, self._clock())
            yield f"{reference}: closed"
        else:
            async for line in self._show(await self._cases.by_reference(reference)):
                yield line

    async def _show(self, case: CaseRow) -> AsyncIterator[str]:
        yield self._line(case)
        yield f"{case.name}, {case.member_state or case.organisation}, {case.email}, in {case.language}"
        yield f"{case.question}"
        for event in await self._cases.events(case.key):
            yield f"{event.at:%Y-%m-%d %H:%M:%S}  {event.state:9}  {event.cause}  {event.detail or ''}".rstrip()
        for letter in await self._outbox.of_case(case.key):
            attempts = f"{letter.attempts} attempts"
            yield f"out  {letter.kind:12}  {letter.state:7}  {attempts}  {letter.response or ''}".rstrip()
        for mail in await self._inbox.of_case(case.key):
            yield f"in   {mail.kind:12}  {mail.sender}  {mail.why}"
            yield mail.text

    def _line(self, case: CaseRow) -> str:
        late = "  OVERDUE" if is_overdue(case, self._clock()) else ""
        return f"{case.reference}  {case.state:9}  {case.submitted_at:%Y-%m-%d}  {case.contact}  {case.area}{late}"
