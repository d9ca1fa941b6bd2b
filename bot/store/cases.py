"""Cases and what happens to them. Every method is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, func, not_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.case_causes import Cause
from bot.store.case_states import DONE, ENDED, WAITING, CaseState, check
from bot.store.case_tables import ASKING, CaseEventRow, CaseRow, LetterKind, LetterState, OutboxRow, file_name
from bot.store.database import Place, Sessions, writing
from bot.store.sealed import marks
from bot.store.tables import ConversationRow
from knowledge.records import Language

UNDELIVERED = and_(
    OutboxRow.state == LetterState.FAILED.value,
    not_(and_(OutboxRow.kind.in_(ASKING), CaseRow.state.in_(DONE))),
)
"""Of a letter and its case: it has failed, and its reader still lacks it."""


class UnknownCase(LookupError):
    """There is no case of this reference."""


@dataclass(frozen=True)
class Submission:
    """What the form adds to a draft."""

    reference: str
    conversation_id: str
    language: Language
    area: str
    contact: str
    name: str
    email: str
    question: str
    member_state: str | None
    organisation: str | None
    consent: bool
    answer_by: date


class Cases:
    """The record of cases."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def begin(self, key: str, conversation_id: str, language: Language, area: str, now: datetime) -> None:
        """A draft; nothing where there is a case of this key already."""
        async with writing(self._sessions, Place.CASES) as session:
            if await session.get(CaseRow, key) is None:
                await _draft(session, key, conversation_id, language, area, now)

    async def submit(
        self, key: str, submission: Submission, letters: Sequence[OutboxRow], confirmations_a_day: int, now: datetime
    ) -> CaseRow:
        """Queues a draft with its letters; a case that was submitted already stays as it is.

        A confirmation is left out where its account was sent `confirmations_a_day` within the last day.

        Raises:
            NotPermitted: the case was withdrawn.
        """
        async with writing(self._sessions, Place.CASES) as session:
            row = await session.get(CaseRow, key)
            if row is not None and row.submitted_at is not None:
                return row
            if row is None:
                row = await _draft(session, key, submission.conversation_id, submission.language, submission.area, now)
            move(session, row, CaseState.QUEUED, Cause.SUBMITTED, now)
            row.reference = submission.reference
            row.language, row.area, row.contact = submission.language.value, submission.area, submission.contact
            row.name, row.email, row.question = submission.name, submission.email, submission.question
            row.member_state, row.organisation = submission.member_state, submission.organisation
            row.consent, row.answer_by, row.submitted_at = submission.consent, submission.answer_by, now
            for letter in letters:
                if letter.kind == LetterKind.CONFIRMATION and not await _may_confirm(
                    session, submission.email, confirmations_a_day, now
                ):
                    note(session, row, Cause.CONFIRMATION_WITHHELD, now, f"limit of {confirmations_a_day} a day")
                    continue
                session.add(letter)
            return row

    async def withdraw(self, key: str, now: datetime) -> None:
        """Withdraws a draft; nothing where there is none or it was submitted."""
        async with writing(self._sessions, Place.CASES) as session:
            row = await session.get(CaseRow, key)
            if row is not None and row.state == CaseState.DRAFT:
                move(session, row, CaseState.WITHDRAWN, Cause.CANCELLED, now)

    async def by_key(self, key: str) -> CaseRow | None:
        """The case of this key."""
        async with self._sessions() as session:
            return await session.get(CaseRow, key)

    async def by_reference(self, reference: str) -> CaseRow:
        """The case of this reference.

        Raises:
            UnknownCase: there is none.
        """
        async with self._sessions() as session:
            return await named(session, reference)

    async def open_in(self, conversation_id: str) -> CaseRow | None:
        """The conversation's newest case that waits for an answer."""
        async with self._sessions() as session:
            return await session.scalar(
                select(CaseRow)
                .where(CaseRow.conversation_id == conversation_id, CaseRow.state.in_(WAITING))
                .order_by(CaseRow.submitted_at.desc())
                .limit(1)
            )

    async def newest(
        self,
        states: Sequence[CaseState] = tuple(CaseState),
        limit: int = 200,
        *,
        overdue_on: date | None = None,
        undelivered: bool = False,
    ) -> Sequence[CaseRow]:
        """Submitted cases in these states, the newest first.

        With `overdue_on` only those that are overdue on this day; with `undelivered` only those with such letters.
        """
        chosen = select(CaseRow).where(CaseRow.state.in_(states), CaseRow.submitted_at.is_not(None))
        if overdue_on is not None:
            chosen = chosen.where(_overdue(overdue_on))
        if undelivered:
            chosen = chosen.where(
                select(OutboxRow.id).where(OutboxRow.case_key == CaseRow.key, UNDELIVERED).correlate(CaseRow).exists()
            )
        async with self._sessions() as session:
            rows = await session.scalars(chosen.order_by(CaseRow.submitted_at.desc()).limit(limit))
            return rows.all()

    async def count_overdue(self, day: date) -> int:
        """How many cases are overdue on this day of the seat."""
        async with self._sessions() as session:
            return await session.scalar(select(func.count(CaseRow.key)).where(_overdue(day))) or 0

    async def events(self, key: str) -> Sequence[CaseEventRow]:
        """What happened to a case, in order."""
        async with self._sessions() as session:
            rows = await session.scalars(
                select(CaseEventRow).where(CaseEventRow.case_key == key).order_by(CaseEventRow.id)
            )
            return rows.all()

    async def close(self, reference: str, now: datetime, detail: str | None = None) -> None:
        """Closes a case by hand.

        Raises:
            NotPermitted: it is closed already.
            UnknownCase: there is no such case.
        """
        async with writing(self._sessions, Place.CASES) as session:
            move(session, await named(session, reference), CaseState.CLOSED, Cause.CLOSED_BY_STAFF, now, detail)

    async def to_remind(self, before: datetime) -> Sequence[CaseRow]:
        """Cases whose question was sent before this time, that are unanswered and whose contact was not reminded."""
        async with self._sessions() as session:
            rows = await session.scalars(
                select(CaseRow)
                .where(
                    CaseRow.state == CaseState.SENT,
                    CaseRow.reminded_at.is_(None),
                    CaseRow.since < before,
                )
                .order_by(CaseRow.since)
                .limit(100)
            )
            return rows.all()

    async def remind(self, key: str, letter: OutboxRow, now: datetime) -> bool:
        """Queues the reminder, once; false where it was queued or the case answered meanwhile."""
        async with writing(self._sessions, Place.CASES) as session:
            row = await session.get_one(CaseRow, key)
            if row.state != CaseState.SENT or row.reminded_at is not None:
                return False
            row.reminded_at = now
            session.add(letter)
            note(session, row, Cause.REMINDED, now)
            return True

    async def age(self, now: datetime, *, draft: timedelta, answered: timedelta, unanswered: timedelta) -> int:
        """Expires and closes what has been in its state for longer than these; returns how many cases changed."""
        rules = (
            (CaseState.DRAFT, draft, CaseState.EXPIRED, Cause.NEVER_SUBMITTED),
            (CaseState.ANSWERED, answered, CaseState.CLOSED, Cause.NOTHING_MORE_CAME),
            (CaseState.SENT, unanswered, CaseState.EXPIRED, Cause.NEVER_ANSWERED),
            (CaseState.FAILED, unanswered, CaseState.EXPIRED, Cause.NEVER_SENT),
        )
        changed = 0
        async with writing(self._sessions, Place.CASES) as session:
            for state, age, after, cause in rules:
                rows = await session.scalars(
                    select(CaseRow).where(CaseRow.state == state, CaseRow.since < now - age).with_for_update()
                )
                for row in rows.all():
                    move(session, row, after, cause, now)
                    changed += 1
        return changed

    async def forget(self, before: datetime, limit: int = 100) -> Sequence[str]:
        """Erases cases that came to their end before this time, with their letters and mail.

        Returns the names of the files that their letters may have become; at most `limit` cases are erased.
        """
        chosen = select(CaseRow.key).where(CaseRow.state.in_(ENDED), CaseRow.since < before)
        async with writing(self._sessions, Place.CASES) as session:
            keys = (await session.scalars(chosen.order_by(CaseRow.since).limit(limit))).all()
            letters = (await session.scalars(select(OutboxRow).where(OutboxRow.case_key.in_(keys)))).all()
            # What belongs to a case goes by the foreign keys' ON DELETE CASCADE.
            await session.execute(delete(CaseRow).where(CaseRow.key.in_(keys)))
            return [file_name(letter) for letter in letters]


def _overdue(day: date) -> ColumnElement[bool]:
    return and_(CaseRow.state.in_(WAITING), CaseRow.answer_by < day)


async def forget_conversation(session: AsyncSession, conversation_id: str) -> None:
    """Deletes the conversation's drafts; what was submitted stays and loses the link by its foreign key."""
    await session.execute(
        delete(CaseRow).where(CaseRow.conversation_id == conversation_id, CaseRow.submitted_at.is_(None))
    )


def move(
    session: AsyncSession, row: CaseRow, state: CaseState, cause: Cause, now: datetime, detail: str | None = None
) -> None:
    """Changes a case's state and records it.

    Raises:
        NotPermitted: it cannot go there from where it is.
    """
    check(CaseState(row.state), state)
    row.state, row.since = state.value, now
    note(session, row, cause, now, detail)


def note(session: AsyncSession, row: CaseRow, cause: Cause, now: datetime, detail: str | None = None) -> None:
    """Records something that happened and left the state as it is."""
    session.add(CaseEventRow(case_key=row.key, at=now, state=row.state, cause=cause.value, detail=detail))


async def _draft(
    session: AsyncSession, key: str, conversation_id: str, language: Language, area: str, now: datetime
) -> CaseRow:
    # The conversation may have been erased while the form was filled.
    known = await session.scalar(select(ConversationRow.id).where(ConversationRow.id == conversation_id))
    row = CaseRow(
        key=key,
        conversation_id=known,
        state=CaseState.DRAFT.value,
        language=language.value,
        area=area,
        since=now,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    note(session, row, Cause.BEGUN, now)
    return row


async def named(session: AsyncSession, reference: str) -> CaseRow:
    """The case of this reference.

    Raises:
        UnknownCase: there is none.
    """
    row = await session.scalar(select(CaseRow).where(CaseRow.reference == reference))
    if row is None:
        raise UnknownCase(reference)
    return row


async def _may_confirm(session: AsyncSession, email: str, limit: int, now: datetime) -> bool:
    sent = await session.scalar(
        select(func.count()).where(
            OutboxRow.kind == LetterKind.CONFIRMATION.value,
            OutboxRow.created_at > now - timedelta(days=1),
            OutboxRow.address_mark.in_(marks(session, email)),
        )
    )
    return (sent or 0) < limit
