"""The transactional outbox: letters claimed by lease, so that no two workers send one at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, func, or_, select, update

from bot.store.case_states import CaseState
from bot.store.case_tables import CaseRow, LetterKind, LetterState, OutboxRow
from bot.store.cases import UnknownCase, move, note
from bot.store.database import Sessions, writing


class Outbox:
    """The letters. Every method is one transaction; times are given, so that they can be tested.

    The methods that end a lease do nothing where the worker's lease was taken over meanwhile.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def claim(self, worker: str, now: datetime, lease: timedelta, limit: int) -> Sequence[OutboxRow]:
        """Takes up to `limit` letters that are due and in nobody's hands, the longest due first."""
        chosen = (
            select(OutboxRow.id)
            .where(
                OutboxRow.state == LetterState.QUEUED.value,
                OutboxRow.due_at <= now,
                or_(OutboxRow.leased_until.is_(None), OutboxRow.leased_until <= now),
            )
            .order_by(OutboxRow.due_at)
            .limit(limit)
            # In PostgreSQL; in SQLite the one writer's place does the same.
            .with_for_update(skip_locked=True)
        )
        async with writing(self._sessions) as session:
            ids = (await session.scalars(chosen)).all()
            if not ids:
                return []
            rows = await session.scalars(
                update(OutboxRow)
                .where(OutboxRow.id.in_(ids))
                .values(leased_by=worker, leased_until=now + lease)
                .returning(OutboxRow)
                .execution_options(synchronize_session=False)
            )
            return sorted(rows.all(), key=lambda row: (row.due_at, row.id))

    async def sent(self, letter: OutboxRow, worker: str, now: datetime, response: str) -> bool:
        """The mail server has it; a question's case is now sent."""
        async with self._sessions.begin() as session:
            done: CursorResult[Any] = await session.execute(  # type: ignore[assignment]
                _held(letter.id, worker).values(
                    state=LetterState.SENT.value,
                    sent_at=now,
                    response=response,
                    attempts=OutboxRow.attempts + 1,
                    leased_by=None,
                    leased_until=None,
                )
            )
            if not done.rowcount:
                return False
            case = await session.get_one(CaseRow, letter.case_key)
            if letter.kind == LetterKind.QUESTION and case.state == CaseState.QUEUED:
                move(session, case, CaseState.SENT, "question_sent", now, response)
            else:
                note(session, case, f"{letter.kind}_sent", now, response)
            return True

    async def defer(self, letter: OutboxRow, worker: str, due: datetime, response: str) -> None:
        """It could not be sent now and is tried again when `due`."""
        async with self._sessions.begin() as session:
            await session.execute(
                _held(letter.id, worker).values(
                    due_at=due,
                    response=response,
                    attempts=OutboxRow.attempts + 1,
                    leased_by=None,
                    leased_until=None,
                )
            )

    async def hold(self, letter: OutboxRow, worker: str, due: datetime, why: str) -> None:
        """It was not tried, because a setting is missing, and is looked at again when `due`."""
        async with self._sessions.begin() as session:
            await session.execute(
                _held(letter.id, worker).values(due_at=due, response=why, leased_by=None, leased_until=None)
            )

    async def fail(self, letter: OutboxRow, worker: str, now: datetime, response: str) -> None:
        """It will not be tried again by itself; a question's case has failed."""
        async with writing(self._sessions) as session:
            row = await session.get_one(OutboxRow, letter.id)
            if row.leased_by != worker:
                return
            row.state, row.response, row.attempts = LetterState.FAILED.value, response, row.attempts + 1
            row.leased_by = row.leased_until = None
            case = await session.get_one(CaseRow, letter.case_key)
            cause = f"{letter.kind}_failed"
            if letter.kind == LetterKind.QUESTION and case.state in (CaseState.QUEUED, CaseState.SENT):
                move(session, case, CaseState.FAILED, cause, now, response)
            else:
                note(session, case, cause, now, response)

    async def release(self, worker: str) -> None:
        """Gives back what this worker holds, because it ends."""
        async with self._sessions.begin() as session:
            await session.execute(
                update(OutboxRow)
                .where(OutboxRow.leased_by == worker, OutboxRow.state == LetterState.QUEUED.value)
                .values(leased_by=None, leased_until=None)
            )

    async def resend(self, reference: str, now: datetime) -> int:
        """Queues the case's failed letters anew, or its question where none failed; returns how many.

        Raises:
            NotPermitted: the case is answered or closed and no letter of it failed.
            UnknownCase: there is no such case.
        """
        async with writing(self._sessions) as session:
            case = await session.scalar(select(CaseRow).where(CaseRow.reference == reference))
            if case is None:
                raise UnknownCase(reference)
            letters = (await session.scalars(select(OutboxRow).where(OutboxRow.case_key == case.key))).all()
            chosen = [one for one in letters if one.state == LetterState.FAILED]
            if not chosen:
                chosen = [one for one in letters if one.kind == LetterKind.QUESTION and one.state == LetterState.SENT]
            questions = any(one.kind == LetterKind.QUESTION for one in chosen)
            if questions and case.state not in (CaseState.QUEUED, CaseState.ANSWERED):
                move(session, case, CaseState.QUEUED, "resent_by_staff", now)
            else:
                note(session, case, "resent_by_staff", now)
            for letter in chosen:
                letter.state, letter.due_at, letter.attempts = LetterState.QUEUED.value, now, 0
                letter.created_at = now  # The days it is tried for begin anew.
            return len(chosen)

    async def of_case(self, key: str) -> Sequence[OutboxRow]:
        """The case's letters, in order."""
        async with self._sessions() as session:
            rows = await session.scalars(select(OutboxRow).where(OutboxRow.case_key == key).order_by(OutboxRow.id))
            return rows.all()

    async def newest(self, key: str, kind: LetterKind) -> OutboxRow | None:
        """The case's last letter of this kind."""
        async with self._sessions() as session:
            return await session.scalar(
                select(OutboxRow)
                .where(OutboxRow.case_key == key, OutboxRow.kind == kind.value)
                .order_by(OutboxRow.id.desc())
                .limit(1)
            )

    async def counts(self) -> dict[LetterState, int]:
        """How many letters stand where."""
        async with self._sessions() as session:
            rows = await session.execute(select(OutboxRow.state, func.count()).group_by(OutboxRow.state))
            found = {LetterState(state): count for state, count in rows.all()}
            return {state: found.get(state, 0) for state in LetterState}

    async def far_off(self, due: datetime, leased: datetime) -> dict[int, tuple[datetime, datetime | None]]:
        """Letters due or leased beyond these times, which only a clock that was set back explains."""
        async with self._sessions() as session:
            rows = await session.execute(
                select(OutboxRow.id, OutboxRow.due_at, OutboxRow.leased_until).where(
                    OutboxRow.state == LetterState.QUEUED.value,
                    or_(OutboxRow.due_at > due, OutboxRow.leased_until > leased),
                )
            )
            return {id_: (due_at, leased_until) for id_, due_at, leased_until in rows.all()}

    async def set_due(self, letter_id: int, seen: tuple[datetime, datetime | None], now: datetime) -> None:
        """Makes a letter due and free, where nothing has touched it since it was `seen`."""
        due_at, leased_until = seen
        async with self._sessions.begin() as session:
            await session.execute(
                update(OutboxRow)
                .where(
                    OutboxRow.id == letter_id,
                    OutboxRow.state == LetterState.QUEUED.value,
                    OutboxRow.due_at == due_at,
                    OutboxRow.leased_until.is_(None)
                    if leased_until is None
                    else OutboxRow.leased_until == leased_until,
                )
                .values(due_at=now, leased_by=None, leased_until=None)
            )


def _held(letter_id: int, worker: str) -> Any:
    return (
        update(OutboxRow)
        .where(OutboxRow.id == letter_id, OutboxRow.leased_by == worker, OutboxRow.state == LetterState.QUEUED.value)
        .execution_options(synchronize_session=False)
    )
