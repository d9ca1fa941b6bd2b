"""Cases on the staff's pages: found, read, sent again and closed; and what a stranger wrote stays text."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default
from html import escape
from pathlib import Path

import pytest

from bot.console.permissions import Role
from bot.store.cases import Cases as CaseStore
from bot.store.inbox import Inbox
from bot.store.outbox import Outbox
from bot.store.trail import Wanted
from knowledge.base import KnowledgeBase
from tests.console.conftest import Browser, Console
from tests.console.content import HOSTILE, Cases, fill


@pytest.fixture
async def cases(console: Console, base: KnowledgeBase, tmp_path: Path) -> Cases:
    return await fill(console.store, base, tmp_path, console.clock)


@pytest.fixture
async def focal_point(console: Console) -> Browser:
    return await console.signed_in(Role.FOCAL_POINT, "sherif")


async def test_the_list_says_how_old_each_case_is_and_which_are_overdue(cases: Cases, focal_point: Browser) -> None:
    page = await focal_point.get("/console/cases")
    rows = {row.partition("</a>")[0].rpartition(">")[2]: row for row in page.text.split("<tr>")}
    assert ("overdue" in rows[cases.waiting], "overdue" in rows[cases.answered]) == (True, False)
    assert "1 month" in rows[cases.waiting]
    assert "0 minutes" in rows[cases.answered]


async def test_it_is_filtered_by_its_address(cases: Cases, focal_point: Browser) -> None:
    for query, there, not_there in (
        ("state=answered", cases.answered, cases.waiting),
        ("overdue=1", cases.waiting, cases.answered),
    ):
        page = await focal_point.get(f"/console/cases?{query}")
        assert there in page.text
        assert not_there not in page.text
    assert "No case fits" in (await focal_point.get("/console/cases?state=closed")).said()
    assert cases.answered in (await focal_point.get("/console/cases?state=nonsense")).text


async def test_a_case_shows_all_that_is_kept_of_it(cases: Cases, focal_point: Browser, console: Console) -> None:
    said = (await focal_point.get(f"/console/cases/{cases.answered}")).said()
    for part in (
        *("handed in by the delegate", "the question was sent", "the contact answered", "a message was set aside"),
        *("amina.otieno@example.org", "stranger@example.net", "Mr. Sherif Saadallah", HOSTILE),
    ):
        assert " ".join(part.split()) in said
    typed = cases.answered.lower().replace("-", " ")
    assert (await focal_point.get(f"/console/cases/{typed}")).status == 200
    assert await console.acts(who="sherif", object=f"case {cases.answered}") == ["case.seen"] * 2


async def test_letters_and_mail_are_read_and_taken_away_as_text(
    cases: Cases, focal_point: Browser, console: Console
) -> None:
    page = await focal_point.get(f"/console/cases/{cases.answered}")
    links = [part.partition('"')[0] for part in page.text.split('href="')[1:]]
    messages = [link for link in links if "/mail/" in link or "/letters/" in link]
    assert len(messages) == 2 + 3
    for link in messages:
        read = await focal_point.get(link)
        assert " ".join(HOSTILE.split()) in read.said() or "confirmation" in read.said()
        response = await focal_point.client.get(f"{link}/eml")
        assert response.content_type == "text/plain"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Disposition"].startswith("attachment;")
        message = message_from_bytes(await response.read(), policy=default)
        assert message["From"]
        assert message["To"]
    assert sorted(set(await console.acts(who="sherif"))) == ["case.downloaded", "case.mail_read", "case.seen"]


async def test_sending_again_and_closing_are_in_the_trail(cases: Cases, focal_point: Browser, console: Console) -> None:
    path = f"/console/cases/{cases.waiting}"
    page = await focal_point.send(await focal_point.get(path), f"{path}/resend")
    assert (page.path, "1 queued to be sent" in page.said()) == (path, True)
    page = await focal_point.send(page, f"{path}/close")
    assert f"Case {cases.waiting} is closed" in page.said()
    assert (await CaseStore(console.store).by_reference(cases.waiting)).state == "closed"
    (closed,) = await console.trail.find(Wanted(act="case.closed"), 10)
    assert (closed.who, closed.object, closed.before, closed.after) == (
        *("sherif", f"case {cases.waiting}", "queued", "closed"),
    )
    page = await focal_point.send(page, f"{path}/close")
    assert "cannot be done" in page.said()
    assert await console.acts(who="sherif", act="case.closed") == ["case.closed"]


async def test_who_may_only_read_is_offered_nothing_to_press(console: Console) -> None:
    reader = await console.signed_in(Role.READER)
    assert (await reader.get("/console/cases")).status == 403
    assert "Cases" not in (await reader.get("/console/")).said()


async def test_what_is_not_there_is_not_there(cases: Cases, focal_point: Browser) -> None:
    for path in ("7KQ4-M2XP-99", f"{cases.answered}/mail/0", f"{cases.answered}/letters/x", f"{cases.waiting}/mail/1"):
        assert (await focal_point.get(f"/console/cases/{path}")).status == 404


async def test_missing_settings_are_shown_to_those_whom_they_concern(console: Console) -> None:
    focal_point = await (await console.signed_in(Role.FOCAL_POINT)).get("/console/")
    assert "SMTP_HOST is not set" in focal_point.said()
    assert "ADDRESS_GLOBAL_CHALLENGES is not set" in focal_point.said()
    assert "ADDRESS_FOCAL_POINT" not in focal_point.said()
    assert "No setting is missing" in (await (await console.signed_in(Role.READER)).get("/console/")).said()


async def test_the_first_page_says_how_much_waits_for_staff(
    cases: Cases, focal_point: Browser, console: Console
) -> None:
    said = (await focal_point.get("/console/")).said()
    for part in ("Mail set aside: 2", "Letters undelivered: 1", "Cases overdue: 1"):
        assert part in said
    assert "overdue" not in (await (await console.signed_in(Role.READER)).get("/console/")).said()


async def test_what_it_counts_is_what_its_links_show(cases: Cases, focal_point: Browser) -> None:
    for query, there in (("overdue=1", cases.waiting), ("undelivered=1", cases.astray)):
        page = await focal_point.get(f"/console/cases?{query}")
        shown = {one for one in (cases.answered, cases.waiting, cases.astray) if one in page.text}
        assert shown == {there}
    assert "undelivered" in page.text.partition(cases.astray)[2].partition("</tr>")[0]


async def test_letters_that_failed_or_were_replaced_are_shown_with_why(cases: Cases, focal_point: Browser) -> None:
    page = await focal_point.get(f"/console/cases/{cases.astray}")
    part = page.text.partition('id="astray"')[2].partition("</section>")[0]
    assert part.count("<li>") == 2
    for said in ("question", ": failed", "amina.otieno@example.org", ": sent anew instead", "550 &lt;img"):
        assert said in part
    assert "amina.otieno@example.org is now a.otieno@example.org; by a test" in page.said()
    assert "staff corrected the delegate's address" in page.said()
    assert 'id="astray"' not in (await focal_point.get(f"/console/cases/{cases.answered}")).text


async def test_a_delegate_s_address_is_corrected(cases: Cases, focal_point: Browser, console: Console) -> None:
    path, new = f"/console/cases/{cases.astray}", "amina@example.org"
    page = await focal_point.send(await focal_point.get(path), f"{path}/address", address=f" {new} ")
    assert (page.path, "The address is corrected; letters queued to it: 1." in page.said()) == (path, True)
    case = await CaseStore(console.store).by_reference(cases.astray)
    assert case.email == new
    letters = await Outbox(console.store).of_case(case.key)
    assert [one.state for one in letters if one.address == new] == ["queued"]
    assert "by sherif" in page.said()
    (line,) = await console.trail.find(Wanted(act="case.address_corrected"), 10)
    assert (line.who, line.object, line.before, line.after) == ("sherif", f"case {cases.astray}", None, "1")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "This is no e-mail address"),
        ("amina.example.org", "This is no e-mail address"),
        (HOSTILE, "This is no e-mail address"),
        ("a.otieno@example.org", "This is the address that the case has"),
    ],
)
async def test_what_is_wrong_with_an_address_is_said_at_its_field(
    cases: Cases, focal_point: Browser, console: Console, typed: str, said: str
) -> None:
    path = f"/console/cases/{cases.astray}"
    page = await focal_point.send(await focal_point.get(path), f"{path}/address", address=typed)
    (field,) = (part.partition(">")[0] for part in page.text.split("<input")[1:] if 'name="address"' in part)
    assert (page.status, said in page.said()) == (422, True)
    assert 'aria-invalid="true"' in field
    assert 'aria-describedby="wrong ' in field
    assert f'value="{escape(typed)}"' in field.replace("&#34;", "&quot;").replace("&#39;", "&#x27;")
    assert (await CaseStore(console.store).by_reference(cases.astray)).email == "a.otieno@example.org"
    assert await console.acts(act="case.address_corrected") == []


async def test_letters_that_are_files_are_shown_with_their_names(
    cases: Cases, focal_point: Browser, tmp_path: Path
) -> None:
    said = (await focal_point.get(f"/console/cases/{cases.answered}")).said()
    assert "No mail server is set" in said
    other = (await focal_point.get(f"/console/cases/{cases.astray}")).said()
    written = [path.name for path in (tmp_path / "outbox").iterdir()]
    assert len(written) == 5
    assert sum(f"as the file {name}" in said for name in written) == 3
    assert "as the file" not in other


async def test_mail_of_which_only_the_text_is_kept_is_still_read(
    cases: Cases, focal_point: Browser, console: Console
) -> None:
    await Inbox(console.store).trim(0, console.clock())
    path = f"/console/cases/{cases.answered}"
    page = await focal_point.get(f"{path}/mail/2")
    assert " ".join(HOSTILE.split()) in page.said()
    assert "only the text is kept" in page.said()
    assert "/eml" not in page.text
    assert "of a message only the text is kept any longer" in (await focal_point.get(path)).said()
