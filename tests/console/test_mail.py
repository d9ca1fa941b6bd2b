"""Mail that was set aside, on the staff's pages: read, made an answer after a look at its case, or refused."""

from __future__ import annotations

import asyncio
from email.message import EmailMessage
from pathlib import Path

import pytest

from bot.cases.post import Post
from bot.console.mail import MESSAGES
from bot.console.permissions import Role
from bot.settings import Settings
from bot.store.case_tables import InboxRow
from bot.store.cases import Cases as CaseStore
from bot.store.inbox import Inbox
from bot.store.outbox import Outbox
from bot.store.trail import Wanted
from knowledge.base import KnowledgeBase
from tests.console.conftest import Browser, Console, Page
from tests.console.content import HANDOFF, HOSTILE, Cases, fill

NO_REFERENCE = "7KQ4-M2XP-99"
UNKNOWN = "7KQ4-M2XP-9S"


@pytest.fixture
async def cases(console: Console, base: KnowledgeBase, tmp_path: Path) -> Cases:
    return await fill(console.store, base, tmp_path, console.clock)


@pytest.fixture
async def focal_point(console: Console) -> Browser:
    return await console.signed_in(Role.FOCAL_POINT, "sherif")


async def waiting(console: Console) -> dict[str | None, InboxRow]:
    """What is set aside, by its case."""
    return {reference: mail for mail, reference in await Inbox(console.store).set_aside()}


async def take(console: Console, base: KnowledgeBase, folder: Path, text: str, files: bool = False) -> int:
    """A message of no case; its number."""
    message = EmailMessage()
    message["From"], message["To"] = "somebody@example.net", "replies@example.org"
    message["Message-ID"] = f"<{text or 'nothing'}@example.net>"
    message.set_content(text)
    if files:
        message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="plan.pdf")
    await Post(Settings(data_dir=folder), HANDOFF, console.store, base, console.clock).intake.take(message.as_bytes())
    return (await Inbox(console.store).set_aside())[0][0].id


def field(page: Page) -> str:
    """The field for the reference, as the page has it."""
    return next(part.partition(">")[0] for part in page.text.split("<input")[1:] if 'name="case"' in part)


async def test_each_message_is_shown_with_all_that_helps_to_decide(
    cases: Cases, focal_point: Browser, console: Console
) -> None:
    page = await focal_point.get("/console/mail")
    for part in (
        *("stranger@example.net", HOSTILE, cases.answered, "no case", '<b>"plan.html'),
        *("is not among those who may answer for the contact", "it belongs to no letter of ours"),
    ):
        assert " ".join(part.split()) in page.said()
    assert page.text.count('<blockquote class="said" dir="auto">') == 2
    (seen,) = await console.trail.find(Wanted(who="sherif"), 10)
    assert (seen.act, seen.object, seen.after) == ("mail.seen", "mail set aside", "messages 3, 2")


async def test_a_message_goes_to_the_delegate_only_after_a_look_at_its_case(
    cases: Cases, focal_point: Browser, console: Console
) -> None:
    mail = (await waiting(console))[cases.answered]
    store = CaseStore(console.store)
    key = (await store.by_reference(cases.answered)).key
    before = len(await Outbox(console.store).of_case(key))
    page = await focal_point.get(f"/console/mail/{mail.id}/accept?case={cases.answered}")
    assert page.status == 200
    for part in (HOSTILE, cases.answered, "amina.otieno@example.org", "Mr. Sherif Saadallah", "cannot be taken back"):
        assert " ".join(part.split()) in page.said()
    assert len(await Outbox(console.store).of_case(key)) == before
    page = await focal_point.send(page, case=cases.answered)
    assert (page.path, page.status) == (f"/console/cases/{cases.answered}", 200)
    assert f"The message is now the answer of case {cases.answered}" in page.said()
    assert "staff made a message that was set aside the answer" in page.said()
    assert "accepted by sherif" in page.said()
    letters = await Outbox(console.store).of_case(key)
    assert [(one.kind, one.state) for one in letters[before:]] == [("answer", "queued")]
    (line,) = await console.trail.find(Wanted(act="mail.accepted"), 10)
    assert (line.who, line.object, line.before, line.after) == (
        *("sherif", f"case {cases.answered}", None, f"message {mail.id}"),
    )


@pytest.mark.parametrize("of_case", [False, True])
async def test_it_can_be_the_answer_of_the_case_whose_reference_is_typed(
    cases: Cases, focal_point: Browser, console: Console, of_case: bool
) -> None:
    came = cases.answered if of_case else None
    mail = (await waiting(console))[came]
    typed = cases.waiting.lower().replace("-", " ")
    page = await focal_point.get(f"/console/mail/{mail.id}/accept", params={"case": typed})
    page = await focal_point.send(page, case=typed)
    assert page.path == f"/console/cases/{cases.waiting}"
    assert (await CaseStore(console.store).by_reference(cases.waiting)).state == "answered"
    (line,) = await console.trail.find(Wanted(act="mail.accepted"), 10)
    assert (line.object, line.before) == (f"case {cases.waiting}", f"case {came}" if came else None)
    if came:
        page = await focal_point.get(f"/console/cases/{came}")
        assert "staff made a message of this case the answer of another" in page.said()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "This message belongs to no case. Type the reference of the case that it answers."),
        (NO_REFERENCE, f"“{NO_REFERENCE}” is no reference"),
        (HOSTILE, "is no reference"),
        (UNKNOWN, f"There is no case {UNKNOWN}."),
    ],
)
async def test_what_is_wrong_with_a_reference_is_said_at_its_field(
    cases: Cases, focal_point: Browser, console: Console, typed: str, said: str
) -> None:
    mail = (await waiting(console))[None]
    path = f"/console/mail/{mail.id}/accept"
    asked = await focal_point.get(path, params={"case": typed})
    signed = await focal_point.get(f"/console/cases/{cases.answered}")
    for page in (asked, await focal_point.send(signed, path, case=typed)):
        assert page.status == 422
        assert said in page.said()
        assert 'aria-invalid="true"' in field(page)
        assert 'aria-describedby="wrong"' in field(page)
        assert "Send it to the delegate" not in page.said()
    assert None in await waiting(console)
    assert await console.acts(act="mail.accepted") == []


async def test_a_message_that_says_nothing_cannot_be_an_answer(
    console: Console, base: KnowledgeBase, cases: Cases, focal_point: Browser, tmp_path: Path
) -> None:
    empty = await take(console, base, tmp_path, "")
    page = await focal_point.get(f"/console/mail/{empty}/accept?case={cases.waiting}")
    assert (page.status, "neither text nor files" in page.said()) == (409, True)
    files = await take(console, base, tmp_path, "", files=True)
    page = await focal_point.get(f"/console/mail/{files}/accept?case={cases.waiting}")
    assert (page.status, "plan.pdf" in page.said()) == (200, True)


async def test_of_two_who_accept_the_same_message_one_is_too_late(
    cases: Cases, focal_point: Browser, console: Console
) -> None:
    mail = (await waiting(console))[cases.answered]
    path = f"/console/mail/{mail.id}/accept"
    another = await console.signed_in(Role.ADMINISTRATOR, "root")
    pages = [await one.get(path) for one in (focal_point, another)]
    sent = await asyncio.gather(
        *(one.send(page, case=cases.answered) for one, page in zip((focal_point, another), pages, strict=True))
    )
    assert sorted(page.status for page in sent) == [200, 409]
    (late,) = (page for page in sent if page.status == 409)
    assert "decided on already" in late.said()
    assert await console.acts(act="mail.accepted") == ["mail.accepted"]


async def test_a_refused_message_is_off_the_list_and_can_still_be_accepted(
    cases: Cases, focal_point: Browser, console: Console
) -> None:
    mail = (await waiting(console))[None]
    page = await focal_point.send(await focal_point.get("/console/mail"), f"/console/mail/{mail.id}/refuse")
    assert (page.path, f"Message {mail.id} is refused." in page.said()) == ("/console/mail", True)
    assert f"message-{mail.id}" not in page.text
    page = await focal_point.send(page, f"/console/mail/{mail.id}/refuse")
    assert "decided on already" in page.said()
    (line,) = await console.trail.find(Wanted(act="mail.refused"), 10)
    assert (line.who, line.object, line.after) == ("sherif", "mail set aside", f"message {mail.id}")
    page = await focal_point.get("/console/mail?refused=1")
    assert "refused by sherif" in page.said()
    assert f"/console/mail/{mail.id}/accept" in page.text
    assert f"/console/mail/{mail.id}/refuse" not in page.text
    page = await focal_point.get(f"/console/mail/{mail.id}/accept?case={cases.waiting}")
    assert (await focal_point.send(page, case=cases.waiting)).path == f"/console/cases/{cases.waiting}"


async def test_a_case_s_page_has_its_mail_set_aside_with_the_same_actions(
    cases: Cases, focal_point: Browser, console: Console
) -> None:
    mail = (await waiting(console))[cases.answered]
    path = f"/console/cases/{cases.answered}"
    page = await focal_point.get(path)
    assert f'id="message-{mail.id}"' in page.text
    assert f'action="/console/mail/{mail.id}/accept"' in page.text
    assert f'value="{cases.answered}"' in field(page)
    page = await focal_point.send(page, f"/console/mail/{mail.id}/refuse", back="case")
    assert (page.path, f"Message {mail.id} is refused." in page.said()) == (path, True)
    assert "staff refused a message that was set aside" in page.said()
    assert f"/console/mail/{mail.id}/refuse" not in page.text
    assert f"/console/mail/{mail.id}/accept" in page.text


async def test_a_long_list_has_pages(
    console: Console, base: KnowledgeBase, focal_point: Browser, tmp_path: Path
) -> None:
    first = await take(console, base, tmp_path, "the first")
    for number in range(MESSAGES):
        await take(console, base, tmp_path, f"another, {number}")
    page = await focal_point.get("/console/mail")
    assert page.text.count("<article") == MESSAGES
    assert "the first" not in page.said()
    older = page.text.partition('href="/console/mail?below=')[2].partition('"')[0]
    page = await focal_point.get("/console/mail", params={"below": older})
    assert (page.text.count("<article"), f"message-{first}" in page.text) == (1, True)
    assert "below=" not in page.text


async def test_what_is_not_there_is_not_there(focal_point: Browser) -> None:
    for number in ("0", "99", "x", "9" * 30):
        assert (await focal_point.get(f"/console/mail/{number}/accept")).status == 404
    assert "There are none." in (await focal_point.get("/console/mail?below=x")).said()
