"""The staff's command line on cases: what it takes, and what it prints. What it does is the staff desk's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime

from bot.cases.ageing import is_overdue
from bot.cases.reference import read_reference
from bot.cases.staff_desk import StaffDesk
from bot.settings import HandoffSettings
from bot.store.case_tables import CaseRow, LetterKind
from bot.store.cases import Cases, UnknownCase
from bot.store.database import Sessions
from bot.store.inbox import Inbox
from bot.store.outbox import Outbox
from knowledge.base import KnowledgeBase

_Argument = tuple[str, type]

_REFERENCE: _Argument = ("reference", str)
_MAIL: _Argument = ("mail", int)

COMMANDS: Mapping[str, tuple[str, tuple[_Argument, ...]]] = {
    "list": ("what settings are missing, and all cases, the newest first", ()),
    "show": ("everything about one case: its events, letters and mail", (_REFERENCE,)),
    "resend": ("sends a case's failed and waiting letters now, or its question where there are none", (_REFERENCE,)),
    "address": (
        "corrects the delegate's address, and sends there what did not reach the old one",
        (_REFERENCE, ("address", str)),
    ),
    "close": ("closes a case", (_REFERENCE,)),
    "aside": ("mail that was set aside, with its number, its text and why", ()),
    "accept": (
        "makes a message that was set aside the answer of its case, or of the one named",
        (_MAIL, ("--case", str)),
    ),
    "refuse": ("discards a message that was set aside", (_MAIL,)),
}
"""Each command's help and arguments."""


class Staff:
    """Answers the commands line by line."""

    def __init__(
        self, sessions: Sessions, settings: HandoffSettings, base: KnowledgeBase, clock: Callable[[], datetime]
    ) -> None:
        self._cases, self._outbox, self._inbox = Cases(sessions), Outbox(sessions), Inbox(sessions)
        self._desk = StaffDesk(settings, sessions, base, clock)
        self._settings, self._base, self._clock = settings, base, clock

    async def do(
        self, command: str, reference: str = "", address: str = "", mail: int = 0, case: str | None = None
    ) -> AsyncIterator[str]:
        """The lines a command prints.

        Raises:
            CannotTake: what is to be an address is none.
            NotAside: the message is not set aside, or not fit for what is asked.
            NotPermitted: the case cannot be changed so.
            UnknownCase: there is no such case.
            UnknownMail: there is no such message.
        """
        match command:
            case "list":
                async for line in self._list():
                    yield line
            case "aside":
                async for line in self._aside():
                    yield line
            case "show":
                async for line in self._show(await self._cases.by_reference(_read(reference))):
                    yield line
            case "resend":
                count = await self._desk.resend(_read(reference))
                yield f"{_read(reference)}: {count} letters queued"
            case "address":
                count = await self._desk.correct_address(_read(reference), address)
                yield f"{_read(reference)}: {count} letters queued for {address}"
            case "close":
                await self._desk.close(_read(reference))
                yield f"{_read(reference)}: closed"
            case "accept":
                answered = await self._desk.accept(mail, _read(case) if case else None)
                yield f"{answered}: answered by message {mail}; it goes to the delegate"
            case "refuse":
                await self._desk.refuse(mail)
                yield f"message {mail}: refused"

    async def _list(self) -> AsyncIterator[str]:
        for missing in self._settings.missing(self._base.contacts):
            yield missing
        cases = await self._cases.newest()
        undelivered = await self._outbox.undelivered([case.key for case in cases])
        for case in cases:
            yield self._line(case, undelivered.get(case.key, ()))

    async def _aside(self) -> AsyncIterator[str]:
        for mail, reference in await self._inbox.set_aside():
            came = f"{mail.received_at:%Y-%m-%d %H:%M}"
            yield f"{mail.id}  {came}  {reference or 'no case'}  {mail.sender}  {mail.subject}"
            yield f"    why: {mail.why}"
            for line in mail.text.split("\n"):
                yield f"    > {line}".rstrip()

    async def _show(self, case: CaseRow) -> AsyncIterator[str]:
        undelivered = await self._outbox.undelivered([case.key])
        yield self._line(case, undelivered.get(case.key, ()))
        yield f"{case.name}, {case.member_state or case.organisation}, {case.email}, in {case.language}"
        yield f"{case.question}"
        for event in await self._cases.events(case.key):
            yield f"{event.at:%Y-%m-%d %H:%M:%S}  {event.state:9}  {event.cause}  {event.detail or ''}".rstrip()
        for letter in await self._outbox.of_case(case.key):
            attempts = f"{letter.attempts} attempts"
            yield f"out  {letter.kind:12}  {letter.state:7}  {attempts}  {letter.response or ''}".rstrip()
        for mail in await self._inbox.of_case(case.key):
            yield f"in   {mail.kind:12}  message {mail.id}  {mail.sender}  {mail.why}"
            yield mail.text

    def _line(self, case: CaseRow, undelivered: Sequence[LetterKind]) -> str:
        marks = ["OVERDUE"] if is_overdue(case, self._clock()) else []
        marks += [f"UNDELIVERED {kind}" for kind in undelivered]
        told = f"{case.reference}  {case.state:9}  {case.submitted_at:%Y-%m-%d}  {case.contact}  {case.area}"
        return "  ".join([told, *marks])


def _read(typed: str) -> str:
    reference = read_reference(typed)
    if reference is None:
        raise UnknownCase(typed)
    return reference
