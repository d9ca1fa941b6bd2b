"""Where the form hands cases in."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, ParamSpec, TypeVar

from email_validator import EmailNotValidError, validate_email
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.cases.conversation import conversation
from bot.cases.freetext import line, paragraph
from bot.cases.letters import Letters
from bot.cases.limits import CaseLimits
from bot.cases.reference import new_reference
from bot.cases.request import DeskAway, Receipt, Request
from bot.cases.routing import Routing
from bot.cases.working_days import WorkingDays
from bot.settings import HandoffSettings
from bot.store.case_tables import CaseRow
from bot.store.cases import Cases, Submission
from bot.store.conversations import Conversations
from bot.store.database import Sessions
from knowledge.base import KnowledgeBase
from knowledge.records import Language

LONGEST_NAME = 200
LONGEST_QUESTION = 4000
_ATTEMPTS = 3


P = ParamSpec("P")
T = TypeVar("T")


def _unless_away(method: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Tells apart that the database is away from everything else that may fail."""

    @functools.wraps(method)
    async def done(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await method(*args, **kwargs)
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            raise DeskAway from error

    return done


class CannotTake(ValueError):
    """A request that the form should not have let through; the message says why."""


class MailDesk:
    """The CaseDesk whose cases travel by e-mail."""

    def __init__(
        self,
        settings: HandoffSettings,
        sessions: Sessions,
        base: KnowledgeBase,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        limits: CaseLimits | None = None,
    ) -> None:
        self._settings, self._clock = settings, clock
        self._limits, self._one_at_a_time = limits or CaseLimits(settings), asyncio.Lock()
        self._cases, self._conversations = Cases(sessions), Conversations(sessions)
        self._base, self._routing = base, Routing(base)
        self._letters = Letters(base, message_id_domain(settings))
        self._working_days = WorkingDays(settings.closed_on)

    @_unless_away
    async def begin(self, key: str, conversation_id: str, language: Language, area: str) -> None:
        """As CaseDesk says."""
        await self._cases.begin(key, conversation_id, language, self._routing.area(area).id, self._clock())

    @_unless_away
    async def submit(self, key: str, request: Request) -> Receipt:
        """As CaseDesk says.

        Raises:
            CannotTake: the address is none, or the name or the question has nothing visible.
            NotPermitted: the case was withdrawn.
            TooMany: a limit is reached.
        """
        # What is counted after it was taken must not be passed by what comes at the same moment.
        async with self._one_at_a_time:
            known = await self._cases.by_key(key)
            if known is not None and known.submitted_at is not None:
                return receipt(known)
            address = checked_address(request.email)
            await self._limits.check(request.conversation_id, address)
            taken = await self._submit(key, request)
            await self._limits.count(request.conversation_id, address)
            return taken

    async def _submit(self, key: str, request: Request) -> Receipt:
        said = None
        if request.consent:
            said = conversation(self._base, *await self._conversations.history(request.conversation_id))
        for attempt in range(_ATTEMPTS):
            now = self._clock()
            submission = self._submission(request, now)
            case = _unsaved(key, submission)
            letters = [self._letters.question(case, said, now), self._letters.confirmation(case, now)]
            try:
                row = await self._cases.submit(key, submission, letters, self._settings.confirmations_a_day, now)
            except IntegrityError:
                # Another case has the same reference, once in very many; or was submitted at the same moment.
                known = await self._cases.by_key(key)
                if known is not None and known.submitted_at is not None:
                    return receipt(known)
                if attempt + 1 == _ATTEMPTS:
                    raise
            else:
                return receipt(row)
        raise AssertionError("the last attempt returns or raises")

    @_unless_away
    async def withdraw(self, key: str) -> None:
        """As CaseDesk says."""
        await self._cases.withdraw(key, self._clock())

    @_unless_away
    async def open_in(self, conversation_id: str) -> Receipt | None:
        """As CaseDesk says."""
        row = await self._cases.open_in(conversation_id)
        return receipt(row) if row else None

    def _submission(self, request: Request, now: datetime) -> Submission:
        area = self._routing.area(request.area)
        name, question = line(request.name, LONGEST_NAME), paragraph(request.question)[:LONGEST_QUESTION]
        if not name or not question:
            raise CannotTake("the name and the question must have something visible")
        return Submission(
            reference=new_reference(),
            conversation_id=request.conversation_id,
            language=request.language,
            area=area.id,
            contact=self._routing.contact(area.id).id,
            name=name,
            email=checked_address(request.email),
            question=question,
            member_state=request.member_state if request.member_state in self._base.member_states else None,
            organisation=line(request.organisation or "", LONGEST_NAME) or None,
            consent=request.consent,
            answer_by=self._working_days.after(now, self._settings.answer_days),
        )


def message_id_domain(settings: HandoffSettings) -> str:
    """What stands after the @ in the Message-IDs of letters."""
    return (settings.replies_to or "assistant@localhost").rpartition("@")[2]


def receipt(row: CaseRow) -> Receipt:
    """What the delegate is told of a submitted case."""
    if row.reference is None or row.answer_by is None or row.contact is None:
        raise ValueError(f"the case {row.key} is not submitted")
    return Receipt(row.reference, row.answer_by, row.contact)


def checked_address(typed: str) -> str:
    """One address, its domain in ASCII as mail servers want it.

    Raises:
        CannotTake: it is none.
    """
    try:
        found = validate_email(typed, check_deliverability=False, allow_quoted_local=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise CannotTake(f"the address: {error}") from None
    return found.ascii_email or f"{found.local_part}@{found.ascii_domain}"


def _unsaved(key: str, submission: Submission) -> CaseRow:
    """The case as it will be, for its letters to be written from before it is stored with them."""
    fields = {**vars(submission), "language": submission.language.value}
    return CaseRow(key=key, **fields)
