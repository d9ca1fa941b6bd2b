"""What was decided of a text is what its conversations should have brought, where that is settled."""

from __future__ import annotations

import pytest

from bot.conversation.outcome import Outcome
from bot.log.journey import Decided
from bot.review.expected import Expected
from bot.review.settling import Choice, Verdict
from tests.review.conftest import RIGHT, SHOULD_BE, SKIP, Desk


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (SHOULD_BE, Decided(Outcome.ANSWER, "inn_tisc_hosts")),
        (Choice(Verdict.ENTRY, "inn_gap_tisc_nearest"), Decided(Outcome.REFER, "inn_gap_tisc_nearest")),
        (Choice(Verdict.UNANSWERED, "innovation_support"), Decided(Outcome.REFER)),
        (Choice(Verdict.OUT_OF_SCOPE, "pct_filing"), Decided(Outcome.OUT_OF_SCOPE)),
        (Choice(Verdict.NEW_ENTRY), Decided(None)),
        (RIGHT, None),
        (SKIP, None),
    ],
    ids=str,
)
async def test_what_was_decided_is_expected(desk: Desk, choice: Choice, expected: Decided | None) -> None:
    turn, other = await desk.put("who hosts them", helpful=False), await desk.put("something else", helpful=False)
    for name in ("ann", "bob"):
        await desk.decide(turn, choice, name)
    found = await Expected(desk.store, lambda: desk.base.entries).of([turn, other])
    assert found == ({} if expected is None else {turn: expected})


async def test_what_was_right_is_expected_of_those_that_got_another_answer(desk: Desk) -> None:
    right = await desk.put("who hosts them", helpful=False)
    other = await desk.put("who hosts them", outcome="refer", entry=None, helpful=False)
    for name in ("ann", "bob"):
        await desk.decide(right, RIGHT, name)
    found = await Expected(desk.store, lambda: desk.base.entries).of([right, other])
    assert found == {other: Decided(Outcome.ANSWER, "inn_tisc_what")}
