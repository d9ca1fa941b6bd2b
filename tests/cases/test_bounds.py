"""What strangers and machines send is kept within bounds; what may be an answer longest."""

from __future__ import annotations

from email.message import EmailMessage

from sqlalchemy import select

from bot.cases.replies import fingerprint
from bot.store.case_tables import InboxRow, MailKind
from tests.cases.conftest import DELEGATE, House
from tests.cases.post_office import PostOffice
from tests.cases.test_letters import plain
from tests.cases.test_replies import bounce, reply, sent

COLLEAGUE = "colleague@example.net"


def noise(number: int, size: int = 5_000) -> bytes:
    head = f"From: stranger@example.net\r\nMessage-ID: <{number}@example.net>\r\nSubject: {number}\r\n\r\n"
    return head.encode() + b"x" * size


def with_file(message: EmailMessage, size: int) -> EmailMessage:
    message.add_attachment(b"%PDF" + b"x" * size, maintype="application", subtype="pdf", filename="form.pdf")
    return message


async def kept(house: House) -> list[InboxRow]:
    async with house.store() as session:
        return list((await session.scalars(select(InboxRow).order_by(InboxRow.id))).all())


async def test_only_what_may_be_passed_on_is_kept_whole(house: House, office: PostOffice) -> None:
    house = house.with_settings(aside_bytes=2_000)
    question, confirmation, _ = await sent(house, office)
    answer = with_file(reply(question), 30_000).as_bytes()
    colleague = with_file(reply(question, sender=COLLEAGUE), 30_000).as_bytes()
    follow_up = with_file(reply(confirmation, sender=DELEGATE), 30_000).as_bytes()
    machine = with_file(reply(question, Precedence="bulk"), 30_000).as_bytes()
    returned = bounce(confirmation, DELEGATE) + b"x" * 30_000
    for raw in (answer, colleague, follow_up, machine, returned, noise(1, 30_000)):
        await house.post.intake.take(raw)
    assert [(mail.kind, len(mail.raw)) for mail in await kept(house)] == [
        (MailKind.ANSWER, len(answer)),
        (MailKind.STRANGER, len(colleague)),
        (MailKind.FOLLOW_UP, len(follow_up)),
        (MailKind.AUTOMATIC, 2_000),
        (MailKind.BOUNCE, 2_000),
        (MailKind.STRANGER, 2_000),
    ]


async def test_all_of_it_stays_within_its_bound_and_what_may_be_an_answer_is_still_one(
    house: House, office: PostOffice
) -> None:
    house = house.with_settings(aside_total=60_000)
    question, _, reference = await sent(house, office)
    await house.post.intake.take(with_file(reply(question, sender=COLLEAGUE), 20_000).as_bytes())
    for number in range(80):
        await house.post.intake.take(noise(number))
        assert sum(len(mail.raw) + len(mail.text) for mail in await kept(house)) <= 60_000
    mail = await kept(house)
    assert mail[0].sender == COLLEAGUE
    assert mail[-1].subject == "79"
    assert len(mail) < 81, "those of no case have gone, the oldest first"
    await house.staff.accept(mail[0].id)
    await house.carry()
    assert "Yes, a trainer can come in March." in plain(office.to(DELEGATE)[-1])
    assert (await house.cases.by_reference(reference)).state == "answered"


async def test_answers_are_no_part_of_the_bound(house: House, office: PostOffice) -> None:
    house = house.with_settings(aside_total=10_000)
    question, _, _ = await sent(house, office)
    answer = with_file(reply(question), 30_000).as_bytes()
    await house.post.intake.take(answer)
    for number in range(10):
        await house.post.intake.take(noise(number))
    assert (await kept(house))[0].raw == answer


async def test_what_nobody_accepted_goes_after_its_days_and_a_case_keeps_the_text(
    house: House, office: PostOffice
) -> None:
    question, _, reference = await sent(house, office)
    await house.post.intake.take(reply(question).as_bytes())
    await house.post.intake.take(reply(question, sender=COLLEAGUE).as_bytes())
    await house.post.intake.take(noise(1))
    house.clock.forward(days=89)
    await house.post.ageing.pass_by(house.clock())
    assert len(await house.inbox.set_aside()) == 2
    house.clock.forward(days=2)
    await house.post.ageing.pass_by(house.clock())
    assert await house.inbox.set_aside() == []
    answer, colleague = await kept(house)
    assert answer.raw
    assert (colleague.kind, colleague.raw) == (MailKind.REFUSED, b"")
    assert colleague.text == answer.text
    key = (await house.cases.by_reference(reference)).key
    causes = [event.cause for event in await house.cases.events(key)]
    assert causes.count("mail_cut") == 1
    await house.post.ageing.pass_by(house.clock())
    assert [event.cause for event in await house.cases.events(key)] == causes


def test_a_message_read_as_far_as_another_limit_is_the_same() -> None:
    whole = noise(1, 300_000)
    assert fingerprint(whole) == fingerprint(whole[:200_000])
    assert fingerprint(whole) != fingerprint(noise(2, 300_000))
