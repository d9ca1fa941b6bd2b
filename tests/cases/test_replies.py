"""What a message is taken for, and what of it is shown."""

from __future__ import annotations

import random
from email.message import EmailMessage
from email.utils import make_msgid

import pytest

from bot.cases.replies import latest, read
from bot.store.case_tables import MailKind
from knowledge.records import Language
from tests.cases.conftest import DELEGATE, FOCAL_POINT, House
from tests.cases.post_office import PostOffice
from tests.cases.test_letters import SAID, converse, plain

ANSWER = "Dear Ms Otieno,\n\nYes, a trainer can come in March."


def reply(to: EmailMessage, text: str = ANSWER, sender: str = FOCAL_POINT, **headers: str) -> EmailMessage:
    """A mail program's reply, with the letter quoted below."""
    message = EmailMessage()
    message["From"] = f"Somebody <{sender}>"
    message["To"] = to["Reply-To"]
    message["Subject"] = f"Re: {to['Subject']}"
    message["Message-ID"] = make_msgid(domain="example.org")
    message["In-Reply-To"] = to["Message-ID"]
    message["References"] = to["Message-ID"]
    for name, value in headers.items():
        name = name.replace("_", "-")
        del message[name]
        if value:
            message[name] = value
    quoted = "\n".join(f"> {line}" for line in plain(to).splitlines())
    message.set_content(f"{text}\n\nOn Mon, 2 Mar 2026 at 10:00, Help for delegates wrote:\n{quoted}\n")
    return message


async def sent(house: House, office: PostOffice, **changes: object) -> tuple[EmailMessage, EmailMessage, str]:
    """The question and the confirmation of a case, and its reference."""
    receipt = await house.ask(**changes)
    await house.carry()
    question, confirmation = office.messages[-2:]
    return question, confirmation, receipt.reference


async def test_an_answer_reaches_the_delegate_and_the_conversation(house: House, office: PostOffice) -> None:
    row = await converse(house, *SAID)
    question, confirmation, reference = await sent(house, office, conversation_id=row.id)
    assert await house.post.intake.take(reply(question).as_bytes()) is MailKind.ANSWER
    assert (await house.cases.by_reference(reference)).state == "answered"
    await house.carry()
    answer = office.to(DELEGATE)[-1]
    assert "Yes, a trainer can come in March." in plain(answer)
    assert "wrote:" not in plain(answer)
    assert answer["In-Reply-To"] == confirmation["Message-ID"]
    _, replies = await house.conversations.history(row.id)
    (said,) = [one for one in replies if "person" in one.body]
    assert said.message_id is None
    assert said.body["text"] == ANSWER
    assert said.body["outcome"] == "handoff"
    name = house.base.contacts["focal_point"].name[Language.EN]
    assert said.body["person"] == {"name": name, "reference": reference}
    assert await house.desk.open_in(row.id) is None


async def test_the_same_message_again_changes_nothing(house: House, office: PostOffice) -> None:
    question, _, _ = await sent(house, office)
    raw = reply(question).as_bytes()
    assert await house.post.intake.take(raw) is MailKind.ANSWER
    assert await house.post.intake.take(b"Received: by another way\r\n" + raw) is None
    assert await house.carry() == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"In_Reply_To": "", "References": ""},
        {"To": "replies@example.org"},
        {"To": "replies@example.org", "In_Reply_To": ""},
    ],
)
async def test_any_one_sign_tells_which_case_it_answers(
    house: House, office: PostOffice, headers: dict[str, str]
) -> None:
    question, _, _ = await sent(house, office)
    assert await house.post.intake.take(reply(question, **headers).as_bytes()) is MailKind.ANSWER


async def test_the_envelope_s_recipient_is_a_sign_too(house: House, office: PostOffice) -> None:
    question, _, _ = await sent(house, office)
    to = question["Reply-To"].addresses[0].addr_spec.upper()
    message = reply(question, To="somebody@example.org", In_Reply_To="", References="")
    assert await house.post.intake.take(message.as_bytes(), [to]) is MailKind.ANSWER


async def test_strangers_are_set_aside(house: House, office: PostOffice) -> None:
    question, confirmation, reference = await sent(house, office)
    strangers = [
        reply(question, sender="stranger@example.net"),
        reply(question, sender="focal.point@example.net"),
        reply(question, sender=DELEGATE),
        reply(confirmation, sender=FOCAL_POINT),
        reply(question, To="replies+guessed@example.org", In_Reply_To="<guessed@example.org>", References=""),
        reply(question, To="replies@example.org", In_Reply_To="", References=""),
        reply(question, From=""),
    ]
    for message in strangers:
        assert await house.post.intake.take(message.as_bytes()) is MailKind.STRANGER
    assert (await house.cases.by_reference(reference)).state == "sent"
    assert await house.carry() == 0
    assert len(await house.inbox.set_aside()) == len(strangers)


async def test_a_colleague_may_answer_where_the_settings_say_so(house: House, office: PostOffice) -> None:
    house = house.with_settings(answers_from="@colleagues.example.org chief@example.org")
    for sender in ("anybody@colleagues.example.org", "Chief@example.org"):
        question, _, _ = await sent(house, office)
        assert await house.post.intake.take(reply(question, sender=sender).as_bytes()) is MailKind.ANSWER


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; x=y"},
        {"Precedence": "bulk"},
        {"X_Autoreply": "yes"},
        {"Return_Path": "<>"},
        {"Subject": "Automatic reply: Question from Amina"},
        {"Subject": "Réponse automatique : Question"},
        {"Subject": "رد تلقائي: سؤال"},
        {"Subject": "自动回复: 问题"},
        {"Subject": "Автоматический ответ: вопрос"},
        {"Subject": "Respuesta automática: pregunta"},
    ],
)
async def test_what_a_machine_sends_is_no_answer(house: House, office: PostOffice, headers: dict[str, str]) -> None:
    question, _, reference = await sent(house, office)
    message = reply(question, "I am out of the office until Friday.", **headers)
    assert await house.post.intake.take(message.as_bytes()) is MailKind.AUTOMATIC
    case = await house.cases.by_reference(reference)
    assert case.state == "sent"
    assert (await house.cases.events(case.key))[-1].cause == "automatic_received"
    assert await house.carry() == 0


def bounce(of: EmailMessage, recipient: str, status: str = "5.1.1", action: str = "failed") -> bytes:
    """A delivery status notification (RFC 3464), as Postfix writes it."""
    return f"""From: MAILER-DAEMON@mx.example.org (Mail Delivery System)
To: {of["Reply-To"]}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Message-ID: <{random.random()}@mx.example.org>
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.org.

<{recipient}>: host example.org said: {status} no such user

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
Arrival-Date: Mon, 2 Mar 2026 09:00:00 +0000

Final-Recipient: rfc822; {recipient}
Original-Recipient: rfc822;{recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {status} no such user

--b
Content-Type: message/rfc822

Message-ID: {of["Message-ID"]}
Subject: {of["Subject"]}

Hello

--b--
""".replace("\n", "\r\n").encode()


async def test_a_question_that_bounces_has_failed_and_can_be_sent_again(house: House, office: PostOffice) -> None:
    question, _, reference = await sent(house, office)
    assert await house.post.intake.take(bounce(question, FOCAL_POINT)) is MailKind.BOUNCE
    assert (await house.cases.by_reference(reference)).state == "failed"
    await house.staff.resend(reference)
    await house.carry()
    assert (await house.cases.by_reference(reference)).state == "sent"


async def test_a_confirmation_that_bounces_is_shown_and_the_case_goes_on(house: House, office: PostOffice) -> None:
    _, confirmation, reference = await sent(house, office)
    assert await house.post.intake.take(bounce(confirmation, DELEGATE)) is MailKind.BOUNCE
    case = await house.cases.by_reference(reference)
    assert case.state == "sent"
    assert (await house.cases.events(case.key))[-1].detail == f"not delivered to {DELEGATE}"


async def test_a_bounce_is_known_by_the_letter_it_brings_back(house: House, office: PostOffice) -> None:
    question, _, reference = await sent(house, office)
    raw = bounce(question, FOCAL_POINT).replace(str(question["Reply-To"]).encode(), b"replies@example.org", 1)
    assert await house.post.intake.take(raw) is MailKind.BOUNCE
    assert (await house.cases.by_reference(reference)).state == "failed"


async def test_a_person_who_writes_of_deliveries_has_answered(house: House, office: PostOffice) -> None:
    question, _, reference = await sent(
        house, office, question="Our certificate has not yet been delivered. Whom do we ask?"
    )
    said = reply(question, "The award has not yet been delivered.\n\nMaria\nE-mail: maria@example.org")
    assert await house.post.intake.take(said.as_bytes()) is MailKind.ANSWER
    assert (await house.cases.by_reference(reference)).state == "answered"


async def test_a_delay_is_no_bounce(house: House, office: PostOffice) -> None:
    question, _, reference = await sent(house, office)
    assert await house.post.intake.take(bounce(question, FOCAL_POINT, "4.4.1", "delayed")) is MailKind.AUTOMATIC
    assert (await house.cases.by_reference(reference)).state == "sent"


async def test_what_the_delegate_writes_back_reaches_the_contact(house: House, office: PostOffice) -> None:
    _, confirmation, reference = await sent(house, office)
    message = reply(confirmation, "One more thing: April is fine too.", sender=DELEGATE)
    assert await house.post.intake.take(message.as_bytes()) is MailKind.FOLLOW_UP
    await house.carry()
    letter = office.to(FOCAL_POINT)[-1]
    assert letter["Subject"] == f"[{reference}] Amina Otieno (Kenya) has written back"
    assert "> One more thing: April is fine too." in plain(letter)
    assert await house.post.intake.take(reply(letter).as_bytes()) is MailKind.ANSWER


async def test_an_answer_before_the_server_s_word_was_recorded_sends_no_second_question(
    house: House, office: PostOffice
) -> None:
    office.drops_at = "TAKEN"
    receipt = await house.ask()
    await house.carry()
    office.drops_at = None
    (question,) = office.to(FOCAL_POINT)
    assert await house.post.intake.take(reply(question).as_bytes()) is MailKind.ANSWER
    house.clock.forward(hours=1)
    await house.carry()
    assert len(office.to(FOCAL_POINT)) == 1
    assert await house.state(receipt) == "answered"


async def test_files_are_named_kept_and_not_passed_on(house: House, office: PostOffice) -> None:
    question, _, reference = await sent(house, office)
    message = reply(question)
    message.add_attachment(b"MZ\x90", maintype="application", subtype="x-dosexec", filename="programme.exe")
    message.add_attachment("Le programme", filename="été.txt")
    assert await house.post.intake.take(message.as_bytes()) is MailKind.ANSWER
    case = await house.cases.by_reference(reference)
    (mail,) = await house.inbox.of_case(case.key)
    files = await house.inbox.attachments(mail.id)
    assert [(file.name, file.media_type) for file in files] == [
        ("programme.exe", "application/x-dosexec"),
        ("été.txt", "text/plain"),
    ]
    assert mail.raw == message.as_bytes()
    await house.carry()
    letter = office.to(DELEGATE)[-1]
    assert "été.txt" in plain(letter)
    assert b"TVqQ" not in letter.as_bytes()


async def test_an_answer_in_html_alone_is_text(house: House, office: PostOffice) -> None:
    question, _, reference = await sent(house, office)
    message = reply(question)
    markup = (
        "<html><head><style>p {color: red}</style></head><body><p>Yes,&nbsp;in <b>March</b>.</p><script>a(1)</script>"
        "<p>Two days.<br>In Nairobi.</p><blockquote><p>Could our office receive</p></blockquote></body></html>"
    )
    message.set_content(markup, subtype="html")
    assert await house.post.intake.take(message.as_bytes()) is MailKind.ANSWER
    (mail,) = await house.inbox.of_case((await house.cases.by_reference(reference)).key)
    assert mail.text == "Yes, in March.\nTwo days.\nIn Nairobi."


BEGINS_LIKE_A_GREETING = "Hello\n\nAll the best practices are in the guide of the Academy."
LIST = "Take these:\n- the form\n- the annex\nAnd sign."


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Yes.", "Yes."),
        ("Yes.\n-- \nS. Saadallah\nRoom 7", "Yes."),
        ("Yes.\n\nBest regards,\nSherif", "Yes."),
        (LIST, LIST),
        (BEGINS_LIKE_A_GREETING, BEGINS_LIKE_A_GREETING),
        ("Oui.\n\nLe lun. 2 mars 2026 à 10:00, Help <r@example.org> a écrit :\n> Q", "Oui."),
        ("Sí.\n\nEl lun, 2 mar 2026 a las 10:00, Help <r@example.org> escribió:\n> Q", "Sí."),
        ("Yes.\n\nFrom: Help for delegates\nSent: Monday\nTo: Focal Point\nSubject: Q\n\nThe question", "Yes."),
        ("Да.\n\n> вопрос", "Да."),
        ("On Mon, 2 Mar 2026 at 10:00, Help wrote:\n> When?\nIn March.\n> Where?\nThere.", "In March.\nThere."),
        ("نعم، في مارس.\n\nفي 2 مارس 2026 كتب Help <r@example.org>:\n> السؤال", "نعم، في مارس."),
        ("可以。\n\n2026年3月2日 10:00，Help <r@example.org> 写道：\n> 问题", "可以。"),
        ("", ""),
        ("> only a quote", ""),
    ],
)
def test_quotes_and_signatures_are_cut_and_nothing_else(text: str, shown: str) -> None:
    assert latest(text) == shown


async def test_an_arabic_case_answered_in_english_is_shown_from_left_to_right(house: House, office: PostOffice) -> None:
    row = await converse(house, *SAID)
    question, _, _ = await sent(house, office, conversation_id=row.id, language=Language.AR)
    await house.post.intake.take(reply(question).as_bytes())
    _, replies = await house.conversations.history(row.id)
    (said,) = [one for one in replies if "person" in one.body]
    assert (said.body["language"], said.body["direction"]) == ("en", "ltr")


async def test_an_erased_conversation_leaves_the_case_and_its_answer_by_e_mail(
    house: House, office: PostOffice
) -> None:
    row = await converse(house, *SAID)
    question, _, reference = await sent(house, office, conversation_id=row.id)
    await house.desk.begin("22222222-2222-4222-8222-222222222222", row.id, Language.EN, "response_package")
    await house.conversations.erase(row.id)
    assert (await house.cases.by_reference(reference)).conversation_id is None
    assert await house.cases.by_key("22222222-2222-4222-8222-222222222222") is None
    assert await house.post.intake.take(reply(question).as_bytes()) is MailKind.ANSWER
    await house.carry()
    assert "Yes, a trainer" in plain(office.to(DELEGATE)[-1])


async def test_broken_messages_are_kept_and_stop_nothing(house: House, office: PostOffice) -> None:
    question, _, _ = await sent(house, office)
    good = reply(question).as_bytes()
    chance = random.Random(6)
    broken = [
        b"",
        b"\r\n",
        b"\xff\xfe",
        b"From: @@@\r\nTo: <<>>\r\n\r\n",
        b"Content-Type: multipart/mixed; boundary=\r\n\r\n--",
    ]
    broken += [b"From: a@example.org\r\nContent-Type: text/plain; charset=nonsense\r\n\r\nHi"]
    broken += [b"Subject: =?utf-8?b?/////?=\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!"]
    for _ in range(300):
        bytes_ = bytearray(good)
        for _ in range(chance.randint(1, 40)):
            bytes_[chance.randrange(len(bytes_))] = chance.randrange(256)
        broken.append(bytes(bytes_[: chance.randrange(len(bytes_))]))
    for raw in broken:
        read(raw, "replies@example.org")
    for raw in broken[:30]:
        await house.post.intake.take(raw)
    assert await house.post.intake.take(good) in {MailKind.ANSWER}
