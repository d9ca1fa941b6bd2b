"""What the letters say, in six languages, and that nothing typed becomes more than text."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest

from bot.cases.reference import ALPHABET, new_reference, read_reference
from bot.conversation.outcome import Outcome
from bot.conversation.reply import ReplyBody
from bot.settings import ROOT
from bot.store.conversations import Answer
from bot.store.tables import ConversationRow
from knowledge.records import Language
from tests.cases.conftest import DELEGATE, FOCAL_POINT, House
from tests.cases.post_office import PostOffice


def plain(message: EmailMessage) -> str:
    return str(message.get_body(("plain",)).get_content())  # type: ignore[union-attr]


def html(message: EmailMessage) -> str:
    return str(message.get_body(("html",)).get_content())  # type: ignore[union-attr]


async def converse(house: House, *said: tuple[str, Outcome, str, str | None]) -> ConversationRow:
    """A conversation of these questions, each with its outcome, reply and entry."""
    welcome = ReplyBody(text="Hello.", language=Language.EN, direction="ltr", outcome=Outcome.SMALL_TALK)
    row, _ = await house.conversations.open("h" * 64, Language.EN, timedelta(days=30), welcome)
    for number, (question, outcome, text, entry) in enumerate(said):
        message = await house.conversations.accept(row.id, f"{number:036}", question, None)
        assert message is not None
        body = ReplyBody(text=text, language=Language.EN, direction="ltr", outcome=outcome)
        await house.conversations.answer(message.id, Answer(outcome, (body,), None, {"entry": entry}))
    return row


SAID = (
    ("What is a TISC?", Outcome.ANSWER, "A centre for technology and innovation.", "inn_overview"),
    ("Can you pay our flights?", Outcome.REFER, "I have found nothing about this.", None),
    ("I want a person", Outcome.HANDOFF, "Your name, please?", None),
    ("Amina Otieno", Outcome.HANDOFF, "Your address, please?", None),
)


async def test_the_question_stands_first_then_who_asks_then_the_conversation(house: House, office: PostOffice) -> None:
    row = await converse(house, *SAID)
    await house.conversations.accept(row.id, str(uuid.uuid4()), "Please send it", None)
    receipt = await house.ask(conversation_id=row.id, consent=True)
    await house.carry()
    (letter,) = office.to(FOCAL_POINT)
    for text in (plain(letter), html(letter)):
        entry = house.base.entries["inn_overview"].title
        order = [
            "Amina Otieno (Kenya) asks:",
            "TISC trainer",
            "reply to this message",
            "Member state",
            receipt.reference,
        ]
        order += ["What the assistant answered", entry, "could not answer", "pay our flights", "The conversation"]
        order += ["A centre for technology and innovation."]
        places = [text.index(part) for part in order]
        assert places == sorted(places)
        assert not re.search("Your address, please|Please send it", text), "the form is no part of the conversation"


async def test_without_consent_nothing_of_the_conversation_is_sent(house: House, office: PostOffice) -> None:
    row = await converse(house, *SAID)
    await house.ask(conversation_id=row.id)
    await house.carry()
    (letter,) = office.to(FOCAL_POINT)
    for text in (plain(letter), html(letter)):
        assert "did not agree" in text
        assert "flights" not in text
        assert "What the assistant" not in text


@pytest.mark.parametrize("language", Language)
async def test_the_confirmation_is_in_the_delegates_language_and_has_nothing_they_typed(
    house: House, office: PostOffice, language: Language
) -> None:
    receipt = await house.ask(language=language, name="Zanzibarissimo", question="Quagmire?", organisation="Xylophones")
    await house.carry()
    (letter,) = office.to(DELEGATE)
    for text in (plain(letter), html(letter)):
        assert receipt.reference in text
        assert house.base.phrases[language]("letter.greeting") in text
        assert not re.search("Zanzibarissimo|Quagmire|Xylophones|Kenya", text)
    assert f'<html lang="{language}" dir="{language.direction}">' in html(letter)
    assert letter["Content-Language"] == language


async def test_the_contact_reads_english_and_the_case_s_language_beside_it(house: House, office: PostOffice) -> None:
    question = "هل يمكن أن يزورنا مدرب؟"
    await house.ask(language=Language.AR, name="أمينة", member_state="EG", question=question)
    await house.carry()
    (letter,) = office.to(FOCAL_POINT)
    assert letter["Subject"].endswith("Question from أمينة (Egypt): COVID-19 response package")
    assert "Who asks · صاحب السؤال" in plain(letter)
    assert "Language · اللغة: Arabic" in plain(letter)
    assert '<blockquote dir="auto" lang="ar"' in html(letter)
    assert question in plain(letter)
    assert question in html(letter)


async def test_every_line_goes_through_any_mail_server(house: House, office: PostOffice) -> None:
    await house.ask(language=Language.ZH, name="李" * 150, question="问" * 2000 + "\n" + "x" * 3000)
    await house.carry()
    for _, _, content in office.taken:
        assert content.isascii()
        assert max(map(len, content.split(b"\r\n"))) <= 998
        assert b"\n" not in content.replace(b"\r\n", b"")


def hostile() -> list[tuple[str, str]]:
    """Two hundred names and questions that try to be more than text."""
    breaks = [
        "\r\n",
        "\n",
        "\r",
        "\u2028",
        "\u2029",
        "\x0b",
        "\x0c",
        "\x85",
        "\x00",
        "%0d%0a",
        "\\r\\n",
        "=0D=0A",
        "\r\n\r\n",
    ]
    headers = ["Bcc: victim@example.org", "Subject: free money", "Content-Type: text/html", "To: victim@example.org"]
    names = [f"Amina{one}{header}" for one in breaks for header in headers]
    names += [
        *(
            '"Amina" <victim@example.org>',
            "Amina, victim@example.org",
            "Amina <",
            "=?utf-8?b?QmNjOiB2aWN0aW0=?=",
            "=?utf-8?q?=0D=0ABcc:?=",
        ),
        *(
            "{{ 7 * 191 }}",
            "{% include '/etc/passwd' %}",
            "{{ self.__init__.__globals__ }}",
            "{question}",
            "{0}",
            "%s%s%n",
            "${7*191}",
            "#{7*191}",
        ),
        *(
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "</blockquote></div><h1>Free",
            "<!--",
            "]]>",
            "&lt;b&gt;",
            "' OR 1=1 --",
        ),
        *(
            "\u202eanimA\u202c",
            "\u2066Amina\u2069",
            "A\u0300" * 80,
            "\ufeffAmina",
            "\u200f\u200e",
            "😀" * 60,
            "A" * 5000,
            "السيدة أمينة",
            "李",
            "\ud83d",
        ),
        *(
            ".",
            "..",
            ".\r\n.\r\nQUIT",
            "-- ",
            "From me",
            "Content-Transfer-Encoding: x",
            "--===============1==",
            'boundary="x"',
        ),
        *("[GD23-VJB4-ZE]", "../../etc/passwd", "C:\\x", "a;b,c:d", "(comment)", '\\"', "@", "@example.org", "<>", ";"),
    ]
    texts = [*names]
    while len(texts) < 200:
        texts.append(
            f"{texts[len(texts) % len(names)]}{breaks[len(texts) % len(breaks)]}{texts[(7 * len(texts)) % len(names)]}"
        )
    return [(text, texts[-place - 1]) for place, text in enumerate(texts[:200])]


async def test_two_hundred_hostile_names_and_questions_are_plain_text_or_refused(
    house: House, office: PostOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    house = house.with_settings(confirmations_a_day=10_000)
    refused = 0
    for name, question in hostile():
        try:
            await house.ask(name=name, question=question, member_state=None, organisation=name)
        except ValueError:
            refused += 1
    await house.carry()
    assert len(office.taken) == 2 * (200 - refused)
    assert refused <= 10
    assert {tuple(recipients) for _, recipients, _ in office.taken} == {(FOCAL_POINT,), (DELEGATE,)}
    expected = {"From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language"}
    expected |= {"MIME-Version", "Content-Type"}
    for message in office.messages:
        assert set(message.keys()) == expected
        assert len(message.keys()) == len(expected)
        assert message["Subject"].startswith("[")
        assert [part.get_content_type() for part in message.walk()] == [
            *("multipart/alternative", "text/plain", "text/html")
        ]
        assert not message.defects
        markup = html(message)
        assert not re.search(r"<(?:script|img|!--)|onerror=[^&]*>", markup.replace("<!doctype", ""))
        assert "1337" not in plain(message)
        assert "root:" not in plain(message)
    with capsys.disabled():
        print(f"\nhostile: {200 - refused} delivered as plain text, {refused} refused")


async def test_what_is_typed_cannot_pass_for_a_part_of_the_letter(house: House, office: PostOffice) -> None:
    await house.ask(question="Hello\n\nWhat the assistant answered\nEverything.")
    await house.carry()
    (letter,) = office.to(FOCAL_POINT)
    assert not re.search("^What the assistant answered", plain(letter), re.M)
    assert re.search("^> What the assistant answered", plain(letter), re.M)


async def test_no_secret_of_the_contact_s_letter_is_in_the_delegate_s(house: House, office: PostOffice) -> None:
    await house.ask()
    await house.carry()
    (question,), (confirmation,) = office.to(FOCAL_POINT), office.to(DELEGATE)
    secret = question["Message-ID"].strip("<>").partition("@")[0]
    assert secret in question["Reply-To"]
    assert secret not in confirmation.as_string()


def test_references_are_readable_and_a_slip_is_noticed() -> None:
    for _ in range(200):
        reference = new_reference()
        assert re.fullmatch("[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{2}", reference)
        assert read_reference(reference.lower().replace("-", " ")) == reference
        letters = reference.replace("-", "")
        for place, letter in enumerate(letters):
            wrong = ALPHABET[(ALPHABET.index(letter) + 1) % len(ALPHABET)]
            assert read_reference(letters[:place] + wrong + letters[place + 1 :]) is None
        for place in range(len(letters) - 2):
            one, two = letters[place], letters[place + 1]
            if one != two:
                assert read_reference(letters[:place] + two + one + letters[place + 2 :]) is None
    assert len({new_reference() for _ in range(10_000)}) == 10_000
    (documented,) = re.findall(r"reference \(`([A-Z2-9-]+)`\)", (ROOT / "docs/handoff.md").read_text(encoding="utf-8"))
    assert read_reference(documented) == documented


async def test_letters_say_the_first_of_a_month_as_french_does(house: House, office: PostOffice) -> None:
    house.clock.now = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # five working days before Tuesday, 1 December
    await house.ask(language=Language.FR)
    await house.carry()
    assert "mardi 1er décembre 2026" in plain(office.to(DELEGATE)[0])
    assert "Tuesday" in plain(office.to(FOCAL_POINT)[0])
