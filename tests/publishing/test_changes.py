"""A change is staged once, can be withdrawn until it is published, and the trail has both."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from sqlalchemy import update

from bot.publishing.changes import (
    Change,
    Changes,
    NotStaged,
    OutsideAdded,
    QuestionAdded,
    UnansweredAdded,
    UnknownChange,
)
from bot.store.database import Sessions
from bot.store.publishing_tables import ChangeRow, ChangeState
from bot.store.trail import Trail, Wanted
from knowledge.records import Language
from tests.publishing.conftest import NOW

ADDED = QuestionAdded(language=Language.FR, text="c'est quoi au juste", entry="pkg_overview")


async def test_what_is_staged_is_read_back(changes: Changes, editor: int) -> None:
    outside = OutsideAdded(language=Language.ZH, text="怎么申请PCT", topic="pct_filing")
    within = UnansweredAdded(language=Language.AR, text="سؤال", area="response_package")
    all_three: list[Change] = [ADDED, outside, within]
    ids = [await changes.stage(editor, one, NOW, f"review:{at}") for at, one in enumerate(all_three)]
    found = await changes.staged()
    assert [one.id for one in found] == ids
    assert [one.change for one in found] == all_three
    assert (found[0].because, found[0].author, found[0].at) == ("review:0", "editor", NOW)


async def test_the_same_change_is_staged_once(changes: Changes, editor: int) -> None:
    first = await changes.stage(editor, ADDED, NOW, "review:1")
    again = QuestionAdded(language=Language.FR, text="  c'est quoi au juste ", entry="pkg_overview")
    assert await changes.stage(editor, again, NOW, "review:2") == first
    assert len(await changes.staged()) == 1


async def test_a_withdrawn_change_can_be_staged_anew(changes: Changes, editor: int) -> None:
    first = await changes.stage(editor, ADDED, NOW)
    await changes.withdraw(first, editor, NOW)
    await changes.withdraw(first, editor, NOW)
    assert await changes.staged() == []
    assert await changes.stage(editor, ADDED, NOW) != first


async def test_a_published_change_cannot_be_withdrawn(changes: Changes, store: Sessions, editor: int) -> None:
    one = await changes.stage(editor, ADDED, NOW)
    async with store.begin() as session:
        await session.execute(update(ChangeRow).values(state=ChangeState.PUBLISHED))
    with pytest.raises(NotStaged):
        await changes.withdraw(one, editor, NOW)
    with pytest.raises(UnknownChange):
        await changes.withdraw(one + 1, editor, NOW)


async def test_the_trail_has_who_staged_and_who_withdrew(changes: Changes, store: Sessions, editor: int) -> None:
    one = await changes.stage(editor, ADDED, NOW)
    await changes.withdraw(one, editor, NOW)
    lines = await Trail(store).find(Wanted(object=f"change {one}"), 10)
    assert [(line.who, line.act) for line in lines] == [("editor", "change.withdrawn"), ("editor", "change.staged")]


async def test_nobody_unknown_stages(changes: Changes, editor: int) -> None:
    with pytest.raises(LookupError):
        await changes.stage(editor + 1, ADDED, NOW)
    assert await changes.staged() == []


@pytest.mark.parametrize("wrong", [{"text": " "}, {"text": "x" * 2001}, {"entry": "No Entry"}, {"language": "de"}])
def test_what_is_no_change_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        QuestionAdded.model_validate({"language": "en", "text": "what", "entry": "pkg_overview", **wrong})
