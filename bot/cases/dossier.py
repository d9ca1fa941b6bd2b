"""All that is kept of a case, for staff to read: what happened, letters out, mail in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.cases.ageing import is_overdue
from bot.cases.aside import Aside
from bot.cases.courier import Courier
from bot.cases.letters import Letters, addressed
from bot.cases.reference import read_reference
from bot.cases.working_days import today
from bot.store.case_states import CaseState
from bot.store.case_tables import CaseEventRow, CaseRow, InboxRow, LetterKind, LetterState, OutboxRow
from bot.store.cases import Cases, UnknownCase
from bot.store.database import Sessions
from bot.store.inbox import ACCEPTABLE, Inbox
from bot.store.outbox import Outbox

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Dossier:
    """One case."""

    case: CaseRow
    overdue: bool
    member_state: str
    """Its name; empty where none was given."""
    events: Sequence[CaseEventRow]
    letters: Sequence[OutboxRow]
    written: Mapping[int, str]
    """The files that letters became, where no mail server was set, by the letter's id."""
    mail: Sequence[InboxRow]
    files: Mapping[int, Sequence[str]]
    """Names of the files that came with a message, by its id."""

    @property
    def reference(self) -> str:
        """The case's; a case that was handed in has one."""
        return self.case.reference or ""

    @property
    def astray(self) -> Sequence[OutboxRow]:
        """Letters that failed, and those that went to another address in their stead."""
        return [one for one in self.letters if one.state in (LetterState.FAILED, LetterState.REPLACED)]

    @property
    def aside(self) -> Sequence[Aside]:
        """Its mail that staff can make its answer: set aside, refused, or taken for a machine's."""
        kept = (one for one in self.mail if one.kind in ACCEPTABLE)
        return [Aside(one, self.reference, self.files.get(one.id, ())) for one in kept]


@dataclass(frozen=True)
class Listed:
    """A case on the list."""

    case: CaseRow
    overdue: bool
    undelivered: Sequence[LetterKind]


@dataclass(frozen=True)
class Waiting:
    """How much waits for staff."""

    set_aside: int
    """Messages."""
    undelivered: int
    """Letters."""
    overdue: int
    """Cases."""


class Dossiers:
    """Reads them."""

    def __init__(self, sessions: Sessions, courier: Courier, letters: Letters, clock: Callable[[], datetime]) -> None:
        self._cases, self._outbox, self._inbox = Cases(sessions), Outbox(sessions), Inbox(sessions)
        self._courier, self._letters, self._clock = courier, letters, clock

    async def newest(
        self, states: Sequence[CaseState], limit: int, *, overdue: bool = False, undelivered: bool = False
    ) -> list[Listed]:
        """Cases in these states, the newest first; of them only the overdue, or those with undelivered letters."""
        now = self._clock()
        day = today(now) if overdue else None
        cases = await self._cases.newest(states, limit, overdue_on=day, undelivered=undelivered)
        failed = await self._outbox.undelivered([case.key for case in cases])
        return [Listed(case, is_overdue(case, now), failed.get(case.key, ())) for case in cases]

    async def waiting(self) -> Waiting:
        """How much waits for staff now."""
        return Waiting(
            await self._inbox.count_set_aside(),
            await self._outbox.count_undelivered(),
            await self._cases.count_overdue(today(self._clock())),
        )

    async def of(self, typed: str) -> Dossier:
        """The case of a reference, as it is written or typed.

        Raises:
            UnknownCase: there is none.
        """
        reference = read_reference(typed)
        if reference is None:
            raise UnknownCase(typed)
        case = await self._cases.by_reference(reference)
        letters, mail = await self._outbox.of_case(case.key), await self._inbox.of_case(case.key)
        return Dossier(
            case,
            is_overdue(case, self._clock()),
            self._letters.state_name(case.member_state) or "",
            await self._cases.events(case.key),
            letters,
            await asyncio.to_thread(self._courier.written, letters),
            mail,
            await self._inbox.file_names([one.id for one in mail]),
        )

    def as_sent(self, letter: OutboxRow) -> bytes:
        """A letter as a whole message, addressed as the settings say now."""
        try:
            posted = self._courier.posted(letter)
        except (LookupError, TypeError, ValueError):
            log.exception("dossier.not_addressed", letter=letter.id)
            return letter.content
        return addressed(posted.content, posted.sender, posted.recipient, posted.reply_to)
