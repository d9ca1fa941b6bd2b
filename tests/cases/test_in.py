"""Replies over a real IMAP server and over LMTP."""

from __future__ import annotations

import asyncio
import contextlib
import smtplib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError

from bot.launch.preflight import free_loopback_port
from bot.settings import HandoffSettings
from bot.store.case_tables import MailKind
from tests.cases.certificate import make_certificate
from tests.cases.conftest import DELEGATE, FOCAL_POINT, House, until
from tests.cases.imap_server import PASSWORD, USER, ImapServer, serving
from tests.cases.post_office import PostOffice
from tests.cases.test_replies import bounce, reply, sent

pytestmark = pytest.mark.slow


def reading(house: House, server: ImapServer, **more: Any) -> House:
    return house.with_settings(
        imap_host="127.0.0.1",
        imap_port=server.port,
        imap_security="none",
        imap_user=USER,
        imap_password=PASSWORD,
        imap_seconds=0.2,
        **more,
    )


@contextlib.asynccontextmanager
async def at_work(house: House) -> AsyncIterator[None]:
    """The courier's whole process, in this one."""
    stop = asyncio.Event()
    work = asyncio.create_task(house.post.run(stop))
    try:
        yield
        assert not work.done()
    finally:
        stop.set()
        await asyncio.wait_for(work, 10)


async def state(house: House, reference: str) -> str:
    return (await house.cases.by_reference(reference)).state


async def is_answered(house: House, reference: str) -> bool:
    return await state(house, reference) == "answered"


@pytest.mark.parametrize("capability", ["", "IMAP4rev1 UIDPLUS"], ids=["with IDLE", "without IDLE"])
async def test_an_answer_in_the_mailbox_reaches_the_delegate(
    house: House, office: PostOffice, tmp_path: Path, capability: str
) -> None:
    question, _, reference = await sent(house, office)
    with serving(tmp_path / "imap", capability=capability) as server:
        server.deliver(b"Subject: noise\r\n\r\nhello\r\n")
        async with at_work(reading(house, server)):
            await until(lambda: "Seen" in server.flags()[0])
            server.deliver(reply(question).as_bytes())
            await until(lambda: is_answered(house, reference))
            await until(lambda: len(office.to(DELEGATE)) == 2)
            await until(lambda: all("Seen" in flags for flags in server.flags()))
    assert len(await house.inbox.set_aside()) == 1


async def test_what_could_not_be_kept_stays_unseen_and_is_taken_later(
    house: House, office: PostOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    question, _, reference = await sent(house, office)
    with serving(tmp_path / "imap") as server:
        server.deliver(reply(question).as_bytes())
        house = reading(house, server)
        keep, failures = house.post.intake.take, 0

        async def fail_twice(raw: bytes, recipients: Any = ()) -> MailKind | None:
            nonlocal failures
            failures += 1
            if failures <= 2:
                raise OperationalError("disk full", None, Exception("disk full"))
            return await keep(raw, recipients)

        monkeypatch.setattr(house.post.intake, "take", fail_twice)
        async with at_work(house):
            await until(lambda: is_answered(house, reference))
            await until(lambda: "Seen" in server.flags()[0])
    assert failures == 3


async def test_a_mailbox_that_is_away_is_found_again(house: House, office: PostOffice, tmp_path: Path) -> None:
    question, _, reference = await sent(house, office)
    with serving(tmp_path / "imap") as server:
        port = server.port
    house = reading(house, server)
    async with at_work(house):
        with serving(tmp_path / "imap", port=port) as server:
            server.deliver(b"Subject: noise\r\n\r\nhello\r\n")
            await until(lambda: "Seen" in server.flags()[0])
        with serving(tmp_path / "imap", port=port) as server:
            server.deliver(reply(question).as_bytes())
            await until(lambda: is_answered(house, reference))


async def test_what_comes_while_another_is_read_is_read_at_once(
    house: House, office: PostOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    question, _, reference = await sent(house, office)
    with serving(tmp_path / "imap") as server:
        server.deliver(b"Subject: noise\r\n\r\nhello\r\n")
        house = reading(house, server)
        take, taken = house.post.intake.take, 0

        async def while_another_comes(raw: bytes, recipients: Any = ()) -> MailKind | None:
            nonlocal taken
            taken += 1
            if taken == 1:
                await asyncio.to_thread(server.deliver, reply(question).as_bytes())
            return await take(raw, recipients)

        monkeypatch.setattr(house.post.intake, "take", while_another_comes)
        async with at_work(house):
            await until(lambda: is_answered(house, reference))
    assert taken == 2


@contextlib.asynccontextmanager
async def going_deaf(port: int, command: bytes) -> AsyncIterator[int]:
    """A way to the server, at the port given, on which the first command of this name is never answered."""
    heard = asyncio.Event()
    tasks: set[asyncio.Task[None]] = set()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, may_fail: bool) -> None:
        with contextlib.closing(writer):
            while said := await reader.read(65536):
                if may_fail and not heard.is_set() and command in said:
                    heard.set()
                    await asyncio.Event().wait()
                writer.write(said)

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to, back = await asyncio.open_connection("127.0.0.1", port)
        tasks.add(asyncio.create_task(pass_on(reader, back, may_fail=True)))
        tasks.add(asyncio.create_task(pass_on(to, writer, may_fail=False)))

    async with await asyncio.start_server(connect, "127.0.0.1", 0) as way:
        yield way.sockets[0].getsockname()[1]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert heard.is_set()


@pytest.mark.parametrize("command", [b"STORE", b"IDLE"])
async def test_a_command_that_is_never_answered_is_given_up(
    house: House, office: PostOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: bytes
) -> None:
    monkeypatch.setattr("bot.cases.imap.COMMAND_SECONDS", 0.5)
    question, _, reference = await sent(house, office)
    with serving(tmp_path / "imap") as server:
        server.deliver(b"Subject: noise\r\n\r\nhello\r\n")
        async with (
            going_deaf(server.port, command) as port,
            at_work(reading(house, server).with_settings(imap_port=port)),
        ):
            await until(lambda: "Seen" in server.flags()[0])
            server.deliver(reply(question).as_bytes())
            await until(lambda: is_answered(house, reference))


NOISE = b"Subject: noise\r\n\r\nhello\r\n"
LONG_AGO, LATELY = '"20-Jan-2026 09:00:00 +0000"', '"20-Feb-2026 09:00:00 +0000"'
"""Before and after thirty days before the clock's Monday, 2 March."""


async def test_mail_leaves_the_mailbox_after_its_days_and_never_before_it_is_kept(
    house: House, office: PostOffice, tmp_path: Path
) -> None:
    question, _, reference = await sent(house, office)
    with serving(tmp_path / "imap") as server:
        server.deliver(NOISE, flags=r"\Seen", came=LATELY)
        server.deliver(reply(question).as_bytes(), flags=r"\Seen", came=LONG_AGO)
        server.deliver(NOISE.replace(b"noise", b"more"), came=LONG_AGO)
        async with at_work(reading(house, server)):
            await until(lambda: len(server.flags()) == 1)
            await until(lambda: is_answered(house, reference))
    assert len(await house.inbox.set_aside()) == 1


async def test_mail_can_leave_the_mailbox_as_soon_as_it_is_kept(
    house: House, office: PostOffice, tmp_path: Path
) -> None:
    question, _, reference = await sent(house, office)
    with serving(tmp_path / "imap") as server:
        async with at_work(reading(house, server, imap_done_days=0)):
            server.deliver(*[NOISE.replace(b"hello", str(number).encode()) for number in range(5)])
            server.deliver(reply(question).as_bytes())
            await until(lambda: is_answered(house, reference))
            await until(lambda: server.flags() == [])
    assert len(await house.inbox.set_aside()) == 5


@pytest.mark.parametrize("capability", ["", "IMAP4rev1 IDLE UIDPLUS", "IMAP4rev1"], ids=["MOVE", "UIDPLUS", "neither"])
async def test_mail_can_go_to_a_folder_and_is_deleted_there_after_its_days(
    house: House, office: PostOffice, tmp_path: Path, capability: str
) -> None:
    question, _, reference = await sent(house, office)
    with serving(tmp_path / "imap", capability=capability) as server:
        house = reading(house, server, imap_done_folder="Kept by us")
        server.deliver(NOISE, flags=r"\Seen", came=LATELY)
        server.deliver(reply(question).as_bytes(), came=LONG_AGO)
        async with at_work(house):
            await until(lambda: is_answered(house, reference))
            await until(lambda: server.flags() == [])
        async with at_work(reading(house, server, imap_done_folder="Kept by us")):
            await until(lambda: len(server.flags('"Kept by us"')) == 1)
    assert len(await house.inbox.set_aside()) == 1


def test_the_folder_for_what_is_kept_is_another() -> None:
    with pytest.raises(ValidationError, match="IMAP_DONE_FOLDER must not be IMAP_FOLDER"):
        HandoffSettings(imap_done_folder="INBOX")


async def test_a_wrong_password_stops_nothing_else(house: House, office: PostOffice, tmp_path: Path) -> None:
    with serving(tmp_path / "imap") as server:
        house = reading(house, server).with_settings(imap_password="wrong")
        async with at_work(house):
            receipt = await house.ask()
            await until(lambda: bool(office.to(FOCAL_POINT)))
            assert await house.state(receipt) in {"queued", "sent"}


async def test_over_tls_the_certificate_must_be_vouched_for(house: House, office: PostOffice, tmp_path: Path) -> None:
    question, _, reference = await sent(house, office)
    certificate = make_certificate(tmp_path)
    with serving(tmp_path / "imap", certificate=certificate) as server:
        server.deliver(reply(question).as_bytes())
        house = reading(house, server).with_settings(imap_port=server.port + 1, imap_security="tls")
        async with at_work(house):
            await asyncio.sleep(1)
            assert "Seen" not in server.flags()[0], "nobody vouches for it"
        async with at_work(house.with_settings(mail_authorities=certificate)):
            await until(lambda: is_answered(house, reference))


async def test_a_large_message_is_kept_as_far_as_the_limit_goes(
    house: House, office: PostOffice, tmp_path: Path
) -> None:
    question, _, reference = await sent(house, office)
    message = reply(question)
    message.add_attachment(b"x" * 300_000, maintype="application", subtype="pdf", filename="large.pdf")
    with serving(tmp_path / "imap") as server:
        server.deliver(message.as_bytes())
        house = reading(house, server).with_settings(largest_message=50_000)
        async with at_work(house):
            await until(lambda: is_answered(house, reference))
    (mail,) = await house.inbox.of_case((await house.cases.by_reference(reference)).key)
    assert mail.text.endswith("in March.")
    assert len(mail.raw) == 50_000


@pytest.fixture
def by_lmtp(house: House) -> House:
    return house.with_settings(lmtp_port=free_loopback_port())


def hand_over(house: House, sender: str, recipients: list[str], content: bytes) -> dict[str, Any]:
    """Hands a message over as a mail server does; returns the refusals."""
    content = b"\r\n".join(content.splitlines()) + b"\r\n"
    with smtplib.LMTP("127.0.0.1", house.settings.lmtp_port or 0, timeout=5) as client:
        return dict(client.sendmail(sender, recipients, content))


async def listening(house: House) -> None:
    async def open_port() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", house.settings.lmtp_port)
        except OSError:
            return False
        writer.close()
        return True

    await until(open_port)


async def test_an_answer_handed_over_is_kept_before_it_is_acknowledged(by_lmtp: House, office: PostOffice) -> None:
    question, _, reference = await sent(by_lmtp, office)
    to = question["Reply-To"].addresses[0].addr_spec
    async with at_work(by_lmtp):
        await listening(by_lmtp)
        content = reply(question, To="undisclosed@example.org", In_Reply_To="", References="").as_bytes()
        assert await asyncio.to_thread(hand_over, by_lmtp, FOCAL_POINT, [to], content) == {}
        assert await state(by_lmtp, reference) == "answered"


@pytest.mark.parametrize(
    "error", [OperationalError("x", None, Exception("disk full")), RuntimeError("a fault of ours")]
)
async def test_what_could_not_be_kept_is_not_acknowledged(
    by_lmtp: House, office: PostOffice, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    question, _, reference = await sent(by_lmtp, office)

    async def fail(raw: bytes, recipients: Any = ()) -> MailKind | None:
        raise error

    monkeypatch.setattr(by_lmtp.post.intake, "take", fail)
    async with at_work(by_lmtp):
        await listening(by_lmtp)
        content = reply(question).as_bytes()
        with pytest.raises(smtplib.SMTPDataError) as refused:
            await asyncio.to_thread(hand_over, by_lmtp, FOCAL_POINT, ["replies@example.org"], content)
        assert refused.value.smtp_code == 451
    assert await state(by_lmtp, reference) == "sent"


async def test_a_fault_before_the_message_is_not_for_good_either(
    by_lmtp: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> str:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(by_lmtp.post.handover, "handle_RCPT", fail)
    async with at_work(by_lmtp):
        await listening(by_lmtp)
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            await asyncio.to_thread(
                hand_over, by_lmtp, FOCAL_POINT, ["replies@example.org"], b"Subject: x\r\n\r\nx\r\n"
            )
    assert [code for code, _ in refused.value.recipients.values()] == [451]


def test_lmtp_without_an_address_of_ours_is_said(house: House) -> None:
    house = house.with_settings(lmtp_port=free_loopback_port(), mail_from=None, reply_address=None)
    assert any("LMTP_PORT is set" in one for one in house.settings.missing(house.base.contacts))


@pytest.mark.parametrize("value", ["example.org", "a@example.org example.org", "a@", "a@b@example.org"])
def test_who_may_answer_must_be_addresses_or_domains(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("ANSWERS_FROM", value)
    with pytest.raises(ValidationError, match="write a domain as @"):
        HandoffSettings()


def test_addresses_and_domains_may_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSWERS_FROM", "a@example.org @example.net")
    assert HandoffSettings().answers_from == ("a@example.org", "@example.net")


async def test_it_is_no_relay(by_lmtp: House, office: PostOffice) -> None:
    async with at_work(by_lmtp):
        await listening(by_lmtp)
        for recipient in ("victim@example.net", "repliesx@example.org", "replies@example.net"):
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                await asyncio.to_thread(hand_over, by_lmtp, FOCAL_POINT, [recipient], b"Subject: x\r\n\r\nx\r\n")
        refused = await asyncio.to_thread(
            hand_over,
            by_lmtp,
            FOCAL_POINT,
            ["replies@example.org", "replies+x@example.org"],
            b"Subject: x\r\n\r\nx\r\n",
        )
        assert [code for code, _ in refused.values()] == [452]
    assert office.taken == []


async def test_a_bounce_handed_over_comes_from_the_empty_address(by_lmtp: House, office: PostOffice) -> None:
    question, _, reference = await sent(by_lmtp, office)
    to = question["Reply-To"].addresses[0].addr_spec
    async with at_work(by_lmtp):
        await listening(by_lmtp)
        await asyncio.to_thread(hand_over, by_lmtp, "", [to], bounce(question, FOCAL_POINT))
        assert await state(by_lmtp, reference) == "failed"
        vacation = reply(question, "I am away.").as_bytes()
        await asyncio.to_thread(hand_over, by_lmtp, "", [to], vacation)
    mail = await by_lmtp.inbox.of_case((await by_lmtp.cases.by_reference(reference)).key)
    assert [one.kind for one in mail] == ["bounce", "automatic"]
