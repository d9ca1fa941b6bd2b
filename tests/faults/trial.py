"""One fault over one installation: delegates talk throughout, and everything is accounted for at the end."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from typing import Any

import aiohttp

from tests.faults.accounting import Account, Accounting
from tests.faults.delegates import Crowd, seats
from tests.faults.faults import Fault
from tests.faults.installation import CONTACTS, Installation
from tests.faults.memory import Memory

A_SECOND = 3.0
"""Messages."""
PAUSE = 4.0
"""Seconds between two messages of one delegate."""
ROUND_SECONDS = 30.0
"""From one strike to the next."""
WARM_SECONDS = 5.0
"""Of talk before the first."""
STRUCK = 0.45
"""The part of a round before it is mended."""
QUIET_SECONDS = 240.0
"""How long it may take after the last word until nothing waits any more."""
TOLD_SECONDS = 15.0
"""How long after that Rasa's events may come."""


@dataclass
class Outcome:
    """What came of it."""

    fault: str
    on: str
    seconds: float
    account: Account
    first_answer: list[float | None] = field(default_factory=list)
    """Seconds from each mending, or from what mends itself, to the answer to somebody who came then."""
    all_ready: list[float | None] = field(default_factory=list)
    """The same to when every machine is ready."""
    quiet: float | None = None
    """Seconds from the last word until nothing waited; nothing where something still did."""
    met: dict[str, int] = field(default_factory=dict)
    memory: dict[str, tuple[int, int]] = field(default_factory=dict)
    unbounded: dict[str, float] = field(default_factory=dict)

    @property
    def is_right(self) -> bool:
        """Nothing lost, twice or out of order, it came back by itself, and memory was bounded."""
        came_back = None not in self.first_answer and None not in self.all_ready and self.quiet is not None
        return self.account.is_right and came_back and not self.unbounded

    def figures(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


class Trial:
    """`seconds` of one fault."""

    def __init__(self, place: Installation, on: str, fault: Fault, seconds: float) -> None:
        self._place, self._on, self._fault, self._seconds = place, on, fault, seconds
        self._taken_before = len(place.office.taken)
        self._memory = Memory(place.machines)

    async def run(self) -> Outcome:
        """Everything, to the account."""
        address = f"http://127.0.0.1:{self._place.port}"
        async with _session() as session:
            crowd = Crowd(address, session, random.Random(self._fault.name))
            outcome = Outcome(self._fault.name, self._on, self._seconds, Account(0, 0))
            enough = asyncio.Event()
            talking = asyncio.create_task(crowd.talk(seats(A_SECOND, PAUSE), PAUSE, enough))
            await asyncio.sleep(WARM_SECONDS)
            await asyncio.to_thread(self._memory.begin)
            watching = asyncio.create_task(self._memory.watch())
            await self._rounds(crowd, session, outcome)
            enough.set()
            spoken = time.monotonic()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(talking, QUIET_SECONDS)
            quiet = await self._quiet(crowd)
            outcome.quiet = round(time.monotonic() - spoken, 1) if quiet else None
            watching.cancel()
            outcome.account = await self._account(crowd)
            outcome.met = dict(crowd.met)
            outcome.memory, outcome.unbounded = self._memory.figures(), self._memory.unbounded
            return outcome

    async def _rounds(self, crowd: Crowd, session: aiohttp.ClientSession, outcome: Outcome) -> None:
        count = 1 if self._fault.once else max(1, int(self._seconds // ROUND_SECONDS))
        each = self._seconds / count
        ready: list[asyncio.Task[float | None]] = []
        answers: list[asyncio.Task[float | None]] = []
        for at in range(count):
            since = time.monotonic()
            await self._fault.strike(self._place, at)
            if self._fault.mends_itself:
                answers.append(asyncio.create_task(self._answer(crowd, since)))
                ready.append(asyncio.create_task(self._ready(session, since)))
                await asyncio.sleep(each - (time.monotonic() - since))
                continue
            await self._struck(crowd, each * (0.8 if self._fault.once else STRUCK))
            await self._fault.mend(self._place, at)
            mended = time.monotonic()
            answers.append(asyncio.create_task(self._answer(crowd, mended)))
            ready.append(asyncio.create_task(self._ready(session, mended)))
            await asyncio.sleep(max(0.0, each - (mended - since)))
        outcome.all_ready = list(await asyncio.gather(*ready))
        outcome.first_answer = list(await asyncio.gather(*answers))

    async def _answer(self, crowd: Crowd, since: float) -> float | None:
        """Until somebody new has an answer; nothing where that takes too long."""
        try:
            return round(await asyncio.wait_for(crowd.ask_once(), QUIET_SECONDS) - since, 1)
        except TimeoutError:
            return None

    async def _struck(self, crowd: Crowd, seconds: float) -> None:
        """As long as it lasts, with more delegates where the fault is that."""
        if self._fault.load <= 1:
            await asyncio.sleep(seconds)
            return
        enough = asyncio.Event()
        more = asyncio.create_task(crowd.talk(seats(A_SECOND * (self._fault.load - 1), PAUSE), PAUSE, enough))
        await asyncio.sleep(seconds)
        enough.set()
        await more

    async def _ready(self, session: aiohttp.ClientSession, since: float) -> float | None:
        """Until every machine says that it is; nothing where one does not."""
        left = {machine.port for machine in self._place.machines}
        # What was killed may still be spoken to for a moment.
        await asyncio.sleep(0.2)
        while time.monotonic() - since < QUIET_SECONDS:
            for port in list(left):
                with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
                    timeout = aiohttp.ClientTimeout(total=5)
                    async with session.get(f"http://127.0.0.1:{port}/readyz", timeout=timeout) as response:
                        if response.status == HTTPStatus.OK:
                            left.discard(port)
            if not left:
                return round(time.monotonic() - since, 1)
            await asyncio.sleep(0.2)
        return None

    async def _quiet(self, crowd: Crowd) -> bool:
        """Until every message is answered and recorded, and every letter is out."""
        ours = {delegate.id for delegate in crowd.delegates}
        wanted = {one.id for one in crowd.said}
        deadline = time.monotonic() + QUIET_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(Exception):
                if await asyncio.to_thread(self._is_quiet, ours, wanted):
                    return True
            await asyncio.sleep(0.5)
        return False

    def _is_quiet(self, ours: set[str], wanted: set[str]) -> bool:
        records = self._place.records
        messages = [one for one in records.messages() if one.client_id in wanted]
        recorded = {number for conversation, number in records.recorded() if conversation in ours}
        waiting = sum(case.letters_waiting for case in records.cases() if case.conversation in ours)
        return all(one.outcome and one.id in recorded for one in messages) and not waiting

    async def _account(self, crowd: Crowd) -> Account:
        delegates = [one for one in crowd.delegates if one.id]
        shown = {one.id: await asyncio.wait_for(one.history(), QUIET_SECONDS) for one in delegates}
        office = self._place.office
        taken = office.messages[self._taken_before :]
        letters = Counter(str(one["Message-ID"]) for one in taken)
        subjects = [str(one["Subject"]) for one in taken if str(one["To"]).endswith(tuple(_contacts()))]
        ours = {one.id for one in delegates}
        untold = await self._untold(ours)
        return Accounting(delegates, shown, self._place.records, letters, subjects).account(untold)

    async def _untold(self, ours: set[str]) -> int:
        """What Rasa's events tell may come a little later than the turn itself."""
        deadline = time.monotonic() + TOLD_SECONDS
        while (untold := await asyncio.to_thread(self._place.records.untold, ours)) and time.monotonic() < deadline:
            await asyncio.sleep(0.5)
        return untold


def _contacts() -> list[str]:
    return [f"{address}>" for address in CONTACTS.values()] + list(CONTACTS.values())


@asynccontextmanager
async def _session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        yield session
