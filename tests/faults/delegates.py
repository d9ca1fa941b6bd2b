"""Delegates who talk over the chat API as the window does, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import aiohttp

QUESTIONS = (
    "What is a TISC?",
    "Who hosts them?",
    "What does mediation cost?",
    "How do I get access to ARDI?",
    "What is the aim of WIPO's COVID-19 response package?",
    "Does WIPO comment on our draft patent law?",
    "¿Qué es un CATI?",
    "Qui peut demander une assistance ?",
)
FORM = (
    "I want to talk to a person",
    "{name}",
    "Kenya",
    "{address}",
    "Could a trainer visit us in March?",
    "no",
    "send it",
)
"""From the wish for a person to a case."""
MESSAGES = 10
"""Of an ordinary delegate, who then makes room for the next."""
ONE_IN = 4
"""Delegates one of which hands a case in."""
LISTENING = 25
"""Seconds for which the window has a call held."""
PATIENCE = 15.0
"""Seconds after which the window gives a call up, beyond those it has it held for."""
LONGEST_PAUSE = 3.0
"""Seconds between two attempts: shorter than the window's, so that a recovery shows when it is there."""


@dataclass
class Said:
    """A message, and the moments (of the steady clock) it was sent, accepted and answered at."""

    text: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    sent: float = field(default_factory=time.monotonic)
    accepted: float | None = None
    answered: float | None = None


class Delegate:
    """Somebody in a conversation of their own. What is said is sent until it is accepted, and only then the next."""

    def __init__(self, session: aiohttp.ClientSession, address: str, met: Counter[str]) -> None:
        self._session, self._address, self._met = session, address, met
        self.id, self._token = "", ""
        self.said: list[Said] = []
        self.case = False
        """Whether a case was to be handed in, and the form said that it was."""
        self.heard: list[dict[str, Any]] = []
        """What came by the calls that wait, in the order it came."""
        self.problem: str | None = None
        self._told = asyncio.Event()

    async def open(self) -> None:
        """Opens the conversation, however long that takes."""
        opened = await self._until_taken("POST", "", {"language": "en"})
        self.id, self._token = opened["id"], opened["token"]

    async def say(self, text: str) -> Said:
        """Returns when the message is accepted: answered, or kept to be."""
        said = Said(text)
        self.said.append(said)
        body = {"text": text, "client_message_id": said.id}
        turn = await self._until_taken("POST", f"/{self.id}/messages", body)
        said.accepted = time.monotonic()
        if "replies" in turn:
            self._answered(said.id)
        return said

    async def answered(self, said: Said) -> None:
        """Waits for the answer."""
        while said.answered is None:
            self._told.clear()
            await self._told.wait()

    async def listen(self) -> None:
        """Hears what is said, as the window does: each call goes on where the last one ended."""
        while True:
            after = f"after={self.heard[-1]['cursor']}&" if self.heard else ""
            path = f"/{self.id}/messages?{after}wait={LISTENING}"
            history = await self._until_taken("GET", path, None, PATIENCE + LISTENING)
            self.heard += history["messages"]
            for one in history["messages"]:
                if one.get("in_reply_to"):
                    self._answered(one["in_reply_to"])

    async def history(self) -> list[dict[str, Any]]:
        """All that was said, as the service tells it."""
        return (await self._until_taken("GET", f"/{self.id}/messages", None))["messages"]  # type: ignore[no-any-return]

    def _answered(self, message_id: str) -> None:
        for one in self.said:
            if one.id == message_id and one.answered is None:
                one.answered = time.monotonic()
        self._told.set()

    async def _until_taken(self, method: str, path: str, body: Any, seconds: float = PATIENCE) -> dict[str, Any]:
        for attempt in itertools.count():
            pause = min(0.25 * 2**attempt, LONGEST_PAUSE)
            try:
                async with self._session.request(
                    method,
                    f"{self._address}/api/v1/conversations{path}",
                    json=body,
                    headers={"Authorization": f"Bearer {self._token}"} if self._token else {},
                    timeout=aiohttp.ClientTimeout(total=seconds),
                ) as response:
                    told: dict[str, Any] = await response.json(content_type=None) or {}
                    status = response.status
                    if status < HTTPStatus.BAD_REQUEST or told.get("state") == "waiting":
                        return told
                    self._met[str(status)] += 1
                    if status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _COME_BACK:
                        self.problem = f"{method} {path} was refused: {status} {told}"
                        raise Refused(self.problem)
                    pause = min(float(response.headers.get("Retry-After", pause)), LONGEST_PAUSE)
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
                self._met[type(error).__name__] += 1
            await asyncio.sleep(pause)
        raise AssertionError("unreachable")


_COME_BACK = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}


class Refused(Exception):
    """The service will never take this, as it is: a fault of its, since all that is sent is in order."""


class Crowd:
    """Delegates who come, talk and go; so many at once, each with the same pause between two messages."""

    def __init__(self, address: str, session: aiohttp.ClientSession, chance: random.Random) -> None:
        self._address, self._session, self._chance = address, session, chance
        self.delegates: list[Delegate] = []
        self.met: Counter[str] = Counter()
        """What was met instead of an answer, by status or by the error's name."""
        self._number = itertools.count()

    @property
    def said(self) -> Iterator[Said]:
        """All messages, of all delegates."""
        return (one for delegate in self.delegates for one in delegate.said)

    async def ask_once(self) -> float:
        """Somebody new comes, asks one thing and goes; when the answer was there."""
        delegate = Delegate(self._session, self._address, self.met)
        self.delegates.append(delegate)
        await delegate.open()
        async with _listening(delegate):
            await delegate.answered(await delegate.say(QUESTIONS[0]))
        return time.monotonic()

    async def talk(self, seats: int, pause: float, until: asyncio.Event) -> None:
        """Keeps so many seats taken until told that it is enough; everybody ends the message that they are at."""
        async with asyncio.TaskGroup() as group:
            for seat in range(seats):
                group.create_task(self._seat(pause, pause * seat / seats, until))

    async def _seat(self, pause: float, first: float, until: asyncio.Event) -> None:
        await _wait(until, first)
        while not until.is_set():
            number = next(self._number)
            delegate = Delegate(self._session, self._address, self.met)
            self.delegates.append(delegate)
            with contextlib.suppress(Refused):
                await self._visit(delegate, number, pause, until)

    async def _visit(self, delegate: Delegate, number: int, pause: float, until: asyncio.Event) -> None:
        await delegate.open()
        async with _listening(delegate):
            if number % ONE_IN == 0:
                await self._hand_in(delegate, number, pause, until)
            else:
                for _ in range(MESSAGES):
                    if until.is_set():
                        break
                    await delegate.say(self._chance.choice(QUESTIONS))
                    await _wait(until, pause * self._chance.uniform(0.5, 1.5))
            for one in delegate.said:
                await delegate.answered(one)

    async def _hand_in(self, delegate: Delegate, number: int, pause: float, until: asyncio.Event) -> None:
        """The form, to its end even where it is enough: half a form is no case."""
        name = f"Amina Otieno {_letters(number)}"
        address = f"delegate-{uuid.uuid4().hex[:12]}@example.org"
        for text in FORM:
            said = await delegate.say(text.format(name=name, address=address))
            await delegate.answered(said)
            await _wait(until, pause * self._chance.uniform(0.5, 1.5))
        delegate.case = True


def seats(a_second: float, pause: float) -> int:
    """How many must talk at once for so many messages a second."""
    return max(1, round(a_second * pause))


@asynccontextmanager
async def _listening(delegate: Delegate) -> AsyncIterator[None]:
    task = asyncio.ensure_future(delegate.listen())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Refused):
            await task


def _letters(number: int) -> str:
    """A number in letters: no name has figures in it."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number)).capitalize()


async def _wait(until: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(until.wait(), seconds)
