"""Many letters, many crashes, a server that is away half of the time."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sized
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, insert, select

from bot.cases.letters import new_token
from bot.cases.reference import new_reference
from bot.store.case_states import CaseState
from bot.store.case_tables import CaseRow, LetterKind, LetterState, OutboxRow
from bot.store.database import Sessions
from tests.cases.conftest import DELEGATE, FOCAL_POINT, House, until
from tests.cases.post_office import PostOffice, Step
from tests.cases.worker import at_work

pytestmark = pytest.mark.endurance

CASES = 1_000
KILLS = 50
LETTERS = 10_000
STEPS: tuple[Step, ...] = ("EHLO", "MAIL", "RCPT", "DATA", "TAKEN", "ANSWERED")


async def states(store: Sessions) -> dict[str, int]:
    async with store() as session:
        rows = await session.execute(select(CaseRow.state, func.count()).group_by(CaseRow.state))
        return {row[0]: row[1] for row in rows.all()}


async def test_a_thousand_cases_survive_fifty_crashes_and_a_server_away_half_of_the_time(
    house: House, office: PostOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    house = house.with_settings(smtp_seconds=2, retry_seconds=0.1, confirmations_a_day=0)
    house.clock.now = datetime.now(UTC)
    chance = random.Random(1000)
    began = time.monotonic()
    down = 0.0
    kills: list[Step] = []
    accepted_unrecorded = 0
    with at_work(house.folder, house.options) as (worker,):
        victim: Step | None = None

        def kill(reached: Step) -> None:
            nonlocal victim, accepted_unrecorded
            if reached == victim:
                victim = None
                worker.kill()
                kills.append(reached)
                # From DATA on the server has the whole message and takes it, whoever hears so.
                accepted_unrecorded += reached in {"DATA", "TAKEN", "ANSWERED"}

        office.at = kill

        async def fall_ill() -> None:
            """The server is well and ill in turns, each in its own way."""
            nonlocal down
            while True:
                await asyncio.sleep(chance.uniform(0.5, 1.5))
                ill = time.monotonic()
                fault, step = chance.choice(("refuses", "drops_at", "hangs_at")), chance.choice(STEPS[:4])
                if fault == "refuses":
                    office.refuses[step] = "421 away"
                else:
                    setattr(office, fault, step)
                await asyncio.sleep(chance.uniform(0.5, 1.5))
                office.refuses.clear()
                office.hangs_at = office.drops_at = None
                down += time.monotonic() - ill

        async def die() -> None:
            """Kills the worker in the middle of something and starts it again."""
            nonlocal victim
            while len(kills) < KILLS:
                await _more_than(office.taken, len(office.taken) + chance.randint(0, CASES // KILLS // 4))
                victim = chance.choice(STEPS)
                await _more_than(kills, len(kills))
                await asyncio.to_thread(worker.process.wait)  # type: ignore[union-attr]
                worker.start()

        ill, dying = asyncio.create_task(fall_ill()), asyncio.create_task(die())
        submitted = [await house.ask() for _ in range(CASES - CASES // 2)]

        async def ask_on() -> None:
            for _ in range(CASES // 2):
                submitted.append(await house.ask())
                await asyncio.sleep(0.05)

        asking = asyncio.create_task(ask_on())
        await asyncio.wait_for(asyncio.gather(asking, dying), 600)
        await until(lambda: _all_sent(house), 300)
        ill.cancel()
    taken = time.monotonic() - began
    questions = {m["Message-ID"]: m for m in office.to(FOCAL_POINT)}
    delivered = {m["Subject"].partition("]")[0][1:] for m in questions.values()}
    again = sum(office.ids.values()) - len(office.ids)
    with capsys.disabled():
        print(
            f"\n{CASES} cases, worker killed {len(kills)} times, server away {down / taken:.0%} of {taken:.0f} s:"
            f" {len(delivered)} delivered, {CASES - len(delivered)} lost, {again} came again with the same Message-ID"
            f" ({accepted_unrecorded} crashes between the server's acceptance and the record)"
        )
    assert len(kills) == KILLS
    assert delivered == {receipt.reference for receipt in submitted}
    assert len(questions) == CASES
    assert again <= accepted_unrecorded
    assert await states(house.store) == {"sent": CASES}


async def _more_than(things: Sized, count: int) -> None:
    await until(lambda: len(things) > count, 120)


async def _all_sent(house: House) -> bool:
    return (await house.outbox.counts())[LetterState.QUEUED] == 0


async def test_ten_thousand_letters_and_two_workers_each_arrives_once(
    house: House, office: PostOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    house.clock.now = datetime.now(UTC)
    receipt = await house.ask()
    template = (await house.outbox.of_case((await house.case(receipt)).key))[0]
    await house.carry()
    office.taken.clear()
    now = datetime.now(UTC)
    cases, letters = [], []
    for number in range(LETTERS):
        key, token = f"{number:036}", new_token()
        cases.append(
            {
                "key": key,
                "reference": new_reference(),
                "state": CaseState.QUEUED.value,
                "language": "en",
                "area": "response_package",
                "contact": "focal_point",
                "name": "A",
                "email": DELEGATE,
                "question": "Q?",
                "consent": False,
                "answer_by": now.date(),
                "since": now,
                "created_at": now,
                "submitted_at": now,
            }
        )
        message_id = f"<{token}@example.org>"
        letters.append(
            {
                "case_key": key,
                "kind": LetterKind.QUESTION.value,
                "contact": "focal_point",
                "language": "en",
                "token": token,
                "message_id": message_id,
                "state": LetterState.QUEUED.value,
                "attempts": 0,
                "content": template.content.replace(template.message_id.encode(), message_id.encode()),
                "due_at": now,
                "created_at": now,
            }
        )
    async with house.store.begin() as session:
        await session.execute(insert(CaseRow), cases)
        await session.execute(insert(OutboxRow), letters)
    began = time.monotonic()
    with at_work(house.folder, house.options, count=2) as workers:
        await until(lambda: len(office.taken) >= LETTERS, 600)
        await until(lambda: _all_sent(house), 30)
        taken = time.monotonic() - began
        assert [worker.stop() for worker in workers] == [0, 0]
    with capsys.disabled():
        print(f"\n{LETTERS} letters by two workers in {taken:.0f} s, {LETTERS / taken:.0f} a second")
    ids = office.ids
    arrived, most = len(ids), max(ids.values())
    assert (arrived, most) == (LETTERS, 1)
    assert await states(house.store) == {"sent": LETTERS + 1}
    async with house.store() as session:
        workers_seen = await session.scalar(select(func.count()).where(OutboxRow.leased_by.is_not(None)))
    assert workers_seen == 0
