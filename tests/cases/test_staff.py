"""The staff's command line."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from bot.cases.staff import Staff
from bot.settings import ROOT
from bot.store.case_tables import InboxRow, MailKind
from bot.store.cases import UnknownCase
from bot.store.inbox import NotAside, UnknownMail
from tests.cases.conftest import DELEGATE, House
from tests.cases.post_office import PostOffice
from tests.cases.test_letters import SAID, converse, plain
from tests.cases.test_replies import ANSWER, reply, sent

COLLEAGUE = "colleague@example.net"


async def said(house: House, command: str, reference: str = "", **more: Any) -> str:
    staff = Staff(house.store, house.settings, house.base, house.clock)
    return "\n".join([line async for line in staff.do(command, reference, **more)])


async def set_aside(house: House) -> InboxRow:
    ((mail, _),) = await house.inbox.set_aside()
    return mail


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


async def test_mail_set_aside_is_shown_with_its_number_its_text_and_why(house: House, office: PostOffice) -> None:
    question, _, reference = await sent(house, office)
    await house.post.intake.take(reply(question, sender=COLLEAGUE).as_bytes())
    mail, shown = await set_aside(house), await said(house, "aside")
    assert shown.startswith(f"{mail.id}  ")
    for part in (reference, COLLEAGUE, "not among those who may answer", "    > Yes, a trainer can come in March."):
        assert part in shown


async def test_an_answer_set_aside_is_accepted_and_goes_to_the_delegate(house: House, office: PostOffice) -> None:
    row = await converse(house, *SAID)
    question, confirmation, reference = await sent(house, office, conversation_id=row.id)
    message = reply(question, sender=COLLEAGUE)
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="programme.pdf")
    await house.post.intake.take(message.as_bytes())
    mail = await set_aside(house)
    assert reference in await said(house, "accept", mail=mail.id)
    case = await house.cases.by_reference(reference)
    assert case.state == "answered"
    await house.carry()
    answer = office.to(DELEGATE)[-1]
    assert "Yes, a trainer can come in March." in plain(answer)
    assert "programme.pdf" in plain(answer)
    assert answer["In-Reply-To"] == confirmation["Message-ID"]
    _, replies = await house.conversations.history(row.id)
    (shown,) = [one for one in replies if "person" in one.body]
    assert shown.body["text"].startswith(ANSWER)
    causes = [(event.cause, event.detail) for event in await house.cases.events(case.key)]
    accepted = f"message {mail.id} from {COLLEAGUE}; accepted by staff"
    assert causes[-3:] == [("accepted_by_staff", accepted), ("answered", None), ("answer_sent", "taken")]
    assert await house.inbox.set_aside() == []
    with pytest.raises(NotAside, match="of the kind answer"):
        await said(house, "accept", mail=mail.id)
    assert await house.carry() == 0


async def test_an_answer_without_a_case_is_accepted_for_the_one_that_staff_name(
    house: House, office: PostOffice
) -> None:
    question, _, reference = await sent(house, office)
    lost = reply(question, sender=COLLEAGUE, To="replies@example.org", In_Reply_To="", References="")
    await house.post.intake.take(lost.as_bytes())
    mail = await set_aside(house)
    with pytest.raises(NotAside, match="belongs to no case"):
        await said(house, "accept", mail=mail.id)
    await said(house, "accept", mail=mail.id, case=reference.lower())
    await house.carry()
    assert (await house.cases.by_reference(reference)).state == "answered"
    assert "Yes, a trainer can come in March." in plain(office.to(DELEGATE)[-1])


async def test_an_answer_to_the_wrong_letter_is_given_to_another_case(house: House, office: PostOffice) -> None:
    question, _, wrong = await sent(house, office)
    _, _, right = await sent(house, office, email="other@example.org")
    await house.post.intake.take(reply(question, sender=COLLEAGUE).as_bytes())
    await said(house, "accept", mail=(await set_aside(house)).id, case=right)
    await house.carry()
    assert (await house.cases.by_reference(wrong)).state == "sent"
    assert (await house.cases.by_reference(right)).state == "answered"
    assert len(office.to("other@example.org")) == 2
    key = (await house.cases.by_reference(wrong)).key
    assert (await house.cases.events(key))[-1].cause == "given_to_another_case"


async def test_what_only_seemed_a_machine_s_is_accepted(house: House, office: PostOffice) -> None:
    question, _, reference = await sent(house, office)
    await house.post.intake.take(reply(question, Precedence="bulk").as_bytes())
    (mail,) = await house.inbox.of_case((await house.cases.by_reference(reference)).key)
    assert mail.kind == MailKind.AUTOMATIC
    await said(house, "accept", mail=mail.id)
    assert (await house.cases.by_reference(reference)).state == "answered"


async def test_mail_that_is_refused_goes_to_nobody_and_can_still_be_accepted(house: House, office: PostOffice) -> None:
    question, _, reference = await sent(house, office)
    await house.post.intake.take(reply(question, sender=COLLEAGUE).as_bytes())
    mail = await set_aside(house)
    assert "refused" in await said(house, "refuse", mail=mail.id)
    assert await said(house, "aside") == ""
    assert await house.carry() == 0
    case = await house.cases.by_reference(reference)
    event = (await house.cases.events(case.key))[-1]
    assert (case.state, event.cause) == ("sent", "refused_by_staff")
    assert event.detail == f"message {mail.id} from {COLLEAGUE}; refused by staff"
    with pytest.raises(NotAside):
        await said(house, "refuse", mail=mail.id)
    await said(house, "accept", mail=mail.id)
    assert (await house.cases.by_reference(reference)).state == "answered"


async def test_what_cannot_be_an_answer_is_not_accepted(house: House, office: PostOffice) -> None:
    question, confirmation, reference = await sent(house, office)
    await house.post.intake.take(reply(confirmation, sender=DELEGATE).as_bytes())
    (mail,) = await house.inbox.of_case((await house.cases.by_reference(reference)).key)
    with pytest.raises(NotAside, match="follow_up"):
        await said(house, "accept", mail=mail.id)
    await house.post.intake.take(reply(question, "", sender=COLLEAGUE).as_bytes())
    with pytest.raises(NotAside, match="neither text nor files"):
        await said(house, "accept", mail=(await set_aside(house)).id)
    with pytest.raises(UnknownMail):
        await said(house, "accept", mail=4711)


async def test_a_reference_that_is_none_is_refused(house: House) -> None:
    with pytest.raises(UnknownCase):
        await said(house, "show", "7KQ4-M2XP-99")


def test_the_command_works_on_an_empty_house(house: House) -> None:
    environ = {**os.environ, "DATA_DIR": str(house.folder / "new")}
    command = [sys.executable, "-m", "bot.cases", "list"]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "ADDRESS_FOCAL_POINT is not set" in done.stdout


def test_a_command_says_what_it_cannot_do(house: House) -> None:
    environ = {**os.environ, "DATA_DIR": str(house.folder / "new")}
    command = [sys.executable, "-m", "bot.cases", "accept", "7"]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["there is no message 7"]
