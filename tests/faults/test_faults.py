"""Faults in short, so that a change that loses something is seen at once; `make faults` has them all, and long."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from tests.faults.__main__ import run
from tests.faults.trial import Outcome

SECONDS = 10.0


def outcomes(on: str, names: Sequence[str]) -> list[Outcome]:
    return asyncio.run(run(names, [on], SECONDS))


def check(found: Sequence[Outcome]) -> None:
    wrong = [(one.fault, one.figures()) for one in found if not one.is_right]
    assert not wrong
    assert all(one.account.messages for one in found)


@pytest.mark.journey
@pytest.mark.endurance
def test_on_one_machine_nothing_is_lost_when_processes_are_killed() -> None:
    check(outcomes("sqlite", ["kill-engine", "kill-desk", "smtp"]))


@pytest.mark.servers
def test_on_two_machines_nothing_is_lost_when_servers_are_away() -> None:
    check(outcomes("servers", ["kill-engine", "kill-machine", "postgresql-kill", "postgresql-cut", "redis", "smtp"]))


@pytest.mark.servers
def test_on_two_machines_nothing_is_lost_with_wrong_clocks_full_disks_and_without_the_broker() -> None:
    check(outcomes("servers", ["clock", "disk", "broker"]))
