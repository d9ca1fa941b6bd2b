"""The pages of publishing: staged changes, the editor, versions, and a training's page, over real content."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from bot.console.permissions import Role
from bot.conversation.outcome import Outcome
from bot.publishing import pointer
from bot.publishing.changes import Changes, OutsideAdded, QuestionAdded
from bot.publishing.comparison import Among, Compared, Comparison, Found
from bot.publishing.jobs import Jobs
from bot.publishing.versions import Versions
from bot.store.publishing_tables import JobState, VersionKind
from knowledge.base import KnowledgeBase
from knowledge.records import Language
from tests.console.conftest import Browser, Console, Page

pytestmark = pytest.mark.slow

HOSTILE = "<script>alert(1)</script> & \"'{{ 7*7 }}"
ADDED = QuestionAdded(language=Language.EN, text=HOSTILE, entry="pkg_overview")


@pytest.fixture
async def editor(console: Console) -> Browser:
    return await console.signed_in(Role.EDITOR, "edith")


async def stage(console: Console, *changes: Any) -> list[int]:
    account = await console.staff.by_name("edith")
    assert account
    return [await Changes(console.store).stage(account.id, one, datetime.now(UTC), "review:7") for one in changes]


def fields(page: Page, **changed: str) -> dict[str, str]:
    """What the editor's form holds, with these changed."""

    found = dict(re.findall(r'<input name="([^"]+)" value="([^"]*)"', page.text))
    found |= dict(re.findall(r'<input type="date" name="([^"]+)" value="([^"]*)"', page.text))
    found |= dict(re.findall(r'<textarea name="([^"]+)"[^>]*>([^<]*)</textarea>', page.text))
    return {name: unescape(value) for name, value in found.items()} | changed


async def test_what_is_staged_is_shown_as_text_with_hints_and_can_be_withdrawn(
    console: Console, editor: Browser
) -> None:
    there = QuestionAdded(language=Language.EN, text="what is the response package", entry="pkg_money")
    ids = await stage(console, ADDED, there)
    page = await editor.get("/console/changes")
    assert HOSTILE in page.said()
    assert "<script>alert" not in page.text
    assert "Confuses two; the same or nearly is asked for" in page.said()
    assert "review:7" in page.said()
    after = await editor.send(page, f"/console/changes/{ids[0]}/withdraw")
    assert HOSTILE not in after.said()
    assert await console.acts(object=f"change {ids[0]}") == ["change.withdrawn", "change.staged"]


async def test_the_diff_is_what_the_files_get(console: Console, editor: Browser) -> None:
    await stage(console, ADDED, OutsideAdded(language=Language.FR, text="et la marque", topic="pct_filing"))
    page = await editor.get("/console/changes/diff")
    assert "knowledge/entries/response_package.yml" in page.said()
    assert "<ins>+    - et la marque</ins>" in page.text
    assert "<script>alert" not in page.text


async def test_changes_that_cannot_be_made_say_why(console: Console, editor: Browser) -> None:
    await stage(console, ADDED.model_copy(update={"entry": "gone"}))
    page = await editor.get("/console/changes/diff")
    assert "there is no entry gone" in page.said()


async def test_an_answer_is_edited_published_at_once_undone_and_exported(
    console: Console, editor: Browser, base: KnowledgeBase, tmp_path: Path
) -> None:
    entry = base.entries["mtg_overview"]
    page = await editor.get("/console/content/mtg_overview")
    sent = fields(page, do="publish", valid_until="2031-05-01", **{f"answer.{Language.FR}": "Une réponse toute neuve."})
    refused = await editor.send(page, **sent)
    assert refused.status == 422
    assert "does not" in refused.said()
    assert await Changes(console.store).staged() == []
    french = entry.in_language(Language.FR).answer + " Écrivez-nous."
    done = await editor.send(page, **(sent | {"answer.fr": french}))
    assert done.status == 200, done.said()
    assert "Écrivez-nous." in (await editor.get("/console/content/mtg_overview")).text
    assert "1 May 2031" in (await editor.get("/console/content")).said()
    published = pointer.read(tmp_path)
    current = await Versions(console.store).current()
    assert published is not None
    assert current is not None
    assert published.version == current.id
    archive = zipfile.ZipFile(io.BytesIO(await (await editor.client.get("/console/versions/export")).read()))
    assert "Écrivez-nous." in archive.read("published.patch").decode()
    assert "Écrivez-nous." in archive.read("knowledge/translations/fr/meetings_and_webinars.yml").decode()
    versions = await editor.get("/console/versions")
    await editor.send(versions, f"/console/versions/{current.id}/undo")
    assert "Écrivez-nous." not in (await editor.get("/console/content/mtg_overview")).text
    assert "version.published" in await console.acts(who="edith")


async def test_english_that_changes_needs_a_word_on_every_translation(console: Console, editor: Browser) -> None:
    page = await editor.get("/console/content/mtg_overview")
    sent = fields(page, do="publish")
    sent["answer.en"] += " Ask us."
    refused = await editor.send(page, **sent)
    assert refused.status == 422
    assert "Ask us." in refused.text
    ticks = {f"stands.{language}": "yes" for language in Language if language is not Language.EN}
    done = await editor.send(refused, **fields(refused, do="publish"), **ticks)
    assert done.status == 200, done.said()
    assert "Ask us." in done.text


async def test_answers_that_a_new_conversation_gets_change_with_the_page(console: Console, editor: Browser) -> None:
    """The desk composes from what is published from that moment on."""
    page = await editor.get("/console/content/pkg_overview")
    sent = fields(page, do="publish") | {"title.en": "The package, told anew"}
    ticks = {f"stands.{language}": "yes" for language in Language if language is not Language.EN}
    await editor.send(page, **sent, **ticks)
    opened = await editor.client.post("/api/v1/conversations", json={"language": "en"})
    titles = [button["title"] for button in (await opened.json())["replies"][0]["buttons"]]
    assert "The package, told anew" in titles


async def test_rolled_back_changes_wait_again(console: Console, editor: Browser, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    await Versions(console.store).first("model.tar.gz", "checkout", "base", "edith", datetime.now(UTC))
    page = await editor.get("/console/content/mtg_overview")
    french = fields(page)["answer.fr"] + " Écrivez-nous."
    (tmp_path / "models/model.tar.gz").touch()
    await editor.send(page, **fields(page, do="publish", **{"answer.fr": french}))
    versions = await editor.get("/console/versions")
    assert "Roll back to version 1" in versions.said()
    assert await Changes(console.store).staged() == []


def compared(text: str, old: bool, new: bool) -> Compared:
    both = [Found(outcome=Outcome.ANSWER, entry="pkg_money", confidence=0.9, right=right) for right in (old, new)]
    return Compared(
        among=Among.DEVELOPMENT,
        set="first",
        language=Language.AR,
        text=text,
        expect=Outcome.ANSWER,
        entries=("pkg_money",),
        old=both[0],
        new=both[1],
    )


async def complete(console: Console, *all_compared: Compared) -> int:
    jobs = Jobs(console.store)
    row = await jobs.begin([], "", None, "edith", datetime.now(UTC))
    result = json.loads(Comparison.of(all_compared, 12.0).model_dump_json())
    await jobs.end(row.id, JobState.DONE, datetime.now(UTC), model="new.tar.gz", result=result)
    return row.id


async def test_what_got_worse_needs_a_tick(console: Console, editor: Browser) -> None:
    job = await complete(console, compared(HOSTILE, old=True, new=False), compared("x", old=False, new=True))
    page = await editor.get(f"/console/compare/{job}")
    assert "1 development questions got worse" in page.said()
    assert "<script>alert" not in page.text
    refused = await editor.send(page, f"/console/compare/{job}/publish")
    assert refused.status == 422
    assert await Versions(console.store).current() is None


async def test_a_training_that_runs_or_was_cancelled_cannot_be_published(console: Console, editor: Browser) -> None:
    row = await Jobs(console.store).begin([], "", None, "edith", datetime.now(UTC))
    page = await editor.get(f"/console/compare/{row.id}")
    assert 'hx-trigger="every 2s"' in page.text
    assert (await editor.send(page, f"/console/compare/{row.id}/publish")).status == 409
    await editor.send(page, f"/console/compare/{row.id}/cancel")
    assert (await Jobs(console.store).get(row.id)).state == JobState.CANCELLED


async def test_what_was_on_its_way_when_the_desk_ended_never_ran(console: Console) -> None:
    versions, now = Versions(console.store), datetime.now(UTC)
    row = await versions.prepare(VersionKind.MODEL, [], "new.tar.gz", "base", "edith", now)
    await versions.settle(None, now, "interrupted")
    assert (await versions.get(row.id)).problem == "interrupted"
    published = pointer.Pointer(version=row.id + 1, content="c", model="m", base="b", slot=pointer.Slot.GREEN)
    other = await versions.prepare(VersionKind.MODEL, [], "new.tar.gz", "base", "edith", now)
    await versions.settle(published, now, "interrupted")
    current = await versions.current()
    assert current is not None
    assert current.id == other.id == published.version
