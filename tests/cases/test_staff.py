"""The staff's command line."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from bot.cases.desk import CannotTake
from bot.cases.staff import Staff
from bot.settings import ROOT
from bot.store.case_states import NotPermitted
from bot.store.case_tables import InboxRow, MailKind
from bot.store.cases import UnknownCase
from bot.store.inbox import NotAside, UnknownMail
from tests.cases.conftest import DELEGATE, FOCAL_POINT, House
from tests.cases.post_office import PostOffice
from tests.cases.test_letters import SAID, converse, plain
from tests.cases.test_replies import ANSWER, bounce, reply, sent

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


async def answered(house: House, office: PostOffice) -> tuple[EmailMessage, str]:
    """The answer as the delegate was sent it, and the case's reference."""
    question, _, reference = await sent(house, office)
    await house.post.intake.take(reply(question).as_bytes())
    await house.carry()
    return office.to(DELEGATE)[-1], reference


async def test_an_answer_that_bounces_has_failed_and_goes_to_the_corrected_address(
    house: House, office: PostOffice
) -> None:
    answer, reference = await answered(house, office)
    await house.post.intake.take(bounce(answer, DELEGATE))
    key = (await house.cases.by_reference(reference)).key
    letter = (await house.outbox.of_case(key))[-1]
    assert (letter.kind, letter.state, letter.response) == ("answer", "failed", f"not delivered to {DELEGATE}")
    assert "UNDELIVERED answer" in await said(house, "list")
    assert (await house.cases.events(key))[-1].cause == "answer_bounced"
    office.taken.clear()
    assert "1 letters queued" in await said(house, "address", reference, address="amina@new.example.org")
    await house.carry()
    (again,) = office.messages
    assert office.to("amina@new.example.org")
    assert plain(again) == plain(answer)
    assert again["Message-ID"] != answer["Message-ID"]
    assert "UNDELIVERED" not in await said(house, "list")
    event = next(one for one in await house.cases.events(key) if one.cause == "address_corrected")
    assert event.detail == f"{DELEGATE} is now amina@new.example.org; by staff"
    late = await house.post.intake.take(bounce(answer, DELEGATE, "5.1.10"))
    assert late is MailKind.BOUNCE
    assert "UNDELIVERED" not in await said(house, "list"), "it came back from the old address"
    written_back = reply(again, "Thank you.", sender="amina@new.example.org")
    assert await house.post.intake.take(written_back.as_bytes()) is MailKind.FOLLOW_UP


async def test_sent_again_after_a_bounce_it_is_the_answer_and_not_the_question(
    house: House, office: PostOffice
) -> None:
    answer, reference = await answered(house, office)
    await house.post.intake.take(bounce(answer, DELEGATE))
    office.taken.clear()
    await said(house, "resend", reference)
    await house.carry()
    (again,) = office.messages
    assert again["Message-ID"] == answer["Message-ID"]
    assert (await house.cases.by_reference(reference)).state == "answered"


async def test_an_answered_case_of_which_nothing_failed_is_not_asked_about_again(
    house: House, office: PostOffice
) -> None:
    _, reference = await answered(house, office)
    with pytest.raises(NotPermitted):
        await said(house, "resend", reference)
    assert await house.carry() == 0


async def test_a_question_that_bounces_once_it_is_answered_is_of_no_consequence(
    house: House, office: PostOffice
) -> None:
    _, reference = await answered(house, office)
    await house.post.intake.take(bounce(office.to(FOCAL_POINT)[0], "other@example.org"))
    assert "UNDELIVERED" not in await said(house, "list")
    assert (await house.cases.by_reference(reference)).state == "answered"


async def test_an_answer_that_the_wrong_address_took_goes_to_the_right_one_too(
    house: House, office: PostOffice
) -> None:
    _, reference = await answered(house, office)
    await said(house, "address", reference, address="amina@new.example.org")
    await house.carry()
    (again,) = office.to("amina@new.example.org")
    assert "Yes, a trainer can come in March." in plain(again)


async def test_what_waits_goes_to_the_corrected_address_alone_even_from_the_hands_of_a_worker(
    house: House, office: PostOffice
) -> None:
    receipt = await house.ask()
    held = await house.outbox.claim("another", house.clock(), timedelta(minutes=3), 20)
    await said(house, "address", receipt.reference, address="amina@new.example.org")
    for letter in held:
        await house.outbox.sent(letter, house.clock(), "250 taken")
    await house.carry()
    (confirmation,) = office.messages
    assert office.to("amina@new.example.org")
    assert "received" in confirmation["Subject"]


async def test_a_waiting_letter_sent_again_is_due_now(house: House, office: PostOffice) -> None:
    office.refuses["RCPT"] = "421 come back"
    receipt = await house.ask()
    await house.carry()
    office.refuses.clear()
    assert await house.carry() == 0
    assert "2 letters queued" in await said(house, "resend", receipt.reference)
    await house.carry()
    assert await house.state(receipt) == "sent"
    assert "resent_by_staff" in await house.causes(receipt)


@pytest.mark.parametrize("address", ["amina", "amina@", "a@example.org, b@example.org"])
async def test_what_is_no_address_corrects_none(house: House, office: PostOffice, address: str) -> None:
    _, _, reference = await sent(house, office)
    with pytest.raises(CannotTake):
        await said(house, "address", reference, address=address)
    assert (await house.cases.by_reference(reference)).email == DELEGATE
