"""An entry that is still to be written: offered by a reviewer or a focal point, written and staged by an editor."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from bot.console.permissions import Role
from bot.console.review_staging import ReviewStaging
from bot.publishing.changes import Changes, EntryProposed
from bot.publishing.drafts import Drafts
from bot.review.settling import Choice, Verdict
from bot.store.publishing_tables import ChangeRow, ChangeState
from knowledge.records import Language
from tests.console.conftest import Browser, Console, now
from tests.console.content import HOSTILE

NEW_ENTRY = Choice(Verdict.NEW_ENTRY)
ASKED = f"May a consortium join? {HOSTILE}"


@dataclass
class Editing:
    """An editor, and what reviewers have staged."""

    console: Console
    browser: Browser
    account: int

    def __post_init__(self) -> None:
        self.changes, self.drafts = Changes(self.console.store), Drafts(self.console.store)
        self.staging = ReviewStaging(self.changes, self.drafts)

    async def offered(self) -> int:
        """The draft that comes of a decision."""
        return await self.staging.stage(self.account, NEW_ENTRY, Language.EN, ASKED, "review:12", now())

    async def state(self, change: int) -> str:
        async with self.console.store() as session:
            return (await session.get_one(ChangeRow, change)).state


@pytest.fixture
async def editing(console: Console) -> Editing:
    return Editing(console, await console.signed_in(Role.EDITOR, "edith"), await console.account("ann", Role.REVIEWER))


def whole() -> dict[str, str]:
    """A form with nothing missing."""
    fields = {
        "entry": "mtg_consortium",
        "area": "meetings_and_webinars",
        "kind": "who_may",
        "use": "plain",
        "fact": "A consortium may take part.",
        "source_title": "A letter of the Secretariat",
        "source_url": "https://example.org/letter",
        "source_date": "2026-11-30",
        "source_publisher": "WIPO",
    }
    for language in Language:
        fields[f"title.{language}"], fields[f"answer.{language}"] = "Consortia", "A consortium may take part."
        fields[f"questions.{language}"] = "\n".join(f"{language} may a consortium join {n}" for n in "abcdef")
    return fields


async def test_what_needs_a_new_entry_waits_as_a_draft_with_its_question(editing: Editing) -> None:
    draft = await editing.offered()
    assert await editing.offered() == draft
    listed = await editing.browser.get("/console/changes")
    assert "New entry: review:12" in listed.said()
    form = await editing.browser.get(f"/console/drafts/{draft}")
    assert "May a consortium join?" in form.text
    assert "<img src=x" not in form.text
    assert await editing.changes.staged() == []
    assert await editing.console.acts(object=f"change {draft}") == ["entry.offered"]


async def test_a_decision_that_is_taken_back_takes_the_draft_along_unless_an_editor_has_begun(
    editing: Editing,
) -> None:
    first = await editing.offered()
    await editing.staging.withdraw(first, editing.account, now())
    assert await editing.state(first) == ChangeState.WITHDRAWN
    second = await editing.offered()
    assert second != first
    page = await editing.browser.get(f"/console/drafts/{second}")
    await editing.browser.send(page, **whole(), do="keep")
    await editing.staging.withdraw(second, editing.account, now())
    assert await editing.state(second) == ChangeState.DRAFT


async def test_an_incomplete_form_is_kept_and_says_what_is_missing(editing: Editing) -> None:
    draft = await editing.offered()
    page = await editing.browser.get(f"/console/drafts/{draft}")
    lacking = whole() | {"questions.ru": "only one", "title.zh": "", "fact": HOSTILE}
    refused = await editing.browser.send(page, **lacking, do="accept")
    assert refused.status == 422
    assert "questions" in refused.said()
    assert "title" in refused.said()
    assert "<img src=x" not in refused.text
    assert (await editing.drafts.get(draft)).fields["questions.ru"] == "only one"
    assert await editing.changes.staged() == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"entry": "mtg_overview"}, "mtg_overview already"),
        ({"entry": "Not An Id"}, "entry"),
        ({"area": "nowhere"}, "nowhere has no facts"),
        ({"use": "whenever"}, "new_facts.0.use"),
        ({"source_date": "yesterday"}, "date"),
        ({"source_url": "javascript:alert(1)"}, "url"),
    ],
)
async def test_what_does_not_fit_is_refused(editing: Editing, wrong: dict[str, str], said: str) -> None:
    draft = await editing.offered()
    page = await editing.browser.get(f"/console/drafts/{draft}")
    refused = await editing.browser.send(page, **whole() | wrong, do="accept")
    assert refused.status == 422
    assert said in refused.said()


async def test_a_whole_form_becomes_a_staged_entry_with_its_source(editing: Editing) -> None:
    draft = await editing.offered()
    page = await editing.browser.get(f"/console/drafts/{draft}")
    after = await editing.browser.send(page, **whole(), do="accept")
    assert after.path == "/console/changes"
    (staged,) = await editing.changes.staged()
    assert (staged.id, staged.because) == (draft, "review:12")
    entry = staged.change
    assert isinstance(entry, EntryProposed)
    assert (entry.entry, entry.facts) == ("mtg_consortium", tuple(fact.id for fact in entry.new_facts))
    assert entry.source is not None
    assert (entry.source.id, entry.source.title) == ("review_12", "A letter of the Secretariat")
    assert len(entry.words[Language.AR].questions) == 6
    assert (await editing.browser.get(f"/console/drafts/{draft}")).status == 404
    await editing.staging.withdraw(draft, editing.account, now())
    assert await editing.state(draft) == ChangeState.STAGED


async def test_a_refused_draft_is_off_the_list(editing: Editing) -> None:
    draft = await editing.offered()
    page = await editing.browser.get(f"/console/drafts/{draft}")
    after = await editing.browser.send(page, f"/console/drafts/{draft}/refuse")
    assert "review:12" not in after.said()
    assert await editing.state(draft) == ChangeState.WITHDRAWN
    assert (await editing.console.acts(object=f"change {draft}"))[0] == "change.withdrawn"
