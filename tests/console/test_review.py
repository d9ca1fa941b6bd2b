"""The review queue's pages: what is shown, what a decision does, and what is recorded of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from bot.console.permissions import Role
from bot.console.review_staging import change_of
from bot.log.filters import Filters
from bot.log.record import Record
from bot.publishing.changes import Changes, OutsideAdded, QuestionAdded, UnansweredAdded
from bot.review.intake import Intake
from bot.review.nearness import KnownQuestions
from bot.review.queue import Queue
from bot.review.settling import Choice, Verdict
from bot.settings import ReviewSettings
from bot.store.database import writing
from bot.store.trail import Wanted
from bot.store.turns import forget_turns
from knowledge.base import KnowledgeBase
from knowledge.records import Language
from tests.console.conftest import Browser, Console, Page
from tests.console.content import HOSTILE
from tests.log.conftest import NOON, Shelf, unmasked

pytestmark = pytest.mark.slow

TEXT = "who hosts those centers"
RANKED = [
    {"name": "innovation_support/inn_tisc_what", "confidence": 0.41},
    {"name": "innovation_support/inn_tisc_hosts", "confidence": 0.33},
    {"name": "out_of_scope/pct_filing", "confidence": 0.11},
    {"name": "open_question/other_innovation_support", "confidence": 0.07},
    {"name": "small_talk/greet", "confidence": 0.02},
]


class Reviewed:
    """The queue behind the pages."""

    def __init__(self, console: Console, base: KnowledgeBase) -> None:
        self.console, self.shelf, self._base = console, Shelf(console.store), base
        self._draw(0)

    def draw_all(self) -> None:
        """Has every turn from now on drawn."""
        self._draw(1)

    def _draw(self, share: float) -> None:
        settings = ReviewSettings(review_sample=share)
        self._intake = Intake(self.console.store, KnownQuestions(self._base), settings)

    async def put(self, text: str = TEXT, **what: Any) -> tuple[int, int]:
        """A turn that did not help; its item and itself."""
        turn = await self.shelf.put(text, **{"helpful": False, "seen": {"requests": RANKED}, **what})
        await self._intake.take_in_all()
        item = await Queue(self.console.store).item_of(turn)
        assert item is not None
        return item, turn

    async def staged(self) -> Mapping[str, str]:
        """What waits to be published: texts by what is asked for."""
        changes = await Changes(self.console.store).staged()
        return {one.change.model_dump_json(exclude={"text", "kind"}): one.because or "" for one in changes}


@pytest.fixture
def review(console: Console, base: KnowledgeBase) -> Reviewed:
    return Reviewed(console, base)


async def decide(browser: Browser, item: int, turn: int, decision: str, query: str = "", **fields: str) -> Page:
    sent = {"csrf": browser.csrf_token, "turn": str(turn), "decision": decision, **fields}
    return await browser.post(f"/console/review/{item}{query}", sent)


async def test_the_queue_shows_each_text_once_with_why_it_is_there(console: Console, review: Reviewed) -> None:
    for n in range(3):
        await review.put(at=NOON + timedelta(minutes=n))
    await review.put("Who hosted those centers", at=NOON + timedelta(hours=1))
    page = await (await console.signed_in(Role.REVIEWER)).get("/console/review")
    said = page.said()
    assert said.count(TEXT) == 1
    assert "did not help × 3" in said
    assert "and 1 similar" in said
    assert "Texts that wait: 2" in said


async def test_a_text_is_shown_with_its_answer_and_what_else_it_could_be(console: Console, review: Reviewed) -> None:
    item, turn = await review.put(conversation="c", language="ar", seen={"requests": RANKED, "replies": [
        {"outcome": "answer", "text": "A center that helps."}]})  # fmt: skip
    page = await (await console.signed_in(Role.REVIEWER)).get(f"/console/review/{item}?language=ar")
    assert "A center that helps." in page.said()
    assert f'<p class="said" dir="auto" lang="ar">{TEXT}</p>' in page.text
    assert f'href="/console/record/conversations/c#turn-{turn}"' in page.text
    choices = [f'value="{choice}"' for choice in (
        "entry:inn_tisc_hosts", "out_of_scope:pct_filing", "unanswered:innovation_support")]  # fmt: skip
    assert [choice for choice in choices if choice not in page.text] == []
    assert 'value="entry:inn_tisc_what"' not in page.text, "what was answered is no other entry"


async def test_an_entry_is_searched_by_its_title_in_any_language(console: Console, review: Reviewed) -> None:
    item, _ = await review.put()
    reviewer = await console.signed_in(Role.REVIEWER)
    assert 'value="entry:inn_tisc_what"' in (await reviewer.get(f"/console/review/{item}?q=что+такое+ЦПТИ")).text
    assert "No entry has such a title." in (await reviewer.get(f"/console/review/{item}?q=zzzz")).said()


async def test_a_decision_is_staged_recorded_and_leads_to_the_next(console: Console, review: Reviewed) -> None:
    first, turn = await review.put(at=NOON + timedelta(minutes=1))
    second, _ = await review.put("another one", request="a/b")
    reviewer = await console.signed_in(Role.REVIEWER, "ann")
    page = await decide(reviewer, first, turn, "entry:inn_tisc_hosts", "?language=en", comment="hosts, not what")
    assert (page.path, page.response.url.query_string) == (f"/console/review/{second}", "language=en")
    assert "Should have been another entry: " in page.said()
    (line,) = await console.trail.find(Wanted(act="review.decided"), 10)
    assert (line.who, line.object, line.before, line.after) == (
        "ann",
        f"review {first}",
        "open",
        "settled: entry inn_tisc_hosts",
    )
    assert list((await review.staged()).values()) == [f"review:{first}"]
    assert await console.acts(act="change.staged") == ["change.staged"]
    reviewed = (await Record(console.store, unmasked).page(Filters(reviewed=True))).turns
    assert [one.id for one in reviewed] == [turn]
    page = await reviewer.get("/console/review?show=mine")
    assert TEXT in page.said()
    assert "hosts, not what" in (await reviewer.get(f"/console/review/{first}")).said()


async def test_how_often_we_are_right_is_told_of_what_was_drawn(console: Console, review: Reviewed) -> None:
    reviewer = await console.signed_in(Role.REVIEWER)
    assert "Nothing was drawn yet." in (await reviewer.get("/console/review")).said()
    review.draw_all()
    item, turn = await review.put(at=console.clock())
    said = (await reviewer.get("/console/review")).said()
    assert "Between 0% and 100% of all answers." in said
    assert "Not judged yet: 1 of 1 drawn." in said
    await decide(reviewer, item, turn, "right")
    said = (await reviewer.get("/console/review")).said()
    assert "Between 21% and 100% of all answers." in said
    assert "right: 1 of 1 (100%)" in said


async def test_similar_texts_that_are_ticked_take_the_same_decision(console: Console, review: Reviewed) -> None:
    first, turn = await review.put()
    near, near_turn = await review.put("Who hosted those centers?")
    left, _ = await review.put("who hosts those centers please")
    reviewer = await console.signed_in(Role.REVIEWER)
    page = await reviewer.get(f"/console/review/{first}")
    assert f'name="with" value="{near}:{near_turn}"' in page.text
    page = await decide(reviewer, first, turn, "out_of_scope", topic="pct_filing", **{"with": f"{near}:{near_turn}"})
    assert page.path == f"/console/review/{left}"
    assert len(await Changes(console.store).staged()) == 2
    page = await reviewer.post("/console/review/undo", {"csrf": reviewer.csrf_token})
    assert "Texts that are as before: 2" in page.said()
    assert await Changes(console.store).staged() == []
    assert (
        "nothing that can be undone"
        in (await reviewer.post("/console/review/undo", {"csrf": reviewer.csrf_token})).said()
    )


async def test_two_disagree_and_an_editor_settles_it(console: Console, review: Reviewed) -> None:
    item, turn = await review.put()
    ann, ben = await console.signed_in(Role.REVIEWER, "ann"), await console.signed_in(Role.REVIEWER, "ben")
    editor = await console.signed_in(Role.EDITOR, "eve")
    await decide(ann, item, turn, "entry:inn_tisc_hosts")
    await decide(ben, item, turn, "right")
    assert await Changes(console.store).staged() == []
    assert TEXT in (await editor.get("/console/review?show=disputed")).said()
    assert "settles it" in (await editor.get(f"/console/review/{item}")).said()
    assert "settles it" not in (await ann.get(f"/console/review/{item}")).said()
    await decide(editor, item, turn, "unanswered", area="innovation_support")
    assert len(await Changes(console.store).staged()) == 1
    assert await console.acts(act="review.resolved") == ["review.resolved"]
    assert "which settled the dispute" in (await ann.get(f"/console/review/{item}")).said()


@pytest.mark.parametrize(
    "decision", ["", "nonsense", "entry", "entry:nowhere", "unanswered", "out_of_scope", "right:x"]
)
async def test_a_decision_that_names_nothing_is_refused(console: Console, review: Reviewed, decision: str) -> None:
    item, turn = await review.put(area=None)
    reviewer = await console.signed_in(Role.REVIEWER)
    page = await decide(reviewer, item, turn, decision)
    assert page.status == 422
    assert "Choose what it should have been" in page.said()
    assert TEXT in (await reviewer.get("/console/review")).said()


async def test_what_is_no_longer_there_cannot_be_decided(console: Console, review: Reviewed) -> None:
    item, turn = await review.put(conversation="c")
    other, _ = await review.put("another one")
    reviewer = await console.signed_in(Role.REVIEWER)
    assert (await decide(reviewer, other, turn, "right")).status == 409
    assert (await decide(reviewer, item, turn, "right", **{"with": f"{other}:999"})).status == 409
    async with writing(console.store) as session:
        await forget_turns(session, "c")
    assert (await decide(reviewer, item, turn, "right")).status == 404
    assert (await reviewer.get(f"/console/review/{item}")).status == 404
    for nothing in ("0", "x", "9" * 12, "9" * 30, "-1"):
        assert (await reviewer.get(f"/console/review/{nothing}")).status == 404


async def test_from_a_turn_to_its_text(console: Console, review: Reviewed) -> None:
    item, turn = await review.put(conversation="c")
    reviewer = await console.signed_in(Role.REVIEWER)
    assert (await reviewer.get(f"/console/review/turns/{turn}")).path == f"/console/review/{item}"
    assert (await reviewer.get("/console/review/turns/1")).status == 404
    link = f'href="/console/review/turns/{turn}"'
    assert link in (await reviewer.get("/console/record/conversations/c")).text
    assert link not in (await (await console.signed_in(Role.READER)).get("/console/record/conversations/c")).text


async def test_hostile_text_stays_text(console: Console, review: Reviewed) -> None:
    item, turn = await review.put(
        HOSTILE,
        comment=HOSTILE,
        seen={"requests": [{"name": f"{HOSTILE}/{HOSTILE}", "confidence": 0.5}]},
        request=HOSTILE[:120],
        entry=HOSTILE[:80],
    )
    await review.put(f"{HOSTILE} again", request=HOSTILE[:120])
    reviewer = await console.signed_in(Role.REVIEWER)
    await decide(reviewer, item, turn, "skip", comment=HOSTILE)
    for path in (
        "/console/review",
        "/console/review?show=mine",
        f"/console/review/{item}",
        f"/console/review/{item}?q=%3Cb%3E",
    ):
        page = await reviewer.get(path)
        assert page.status == 200
        assert "<script>window" not in page.text, path
        assert "<img src=x" not in page.text, path
    assert (await reviewer.get("/console/review?show=%3Cb%3E&reason=%27&page=x&area=%22")).status == 200


def test_what_a_decision_changes() -> None:
    assert change_of(Choice(Verdict.ENTRY, "inn_tisc_hosts"), Language.FR, "qui ?") == QuestionAdded(
        language=Language.FR, text="qui ?", entry="inn_tisc_hosts"
    )
    assert change_of(Choice(Verdict.OUT_OF_SCOPE, "pct_filing"), Language.EN, "a" * 3000) == OutsideAdded(
        language=Language.EN, text="a" * 2000, topic="pct_filing"
    )
    assert change_of(Choice(Verdict.UNANSWERED, "innovation_support"), Language.ZH, "谁") == UnansweredAdded(
        language=Language.ZH, text="谁", area="innovation_support"
    )
    with pytest.raises(ValueError, match="changes nothing"):
        change_of(Choice(Verdict.RIGHT), Language.EN, "x")
