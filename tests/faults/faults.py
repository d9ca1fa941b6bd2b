"""The faults: what is done to an installation while delegates talk, and what puts an end to it."""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TypeVar

import psutil

from tests.faults.installation import Installation, Needs
from tests.faults.proxy import Proxy
from tests.faults.service import PROCESSES
from tests.faults.small_disk import fill, free

T = TypeVar("T")


class Fault(ABC):
    """Struck and mended several times, each time in the next of its ways, where it has several."""

    name: str
    needs: frozenset[Needs] = frozenset()
    servers_only = False
    mends_itself = False
    """Whether there is nothing to mend: what was killed is started again by whoever looks after it."""
    load = 1.0
    """By how much there is more to answer, while it is struck."""
    once = False
    """Whether it is struck once, for most of the time."""

    @abstractmethod
    async def strike(self, place: Installation, round_: int) -> None:
        """Begins."""

    async def mend(self, place: Installation, round_: int) -> None:  # noqa: B027 - some end by themselves
        """Puts an end to it."""


class Kill(Fault):
    """kill -9 of processes of one machine, the next in turn."""

    mends_itself = True

    def __init__(self, name: str, *ways: Sequence[str]) -> None:
        self.name, self._ways = name, ways

    async def strike(self, place: Installation, round_: int) -> None:
        machine = _in_turn(place.machines, round_)
        names = self._ways[(round_ // len(place.machines)) % len(self._ways)]
        found = [await asyncio.to_thread(machine.process, name) for name in names]
        for process in found:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()


class SlowEngine(Fault):
    """An engine that has the processor for half a second in four: on every machine."""

    name = "slow engine"
    stopped, running = 3.5, 0.5

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    async def strike(self, place: Installation, round_: int) -> None:
        engines = [await asyncio.to_thread(machine.process, "engine") for machine in place.machines]
        self._task = asyncio.create_task(self._hold_back(engines))

    async def mend(self, place: Installation, round_: int) -> None:
        assert self._task is not None
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _hold_back(self, engines: Sequence[psutil.Process]) -> None:
        try:
            while True:
                for engine in engines:
                    engine.suspend()
                await asyncio.sleep(self.stopped)
                for engine in engines:
                    engine.resume()
                await asyncio.sleep(self.running)
        finally:
            for engine in engines:
                engine.resume()


class Load(Fault):
    """Ten times the messages."""

    name, load, once = "ten times the load", 10.0, True

    async def strike(self, place: Installation, round_: int) -> None:
        """The driver does it."""


class Smtp(Fault):
    """The mail server refuses, hangs, breaks off, is away or does not say anything."""

    name = "SMTP away"

    async def strike(self, place: Installation, round_: int) -> None:
        office, way = place.office, round_ % 5
        if way == 0:
            place.smtp.refuse()
        elif way == 1:
            office.hangs_at = "DATA"
        elif way == 2:
            office.refuses["RCPT"] = "451 not now"
        elif way == 3:
            place.smtp.stall()
        else:
            office.drops_at = "MAIL"

    async def mend(self, place: Installation, round_: int) -> None:
        place.office.refuses.clear()
        place.office.hangs_at = place.office.drops_at = None
        place.smtp.mend()


class FullDisk(Fault):
    """Not one byte is free: on one machine's disk, or on PostgreSQL's."""

    name, needs = "full disk", frozenset({Needs.SMALL_DISKS})

    async def strike(self, place: Installation, round_: int) -> None:
        fill(_in_turn(place.folders, round_))

    async def mend(self, place: Installation, round_: int) -> None:
        free(_in_turn(place.folders, round_))
        if place.postgresql is not None and not place.postgresql.is_running:
            # As its service manager does.
            await asyncio.to_thread(place.postgresql.start)


class ClockJumps(Fault):
    """The clock of one machine, and then of another, is set an hour or a day ahead or back, and right again."""

    name, needs = "clock jumps", frozenset({Needs.CLOCKS})
    jumps = (3600, -3600, 90_000, -90_000)

    async def strike(self, place: Installation, round_: int) -> None:
        _in_turn(place.clocks, round_).set(self.jumps[round_ % len(self.jumps)])

    async def mend(self, place: Installation, round_: int) -> None:
        _in_turn(place.clocks, round_).set(0)


class ServerAway(Fault):
    """A server is stopped, killed, or the way to it cut or stalled."""

    servers_only = True

    def __init__(self, name: str, server: str, way: str, needs: frozenset[Needs] = frozenset()) -> None:
        self.name, self._server, self._way, self.needs = name, server, way, needs

    async def strike(self, place: Installation, round_: int) -> None:
        if self._way in ("stop", "kill"):
            await self._end(place)
        else:
            self._link(place)()

    async def mend(self, place: Installation, round_: int) -> None:
        if self._way in ("stop", "kill"):
            await self._begin(place)
        else:
            place.links[self._server].mend()

    def _link(self, place: Installation) -> Callable[[], None]:
        link: Proxy = place.links[self._server]
        return {"cut": link.cut, "refuse": link.refuse, "stall": link.stall}[self._way]

    async def _end(self, place: Installation) -> None:
        if self._server == "postgresql" and place.postgresql:
            await asyncio.to_thread(place.postgresql.stop if self._way == "stop" else place.postgresql.kill)
        elif self._server == "redis" and place.redis:
            place.redis.stop()
        elif self._server == "broker" and place.broker:
            await (place.broker.stop() if self._way == "stop" else place.broker.kill())

    async def _begin(self, place: Installation) -> None:
        if self._server == "postgresql" and place.postgresql:
            await asyncio.to_thread(place.postgresql.start)
        elif self._server == "redis" and place.redis:
            await asyncio.to_thread(place.redis.start)
        elif self._server == "broker" and place.broker:
            await place.broker.start()


class InTurn(Fault):
    """One of several faults after the other."""

    def __init__(self, name: str, *faults: Fault) -> None:
        self.name, self._faults = name, faults
        self.needs = frozenset[Needs]().union(*(one.needs for one in faults))
        self.servers_only = any(one.servers_only for one in faults)

    async def strike(self, place: Installation, round_: int) -> None:
        await _in_turn(self._faults, round_).strike(place, round_)

    async def mend(self, place: Installation, round_: int) -> None:
        await _in_turn(self._faults, round_).mend(place, round_)


def _in_turn(several: Sequence[T], round_: int) -> T:
    return several[round_ % len(several)]


_BROKER = frozenset({Needs.BROKER})

FAULTS: dict[str, Callable[[], Fault]] = {
    "kill-engine": lambda: Kill("kill -9: engine", ["engine"]),
    "kill-desk": lambda: Kill("kill -9: desk", ["desk"]),
    "kill-background": lambda: Kill("kill -9: recorder, courier, review", ["background"]),
    "kill-supervisor": lambda: Kill("kill -9: supervisor, first process", ["supervisor"], ["first"]),
    "kill-machine": lambda: Kill("kill -9: all processes of a machine", list(PROCESSES)),
    "slow-engine": SlowEngine,
    "smtp": Smtp,
    "load": Load,
    "postgresql-stop": lambda: ServerAway("PostgreSQL stopped", "postgresql", "stop"),
    "postgresql-kill": lambda: ServerAway("PostgreSQL killed", "postgresql", "kill"),
    "postgresql-cut": lambda: InTurn(
        "PostgreSQL cut off",
        ServerAway("", "postgresql", "cut"),
        ServerAway("", "postgresql", "stall"),
        ServerAway("", "postgresql", "refuse"),
    ),
    "redis": lambda: InTurn(
        "Redis killed, cut off",
        ServerAway("", "redis", "kill"),
        ServerAway("", "redis", "stall"),
        ServerAway("", "redis", "cut"),
    ),
    "clock": ClockJumps,
    "disk": FullDisk,
    "broker": lambda: InTurn(
        "broker killed, cut off, stopped",
        ServerAway("", "broker", "kill", _BROKER),
        ServerAway("", "broker", "refuse", _BROKER),
        ServerAway("", "broker", "stop", _BROKER),
    ),
}
"""By their short names; those that need the same of an installation follow each other."""
