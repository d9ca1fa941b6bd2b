"""From the form to the mail server, and what happens when it refuses, hangs or drops."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import ssl
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog.testing
from aiosmtpd.smtp import AuthResult, LoginPassword
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from bot.cases.courier import waiting_seconds
from bot.cases.desk import CannotTake
from bot.store.case_states import NotPermitted
from bot.store.case_tables import LetterKind, LetterState, OutboxRow
from bot.store.database import connect, migrate, sessions
from bot.store.outbox import NOTICE
from knowledge.base import KnowledgeBase
from knowledge.records import Language
from tests.cases.certificate import make_certificate
from tests.cases.conftest import ASKED, CENTER, DELEGATE, FOCAL_POINT, GLOBAL_CHALLENGES, House, until
from tests.cases.post_office import PostOffice, Step, open_office
from tests.cases.test_letters import plain

KEY = "11111111-1111-4111-8111-111111111111"


async def test_a_question_reaches_the_contact_and_the_delegate_gets_its_number(
    house: House, office: PostOffice
) -> None:
    receipt = await house.ask()
    assert await house.state(receipt) == "queued"
    await house.carry()
    (question,), (confirmation,) = office.to(FOCAL_POINT), office.to(DELEGATE)
    assert question["Subject"] == f"[{receipt.reference}] Question from Amina Otieno (Kenya): COVID-19 response package"
    assert question["Auto-Submitted"] == "auto-generated"
    assert question["Reply-To"].addresses[0].username.startswith("replies+")
    assert ASKED.question in plain(question)
    assert receipt.reference in plain(confirmation)
    assert await house.state(receipt) == "sent"
    assert await house.causes(receipt) == ["begun", "submitted", "question_sent", "confirmation_sent"]


@pytest.mark.parametrize(
    ("area", "address"),
    [
        ("response_package", FOCAL_POINT),
        ("knowledge_resources", FOCAL_POINT),
        ("trilateral_cooperation", GLOBAL_CHALLENGES),
        ("ip_dispute_resolution", CENTER),
        ("no_such_area", FOCAL_POINT),
    ],
)
async def test_the_area_decides_whom_it_reaches(house: House, office: PostOffice, area: str, address: str) -> None:
    await house.ask(area=area)
    await house.carry()
    assert len(office.to(address)) == 1


async def test_the_same_key_again_is_the_same_case(house: House, office: PostOffice) -> None:
    first = await house.desk.submit(KEY, ASKED)
    assert await house.desk.submit(KEY, replace(ASKED, question="Something else?")) == first
    await house.carry()
    assert len(office.taken) == 2


async def test_submitted_twice_at_once_it_is_one_case(house: House, office: PostOffice) -> None:
    receipts = await asyncio.gather(*(house.desk.submit(KEY, ASKED) for _ in range(8)))
    assert len(set(receipts)) == 1
    await house.carry()
    assert len(office.taken) == 2


async def test_a_cancelled_form_sends_nothing(house: House, office: PostOffice) -> None:
    await house.desk.begin(KEY, "none", Language.EN, "response_package")
    await house.desk.withdraw(KEY)
    with pytest.raises(NotPermitted):
        await house.desk.submit(KEY, ASKED)
    assert await house.carry() == 0


async def test_cancelling_what_was_submitted_changes_nothing(house: House) -> None:
    receipt = await house.desk.submit(KEY, ASKED)
    await house.desk.withdraw(KEY)
    assert await house.state(receipt) == "queued"


@pytest.mark.parametrize(
    "address", ["", "amina", "a@b@example.org", "a@example.org\nBcc: b@example.org", "a b@example.org"]
)
async def test_what_is_no_address_is_refused(house: House, address: str) -> None:
    with pytest.raises(CannotTake):
        await house.desk.submit(KEY, replace(ASKED, email=address))


async def test_confirmations_to_one_address_are_limited(house: House, office: PostOffice) -> None:
    house = house.with_settings(confirmations_a_day=2)
    receipts = [await house.ask(email=email) for email in (DELEGATE, DELEGATE.upper(), DELEGATE)]
    await house.carry()
    assert sum(m["Subject"].startswith("[") and "received" in m["Subject"] for m in office.messages) == 2
    assert "confirmation_withheld" in await house.causes(receipts[-1])
    assert len(office.to(FOCAL_POINT)) == 3
    house.clock.forward(hours=25)
    await house.ask()
    await house.carry()
    assert len(office.to(DELEGATE)) == 2


async def test_without_an_address_the_case_stays_queued_and_is_sent_when_it_is_set(
    house: House, office: PostOffice
) -> None:
    without = house.with_settings(address_focal_point=None)
    receipt = await without.ask()
    await without.carry()
    assert await without.state(receipt) == "queued"
    assert "ADDRESS_FOCAL_POINT is not set" in " ".join(without.settings.missing(house.base.contacts))
    house.clock.forward(minutes=2)
    await house.carry()
    assert len(office.to(FOCAL_POINT)) == 1


async def test_without_a_mail_server_letters_become_files(house: House) -> None:
    house = house.with_settings(smtp_host=None)
    receipt = await house.ask()
    await house.carry()
    files = sorted((house.folder / "outbox").iterdir())
    assert [file.suffix for file in files] == [".eml", ".eml"]
    assert f"To: {house.base.contacts['focal_point'].name[Language.EN]}" in files[0].read_text().replace('"', "")
    assert await house.state(receipt) == "sent"


async def test_without_server_and_address_there_is_a_file_and_the_case_waits(house: House) -> None:
    house = house.with_settings(smtp_host=None, address_focal_point=None)
    receipt = await house.ask()
    await house.carry()
    assert len(list((house.folder / "outbox").glob("*-question.eml"))) == 1
    assert await house.state(receipt) == "queued"


@pytest.mark.parametrize("step", ["EHLO", "MAIL", "RCPT", "DATA"])
async def test_refused_for_now_it_is_sent_later(house: House, office: PostOffice, step: Step) -> None:
    receipt = await house.ask()
    office.refuses[step] = "421 come back"
    await house.carry()
    assert await house.state(receipt) == "queued"
    assert office.taken == []
    office.refuses.clear()
    assert await house.carry() == 0, "not before its time"
    house.clock.forward(minutes=2)
    await house.carry()
    assert await house.state(receipt) == "sent"
    assert len(office.taken) == 2


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
async def test_refused_for_good_the_case_has_failed_and_can_be_sent_again(
    house: House, office: PostOffice, step: Step
) -> None:
    receipt = await house.ask()
    office.refuses[step] = "550 never"
    await house.carry()
    assert await house.state(receipt) == "failed"
    assert await house.desk.open_in("none") is None
    office.refuses.clear()
    await house.staff.resend(receipt.reference)
    await house.carry()
    assert await house.state(receipt) == "sent"
    assert len(office.to(FOCAL_POINT)) == 1


async def test_a_sender_that_the_server_refuses_is_a_fault_of_ours_and_fails_no_case(
    house: House, office: PostOffice
) -> None:
    receipt = await house.ask()
    office.refuses["MAIL"] = "550 not from you"
    await house.carry()
    assert await house.state(receipt) == "queued"


@pytest.mark.parametrize("step", ["EHLO", "MAIL", "RCPT", "DATA"])
async def test_a_server_that_hangs_or_drops_is_left_and_asked_again(
    house: House, office: PostOffice, step: Step
) -> None:
    house = house.with_settings(smtp_seconds=0.3)
    receipt = await house.ask()
    for fault in ("hangs_at", "drops_at"):
        setattr(office, fault, step)
        await house.carry()
        setattr(office, fault, None)
        assert await house.state(receipt) == "queued"
        house.clock.forward(hours=1)
    await house.carry()
    assert await house.state(receipt) == "sent"
    assert set(office.ids.values()) == {1}


async def test_dropped_after_it_was_taken_it_comes_again_as_the_same_message(house: House, office: PostOffice) -> None:
    await house.ask()
    office.drops_at = "TAKEN"
    await house.carry()
    office.drops_at = None
    house.clock.forward(hours=1)
    await house.carry()
    assert sorted(office.ids.values()) == [1, 2]


async def test_a_server_that_is_away_for_days_fails_the_case_in_the_end(house: House, office: PostOffice) -> None:
    receipt = await house.ask()
    office.refuses["EHLO"] = "421 closed"
    waits = 0
    while await house.state(receipt) == "queued":
        await house.carry()
        house.clock.forward(hours=7)
        waits += 1
    assert await house.state(receipt) == "failed"
    assert 4 * 24 / 7 < waits < 4 * 24 / 7 + 3
    assert (await house.outbox.counts())[LetterState.FAILED] == 2


@pytest.mark.parametrize("held", [{"address_focal_point": None}, {"mail_from": None}], ids=["no address", "no sender"])
async def test_the_days_of_delivery_begin_when_it_can_be_delivered(
    house: House, office: PostOffice, held: dict[str, Any]
) -> None:
    without = house.with_settings(**held)
    receipt = await without.ask()
    for _ in range(10):
        if without.settings.mail_from:
            await without.carry()
        house.clock.forward(days=1)
    office.refuses["RCPT"] = "450 come back"
    for _ in range(4):
        await house.carry()
        assert await house.state(receipt) == "queued"
        house.clock.forward(hours=23)
    office.refuses.clear()
    await house.carry()
    assert await house.state(receipt) == "sent"


async def test_a_setting_taken_away_meanwhile_stops_the_days_of_delivery(house: House, office: PostOffice) -> None:
    receipt = await house.ask()
    office.refuses["RCPT"] = "450 come back"
    await house.carry()
    house.clock.forward(days=3)
    await house.with_settings(address_focal_point=None).carry()
    house.clock.forward(days=3)
    await house.carry()
    assert await house.state(receipt) == "queued"


def test_waits_double_up_to_six_hours_and_are_spread() -> None:
    assert [45 <= waiting_seconds(0, 60) <= 75 for _ in range(100)] == [True] * 100
    assert 450 * 0.75 <= waiting_seconds(3, 60) <= 480 * 1.25
    assert waiting_seconds(1000, 60) <= 6 * 3600 * 1.25
    assert len({waiting_seconds(5, 60) for _ in range(10)}) > 1


async def test_a_letter_in_the_hands_of_one_worker_is_not_given_to_another(house: House) -> None:
    await house.ask()
    now, lease = house.clock(), timedelta(minutes=3)
    mine = await house.outbox.claim("one", now, lease, 20)
    assert len(mine) == 2
    assert await house.outbox.claim("two", now, lease, 20) == []
    later = now + timedelta(minutes=4)
    assert await house.outbox.claim("two", later, lease, 20) == [], "its worker may only be late"
    assert not await house.outbox.is_held(mine[0], "one")
    later += NOTICE
    theirs = await house.outbox.claim("two", later, lease, 20)
    assert len(theirs) == 2
    assert await house.outbox.sent(mine[0], later, "250 late"), "what the server has taken is sent"
    assert not await house.outbox.is_held(theirs[0], "two"), "and is not sent again"
    assert not await house.outbox.sent(theirs[0], later, "250 again")


async def test_a_record_that_fails_is_made_later_and_nothing_is_sent_twice(
    tmp_path: Path, base: KnowledgeBase, options: dict[str, Any], office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.database.BUSY_MILLISECONDS", 20)
    path = tmp_path / "assistant.db"
    engine = connect(f"sqlite+aiosqlite:///{path}")
    await migrate(engine)
    house = House(tmp_path, base, sessions(engine), {**options, "smtp_seconds": 0.5})
    receipt = await house.ask()
    stop, another = asyncio.Event(), house.with_settings()
    with contextlib.closing(sqlite3.connect(path, check_same_thread=False, isolation_level=None)) as lock:

        def hold(step: Step) -> None:
            if step == "TAKEN" and not lock.in_transaction:
                lock.execute("BEGIN IMMEDIATE")

        office.at = hold
        with structlog.testing.capture_logs() as logs:
            carrying = asyncio.create_task(house.post.courier.run(stop))
            await until(lambda: [one["event"] for one in logs].count("courier.sent_not_recorded") >= 3)
        stop.set()
        house.clock.forward(hours=1)
        with pytest.raises(OperationalError):
            await another.carry()
        assert not carrying.done(), "it does not end before what it sent is recorded"
        office.at = lambda _: None
        lock.execute("ROLLBACK")
        await another.carry()
        await asyncio.wait_for(carrying, 10)
    house.clock.forward(minutes=1)
    await another.carry()
    assert await house.state(receipt) == "sent"
    assert set(office.ids.values()) == {1}
    assert len(office.ids) == 2
    await engine.dispose()


async def test_a_clock_set_back_does_not_keep_a_letter_for_ever(
    house: House, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = await house.ask()
    house.clock.forward(days=-365)
    assert await house.carry() == 0
    moment = 1000.0
    monkeypatch.setattr("bot.cases.courier.time.monotonic", lambda: moment)
    await house.post.courier._free_what_the_clock_holds()
    moment += 3600
    await house.post.courier._free_what_the_clock_holds()
    await house.carry()
    assert await house.state(receipt) == "sent"


async def test_a_clock_set_forward_sends_nothing_twice(house: House, office: PostOffice) -> None:
    await house.ask()
    await house.carry()
    house.clock.forward(days=400)
    assert await house.carry() == 0
    assert set(office.ids.values()) == {1}


async def test_the_letter_travels_under_tls_and_with_a_password(house: House, tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def may(server: object, session: object, envelope: object, mechanism: str, data: LoginPassword) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"assistant", b"secret"))

    options: dict[str, Any] = {
        "tls_context": context,
        "require_starttls": True,
        "auth_required": True,
        "authenticator": may,
    }
    with open_office(**options) as office:
        chosen = house.with_settings(
            smtp_port=office.port, smtp_security="starttls", smtp_user="assistant", smtp_password="secret"
        )
        receipt = await chosen.ask()
        await chosen.carry()
        assert await house.state(receipt) == "queued", "nobody vouches for the certificate"
        house.clock.forward(hours=1)
        wrong = chosen.with_settings(mail_authorities=certificate, smtp_password="wrong")
        await wrong.carry()
        assert await house.state(receipt) == "queued", "a wrong password is no fault of the letter"
        house.clock.forward(hours=1)
        await chosen.with_settings(mail_authorities=certificate).carry()
        assert await house.state(receipt) == "sent"
        assert len(office.taken) == 2


async def test_a_letter_that_cannot_be_addressed_stops_no_other(house: House, office: PostOffice) -> None:
    await house.ask()
    async with house.store.begin() as session:
        row = await session.scalar(select(OutboxRow).where(OutboxRow.kind == LetterKind.CONFIRMATION.value))
        assert row is not None
        row.address = "josé@example.org"
    await house.ask()
    await house.carry()
    counts = await house.outbox.counts()
    assert counts[LetterState.FAILED] == 1
    assert counts[LetterState.SENT] == 3
