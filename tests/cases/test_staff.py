"""The staff's command line."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bot.cases.staff import Staff
from bot.settings import ROOT
from bot.store.cases import UnknownCase
from tests.cases.conftest import House
from tests.cases.post_office import PostOffice
from tests.cases.test_replies import reply, sent


async def said(house: House, command: str, reference: str = "") -> str:
    staff = Staff(house.store, house.settings, house.base, house.clock)
    return "\n".join([line async for line in staff.do(command, reference)])


async def test_a_case_is_listed_and_shown_with_all_that_happened(house: House, office: PostOffice) -> None:
    question, _, reference = await sent(house, office)
    await house.post.intake.take(reply(question).as_bytes())
    listed = await said(house, "list")
    assert f"{reference}  answered" in listed
    assert "Neither IMAP_HOST nor LMTP_PORT is set" in listed
    shown = await said(house, "show", reference.lower().replace("-", " "))
    for part in ("Amina Otieno", "submitted", "question_sent", "answered", "Yes, a trainer can come in March."):
        assert part in shown


async def test_a_failed_case_is_sent_again(house: House, office: PostOffice) -> None:
    office.refuses["RCPT"] = "550 never"
    _ = await house.ask()
    await house.carry()
    (case,) = await house.cases.newest()
    office.refuses.clear()
    assert "2 letters queued" in await said(house, "resend", case.reference or "")
    await house.carry()
    assert len(office.taken) == 2
    assert "closed" in await said(house, "close", case.reference or "")


async def test_strangers_are_listed_apart(house: House, office: PostOffice) -> None:
    question, _, _ = await sent(house, office)
    await house.post.intake.take(reply(question, sender="stranger@example.net").as_bytes())
    assert "stranger@example.net" in await said(house, "aside")


async def test_a_reference_that_is_none_is_refused(house: House) -> None:
    with pytest.raises(UnknownCase):
        await said(house, "show", "7KQ4-M2XP-99")


def test_the_command_works_on_an_empty_house(house: House) -> None:
    environ = {**os.environ, "DATA_DIR": str(house.folder / "new")}
    command = [sys.executable, "-m", "bot.cases", "list"]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "ADDRESS_FOCAL_POINT is not set" in done.stdout
