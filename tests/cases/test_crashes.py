"""kill -9 at every step between accepting the form and the server's 250: nothing is lost."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.settings import ROOT
from tests.cases.conftest import DELEGATE, FOCAL_POINT, House, until
from tests.cases.post_office import PostOffice, Step
from tests.cases.worker import at_work
from tests.database import database_of

pytestmark = pytest.mark.endurance

SUBMIT = """
import asyncio, os, signal, sys
from sqlalchemy import event
from sqlalchemy.orm import Session
from bot.cases.desk import MailDesk
from bot.settings import HandoffSettings
from bot.store.database import connect, sessions
from knowledge.base import load
from tests.cases.conftest import ASKED

async def main(url, when, key):
    engine = connect(url)
    desk = MailDesk(HandoffSettings(), sessions(engine), load())
    await desk.begin(key, "none", ASKED.language, ASKED.area)
    if when:
        event.listen(Session, when, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    print((await desk.submit(key, ASKED)).reference)

asyncio.run(main(*sys.argv[1:]))
"""


def submit(folder: Path, when: str, key: str) -> subprocess.CompletedProcess[str]:
    """Submits in a process of its own, which dies when told to."""
    command = [sys.executable, "-c", SUBMIT, database_of(folder), when, key]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("when", ["after_flush", "before_commit", "after_commit"])
async def test_killed_while_it_is_submitted_the_form_sends_again_and_there_is_one_case(
    house: House, office: PostOffice, when: str
) -> None:
    key = "33333333-3333-4333-8333-333333333333"
    assert submit(house.folder, when, key).returncode == -signal.SIGKILL
    case = await house.cases.by_key(key)
    assert case is not None
    assert case.state == ("queued" if when == "after_commit" else "draft")
    again = submit(house.folder, "", key)
    assert again.returncode == 0, again.stderr
    house.clock.forward(days=3650)
    await house.carry()
    assert len(office.to(FOCAL_POINT)) == len(office.to(DELEGATE)) == 1
    assert again.stdout.strip() in office.to(FOCAL_POINT)[0]["Subject"]


@pytest.mark.parametrize("step", ["EHLO", "MAIL", "RCPT", "DATA", "TAKEN", "ANSWERED"])
async def test_killed_while_it_sends_the_letter_goes_out_all_the_same(
    house: House, office: PostOffice, step: Step
) -> None:
    house = house.with_settings(smtp_seconds=0.5)
    house.clock.now = datetime.now(UTC)
    receipt = await house.ask()
    with at_work(house.folder, house.options) as (worker,):
        killed: list[float] = []

        def kill(reached: Step) -> None:
            if reached == step and not killed:
                killed.append(time.monotonic())
                worker.kill()

        office.at = kill
        await until(lambda: bool(killed) and worker.is_dead())
        worker.start()

        async def is_sent() -> bool:
            return await house.state(receipt) == "sent" and len(office.ids) == 2

        await until(is_sent)
        assert worker.stop() == 0
    again = sum(office.ids.values()) - 2
    # From DATA on the server has the whole message, and takes it whether or not the worker lives to hear so.
    assert again <= (1 if step in {"DATA", "TAKEN", "ANSWERED"} else 0)
    assert again == 1 or step != "TAKEN"
