"""The transactional outbox: letters claimed by lease, so that no two workers send one at the same time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.case_causes import Cause, of_letter
from bot.store.case_states import DONE, CaseState, check
from bot.store.case_tables import ASKING, CaseRow, LetterKind, LetterState, OutboxRow
from bot.store.cases import UNDELIVERED, move, named, note
from bot.store.database import Place, Sessions, writing

Anew = Callable[[OutboxRow, str, datetime], OutboxRow]
"""Makes a letter to another address of one that is kept as it was."""

NOTICE = timedelta(seconds=3)
"""How long a lease that has run out is left alone, for its worker to record what it has sent."""
_TO_SEND = (LetterState.FAILED, LetterState.QUEUED)
_QUEUED = select(OutboxRow.id).where(OutboxRow.state == LetterState.QUEUED.value).limit(1)


class Outbox:
    """The letters. Every method is one transaction; times are given, so that they can be tested.

    `defer`, `wait`, `hold` and `fail` do nothing where the worker's lease was taken over meanwhile.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def claim(self, worker: str, now: datetime, lease: timedelta, limit: int) -> Sequence[OutboxRow]:
        """Takes up to `limit` letters that are due and in nobody's hands, the longest due first.

        A lease that has run out is given notice first. Its worker may be alive and unable to record that the letter is
        sent, because the database takes nothing; where it takes the notice, it takes that record meanwhile.
        """
        async with self._sessions() as session:
            # So that nobody waits for us while there is no letter.
            if await session.scalar(_QUEUED) is None:
                return []
        chosen = (
            select(OutboxRow.id)
            .where(
                OutboxRow.state == LetterState.QUEUED.value,
                OutboxRow.due_at <= now,
                OutboxRow.leased_by.is_(None),
                or_(OutboxRow.leased_until.is_(None), OutboxRow.leased_until <= now),
            )
            .order_by(OutboxRow.due_at)
            .limit(limit)
            # In PostgreSQL; in SQLite the one writer's place does the same.
            .with_for_update(skip_locked=True)
        )
        async with writing(self._sessions, Place.CASES) as session:
            await session.execute(
                update(OutboxRow)
                .where(
                    OutboxRow.state == LetterState.QUEUED.value,
                    OutboxRow.leased_by.is_not(None),
                    OutboxRow.leased_until <= now,
                )
                .values(leased_by=None, leased_until=now + NOTICE)
            )
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

    async def is_held(self, letter: OutboxRow, worker: str) -> bool:
        """Whether the letter is still to be sent, and by this worker."""
        async with self._sessions() as session:
            return bool(
                await session.scalar(
                    select(OutboxRow.id).where(
                        OutboxRow.id == letter.id,
                        OutboxRow.leased_by == worker,
                        OutboxRow.state == LetterState.QUEUED.value,
                    )
                )
            )

    async def sent(self, letter: OutboxRow, now: datetime, response: str) -> bool:
        """The mail server has it, whoever holds the lease by now; a question's case is now sent.

        False where the letter was settled otherwise meanwhile.
        """
        async with writing(self._sessions, Place.CASES) as session:
            row = await session.get(OutboxRow, letter.id)
            if row is None or row.state != LetterState.QUEUED:
                return False
            row.state, row.sent_at, row.response = LetterState.SENT.value, now, response
            row.attempts += 1
            row.leased_by = row.leased_until = None
            case = await session.get_one(CaseRow, row.case_key)
            if row.kind == LetterKind.QUESTION and case.state == CaseState.QUEUED:
                move(session, case, CaseState.SENT, Cause.QUESTION_SENT, now, response)
            else:
                note(session, case, of_letter(row.kind, "sent"), now, response)
            return True

    async def defer(self, letter: OutboxRow, worker: str, now: datetime, due: datetime, response: str) -> None:
        """It could not be sent now and is tried again when `due`."""
        await self._wait(
            letter, worker, due, response, attempts=OutboxRow.attempts + 1, tried_at=letter.tried_at or now
        )

    async def wait(self, letter: OutboxRow, worker: str, now: datetime, due: datetime, response: str) -> None:
        """The server is away, which is no attempt of this letter's but counts in the time that it is tried for."""
        await self._wait(letter, worker, due, response, tried_at=letter.tried_at or now)

    async def hold(self, letter: OutboxRow, worker: str, due: datetime, why: str) -> None:
        """It cannot be tried, because a setting is missing; the time it is tried for begins when it can."""
        await self._wait(letter, worker, due, why, tried_at=None)

    async def _wait(self, letter: OutboxRow, worker: str, due: datetime, why: str, **values: Any) -> None:
        async with self._sessions.begin() as session:
            await session.execute(
                update(OutboxRow)
                .where(
                    OutboxRow.id == letter.id,
                    OutboxRow.leased_by == worker,
                    OutboxRow.state == LetterState.QUEUED.value,
                )
                .values(due_at=due, response=why, leased_by=None, leased_until=None, **values)
                .execution_options(synchronize_session=False)
            )

    async def fail(self, letter: OutboxRow, worker: str, now: datetime, response: str) -> None:
        """It will not be tried again by itself; a question's case has failed."""
        async with writing(self._sessions, Place.CASES) as session:
            row = await session.get_one(OutboxRow, letter.id)
            if row.leased_by != worker:
                return
            row.state, row.response, row.attempts = LetterState.FAILED.value, response, row.attempts + 1
            row.leased_by = row.leased_until = None
            case = await session.get_one(CaseRow, letter.case_key)
            cause = of_letter(letter.kind, "failed")
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

    async def send_again(self, reference: str, anew: Anew, why: str, now: datetime) -> int:
        """Makes the case's failed and waiting letters due now, or its question where there are none; how many.

        Raises:
            NotPermitted: none failed or waits, and the case is answered or closed.
            UnknownCase: there is no such case.
        """
        async with writing(self._sessions, Place.CASES) as session:
            case = await named(session, reference)
            letters = [one for one in await _letters(session, case) if not (one.kind in ASKING and case.state in DONE)]
            chosen = [one for one in letters if one.state in _TO_SEND]
            if not chosen:
                check(CaseState(case.state), CaseState.QUEUED)
                chosen = [one for one in letters if one.kind == LetterKind.QUESTION]
            if any(one.kind == LetterKind.QUESTION for one in chosen) and case.state != CaseState.QUEUED:
                move(session, case, CaseState.QUEUED, Cause.RESENT_BY_STAFF, now, why)
            else:
                note(session, case, Cause.RESENT_BY_STAFF, now, why)
            for letter in chosen:
                _again(session, letter, case, anew, now)
            return len(chosen)

    async def correct_address(self, reference: str, address: str, anew: Anew, why: str, now: datetime) -> int:
        """Gives the delegate another address; what never reached the old one goes to the new one. Returns how many.

        An answer goes again even where the old address seemed to take it: it is what the delegate waits for.

        Raises:
            UnknownCase: there is no such case.
        """
        async with writing(self._sessions, Place.CASES) as session:
            case = await named(session, reference)
            note(session, case, Cause.ADDRESS_CORRECTED, now, f"{case.email} is now {address}; {why}")
            case.email = address
            chosen = [
                one
                for one in await _letters(session, case)
                if one.address is not None
                and (one.state in _TO_SEND or (one.kind == LetterKind.ANSWER and one.address != address))
                and one.state != LetterState.REPLACED
            ]
            for letter in chosen:
                _again(session, letter, case, anew, now)
            return len(chosen)

    async def undelivered(self, keys: Sequence[str]) -> Mapping[str, Sequence[LetterKind]]:
        """Which letters of these cases have failed, and are still wanted."""
        async with self._sessions() as session:
            rows = await session.execute(
                select(OutboxRow.case_key, OutboxRow.kind)
                .join(CaseRow, CaseRow.key == OutboxRow.case_key)
                .where(UNDELIVERED, OutboxRow.case_key.in_(keys))
                .order_by(OutboxRow.id)
            )
            found = defaultdict(list)
            for key, kind in rows.all():
                found[key].append(LetterKind(kind))
            return found

    async def count_undelivered(self) -> int:
        """How many letters have failed, and are still wanted."""
        async with self._sessions() as session:
            count = await session.scalar(
                select(func.count(OutboxRow.id)).join(CaseRow, CaseRow.key == OutboxRow.case_key).where(UNDELIVERED)
            )
            return count or 0

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


async def _letters(session: AsyncSession, case: CaseRow) -> Sequence[OutboxRow]:
    return (await session.scalars(select(OutboxRow).where(OutboxRow.case_key == case.key))).all()


def _again(session: AsyncSession, letter: OutboxRow, case: CaseRow, anew: Anew, now: datetime) -> None:
    if letter.address is not None and letter.address != case.email:
        # A letter of its own: what still comes back from the old address must not be taken for its bounce, and a
        # worker that is sending the old one must not record that this one is sent.
        session.add(anew(letter, case.email or "", now))
        letter.state = LetterState.REPLACED.value
        letter.leased_by = letter.leased_until = None
        return
    letter.state, letter.due_at, letter.attempts = LetterState.QUEUED.value, now, 0
    letter.tried_at = None
