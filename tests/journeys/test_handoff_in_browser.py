"""From the wish to talk to a person to that person's answer: in the window, by mail, and back in the window."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from bot.conversation.source_date import day_in_words
from bot.launch.preflight import free_loopback_port
from knowledge.base import KnowledgeBase
from knowledge.records import Language
from tests.cases.post_office import PostOffice, open_office
from tests.journeys.axe import violations
from tests.journeys.browsing import ANSWER_MS, DESKTOP, ChatWindow, Watch, show
from tests.journeys.conftest import Assistant, assistant_with
from tests.journeys.test_conversations import REFERENCE

pytestmark = pytest.mark.journey

Until = Callable[[Callable[[], bool], str], None]
Texts = dict[str, dict[str, str]]

FOCAL_POINT = "focal.point@example.org"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@dataclass(frozen=True)
class Story:
    """Who asks what, and what the focal point answers."""

    language: Language
    wish: str
    name: str
    state: str
    who: str
    email: str
    question: str
    answer: str
    signature: str


STORIES = {
    "en": Story(
        language=Language.EN,
        wish="I want to talk to a person",
        name="Maria Silva",
        state="Peru",
        who="Maria Silva (Peru)",
        email="maria@example.org",
        question="May our office host a workshop next year?",
        answer="Yes, in the second quarter.\n\nPlease send us the dates that suit your office.",
        signature="Kind regards,\nThe focal point",
    ),
    "ar": Story(
        language=Language.AR,
        wish="أريد التحدث إلى شخص",
        name="ليلى حداد",
        state="الأردن",
        who="ليلى حداد (Jordan)",
        email="layla@example.org",
        question="هل يمكن لمكتبنا استضافة حلقة عمل في العام المقبل؟",
        answer="نعم، في الربع الثاني من العام.\n\nيرجى موافاتنا بالمواعيد التي تناسب مكتبكم.",
        signature="-- \nجهة الاتصال",
    ),
}


@pytest.fixture(scope="module")
def office() -> Iterator[PostOffice]:
    with open_office() as open_one:
        yield open_one


@pytest.fixture(scope="module")
def lmtp_port() -> int:
    return free_loopback_port()


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, office: PostOffice, lmtp_port: int) -> Iterator[Assistant]:
    settings = {
        "address_focal_point": FOCAL_POINT,
        "mail_from": "assistant@example.org",
        "reply_address": "replies@example.org",
        "smtp_host": "127.0.0.1",
        "smtp_port": office.port,
        "smtp_security": "none",
        "lmtp_port": lmtp_port,
    }
    with assistant_with(tmp_path_factory, **settings) as started:
        yield started


def plain(message: EmailMessage) -> str:
    """A letter's plain text."""
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def written_back(question: EmailMessage, story: Story) -> EmailMessage:
    """The focal point's reply, as a mail program makes it: with the question below, quoted, and a signature."""
    quoted = "\n".join(f"> {line}" for line in plain(question).splitlines())
    message = EmailMessage()
    message["From"] = f"The Focal Point <{FOCAL_POINT}>"
    message["To"] = question["Reply-To"]
    message["Subject"] = f"Re: {question['Subject']}"
    message["Message-ID"] = make_msgid(domain="example.org")
    message["In-Reply-To"] = message["References"] = question["Message-ID"]
    wrote = f"On Mon, 2 Mar 2026 at 09:12, {question['From']} wrote:"
    message.set_content(f"{story.answer}\n\n{story.signature}\n\n{wrote}\n{quoted}\n")
    return message


def hand_over(message: EmailMessage, port: int) -> None:
    """As the mail server of the house does."""
    with smtplib.LMTP("127.0.0.1", port, timeout=20) as client:
        assert client.send_message(message, FOCAL_POINT, [str(message["To"])]) == {}


class Journey:
    """A delegate with the window open, and the post on the other side."""

    def __init__(
        self, context: BrowserContext, assistant: Assistant, texts: Texts, base: KnowledgeBase, story: Story
    ) -> None:
        self.page = context.new_page()
        self.watch = Watch(self.page, assistant.address)
        self.texts, self.story, self._assistant = texts[story.language], story, assistant
        self._phrases = base.phrases[story.language]
        self.contact = base.contacts["focal_point"].name[story.language]
        self.window: ChatWindow = show(self.page, assistant.address, story.language, self.texts)

    def asks_for_a_person(self) -> str:
        """From the wish to the reference."""
        story, window = self.story, self.window
        steps = (story.wish, story.name, story.state, story.email, story.question)
        for number, said in enumerate(steps, 2):
            window.ask(said)
            reply = window.answered(number)
        reply.get_by_role("button", name=self._phrases("handoff.button.send_along"), exact=True).click()
        review = window.answered(7)
        for told in (story.name, story.state, story.email, story.question):
            expect(review).to_contain_text(told)
        review.get_by_role("button", name=self._phrases("handoff.button.send"), exact=True).click()
        receipt = window.answered(8)
        expect(receipt).to_contain_text(re.compile(REFERENCE.pattern))
        found = REFERENCE.search(receipt.inner_text())
        assert found
        return found[0]

    def is_told_who_answers_and_when(self, reference: str) -> None:
        """What stands above the conversation while the case is open."""
        session = self.window.session()
        path = f"/api/v1/conversations/{session['id']}/messages"
        case = self._assistant.call("GET", path, token=session["token"])[1]["case"]
        expect(self.window.case).to_contain_text(reference)
        expect(self.window.case).to_contain_text(self.contact)
        day = day_in_words(date.fromisoformat(case["answer_by"]), self.story.language)
        expect(self.window.case).to_contain_text(day)

    def is_for_everybody(self) -> None:
        """By axe, in light and in dark."""
        for scheme in SCHEMES:
            self.page.emulate_media(color_scheme=scheme)
            assert violations(self.window.frame()) == []

    def sees_the_answer(self, reference: str, number: int = 1) -> None:
        """Marked as a person's, without what belongs to the assistant's answers, and nothing is waited for."""
        expect(self.window.by_persons).to_have_count(number, timeout=ANSWER_MS)
        answer = self.window.by_persons.last
        for line in self.story.answer.split("\n\n"):
            expect(answer.get_by_text(line, exact=True)).to_be_visible()
        expect(answer).not_to_contain_text(self.story.question)
        expect(answer).not_to_contain_text(self.story.signature.splitlines()[-1])
        label = answer.locator(".by")
        expect(label).to_contain_text(self.contact)
        expect(label).to_contain_text(self.texts["from_person"].split("{")[0].strip())
        expect(label).to_contain_text(reference)
        expect(answer).not_to_contain_text(self.texts["assistant"] + ":")
        expect(answer).to_have_attribute("dir", self.story.language.direction)
        expect(answer).not_to_have_css("border-inline-start-width", "0px")
        expect(answer.locator("details")).to_have_count(0)
        expect(answer.get_by_role("button", name=self.texts["helpful_yes"], exact=True)).to_have_count(0)
        expect(self.window.case).to_have_count(0)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=DESKTOP, reduced_motion="reduce")
    yield context
    context.close()


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_a_question_reaches_the_focal_point_and_the_answer_comes_back_into_the_window(
    context: BrowserContext,
    assistant: Assistant,
    office: PostOffice,
    lmtp_port: int,
    texts: Texts,
    base: KnowledgeBase,
    until: Until,
    story: Story,
) -> None:
    journey = Journey(context, assistant, texts, base, story)
    reference = journey.asks_for_a_person()
    journey.is_told_who_answers_and_when(reference)
    journey.is_for_everybody()

    def about(address: str) -> list[EmailMessage]:
        return [letter for letter in office.to(address) if reference in letter["Subject"]]

    until(lambda: len(about(FOCAL_POINT)) == 1, "the question is in the mail server")
    (question,) = about(FOCAL_POINT)
    assert question["Subject"].startswith(f"[{reference}] Question from {story.who}: ")
    assert question["Auto-Submitted"] == "auto-generated"
    text = plain(question)
    assert text.startswith(f"{story.who} asks:\n\n> {story.question}\n")
    assert story.email in text
    assert "Delegate" not in text, "the form is not part of the conversation"

    hand_over(written_back(question, story), lmtp_port)
    journey.sees_the_answer(reference)
    expect(journey.window.log).to_have_attribute("aria-live", "polite")
    journey.is_for_everybody()

    until(lambda: len(about(story.email)) == 2, "the confirmation and the answer are in the mail server")
    confirmation, answer = about(story.email)
    assert story.question not in plain(confirmation)
    for line in story.answer.split("\n\n"):
        assert f"> {line}" in plain(answer)
    assert story.signature.splitlines()[-1] not in plain(answer)
    assert answer["In-Reply-To"] == confirmation["Message-ID"]

    journey.page.reload()
    journey.window.is_ready()
    journey.sees_the_answer(reference)
    journey.watch.saw_only()


def test_while_the_window_is_closed_its_button_says_that_a_person_has_answered(
    context: BrowserContext,
    assistant: Assistant,
    office: PostOffice,
    lmtp_port: int,
    texts: Texts,
    base: KnowledgeBase,
    until: Until,
) -> None:
    journey = Journey(context, assistant, texts, base, STORIES["en"])
    reference = journey.asks_for_a_person()
    launcher = journey.window.launcher
    journey.window.button("close").click()
    expect(launcher).to_have_text(texts["en"]["title"])
    until(lambda: any(reference in letter["Subject"] for letter in office.to(FOCAL_POINT)), "the question is sent")
    (question,) = (letter for letter in office.to(FOCAL_POINT) if reference in letter["Subject"])
    hand_over(written_back(question, journey.story), lmtp_port)
    expect(launcher).to_have_text(texts["en"]["answered"], timeout=ANSWER_MS)
    launcher.click()
    expect(launcher).to_have_text(texts["en"]["title"])
    journey.sees_the_answer(reference)
    journey.watch.saw_only()
