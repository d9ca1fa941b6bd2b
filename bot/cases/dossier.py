"""All that is kept of a case, for staff to read: what happened, letters out, mail in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.cases.ageing import is_overdue
from bot.cases.courier import Courier
from bot.cases.letters import Letters, addressed
from bot.cases.reference import read_reference
from bot.store.case_states import CaseState
from bot.store.case_tables import CaseEventRow, CaseRow, InboxRow, OutboxRow
from bot.store.cases import Cases, UnknownCase
from bot.store.database import Sessions
from bot.store.inbox import Inbox
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
    mail: Sequence[InboxRow]

    @property
    def reference(self) -> str:
        """The case's; a case that was handed in has one."""
        return self.case.reference or ""


class Dossiers:
    """Reads them."""

    def __init__(self, sessions: Sessions, courier: Courier, letters: Letters, clock: Callable[[], datetime]) -> None:
        self._cases, self._outbox, self._inbox = Cases(sessions), Outbox(sessions), Inbox(sessions)
        self._courier, self._letters, self._clock = courier, letters, clock

    async def newest(self, states: Sequence[CaseState], limit: int) -> list[tuple[CaseRow, bool]]:
        """Cases in these states, the newest first, and whether each is overdue."""
        now = self._clock()
        return [(case, is_overdue(case, now)) for case in await self._cases.newest(states, limit)]

    async def of(self, typed: str) -> Dossier:
        """The case of a reference, as it is written or typed.

        Raises:
            UnknownCase: there is none.
        """
        reference = read_reference(typed)
        if reference is None:
            raise UnknownCase(typed)
        case = await self._cases.by_reference(reference)
        return Dossier(
            case,
            is_overdue(case, self._clock()),
            self._letters.state_name(case.member_state) or "",
            await self._cases.events(case.key),
            await self._outbox.of_case(case.key),
            await self._inbox.of_case(case.key),
        )

    def as_sent(self, letter: OutboxRow) -> bytes:
        """A letter as a whole message, addressed as the settings say now."""
        try:
            posted = self._courier.posted(letter)
        except (LookupError, TypeError, ValueError):
            log.exception("dossier.not_addressed", letter=letter.id)
            return letter.content
        return addressed(posted.content, posted.sender, posted.recipient, posted.reply_to)
