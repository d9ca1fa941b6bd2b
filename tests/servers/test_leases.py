"""Work that one machine at a time does."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.store import nodes
from bot.store.database import Sessions
from bot.store.nodes import Heartbeat, Lease, LeaseLost


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodes, "SILENT", timedelta(seconds=0.5))
    monkeypatch.setattr(nodes, "RENEW_SECONDS", 0.0)


async def test_one_of_many_has_it_and_the_next_when_it_is_released(store: Sessions) -> None:
    leases = [Lease(store, "recorder", f"machine {number}") for number in range(8)]
    held = await asyncio.gather(*(lease.held() for lease in leases))
    assert sum(held) == 1
    winner = leases[held.index(True)]
    assert await winner.held()
    await winner.release()
    others = [lease for lease in leases if lease is not winner]
    assert sum(await asyncio.gather(*(lease.held() for lease in others))) == 1


async def test_a_machine_that_died_loses_it_after_a_while_and_one_that_sleeps_cannot_go_on(
    store: Sessions, quickly: None
) -> None:
    asleep, awake = Lease(store, "recorder", "asleep"), Lease(store, "recorder", "awake")
    assert await asleep.held()
    assert not await awake.held()
    async with asyncio.timeout(10):
        while not await awake.held():
            await asyncio.sleep(0.05)
    async with store.begin() as session:
        with pytest.raises(LeaseLost):
            await asleep.check(session)
        await awake.check(session)
    assert not await asleep.held()


async def test_after_a_time_without_the_database_nobody_is_declared_gone_at_once(store: Sessions) -> None:
    moments = [0.0, 4.0, 8.0, 13.0, 60.0, 64.0]
    heart = Heartbeat(store, "a machine", lambda: moments.pop(0))
    assert [await heart.beat() for _ in range(3)] == [False] * 3, "it has just come"
    assert await heart.beat(), "it is heard regularly"
    assert [await heart.beat() for _ in range(2)] == [False] * 2, "it was away itself"
