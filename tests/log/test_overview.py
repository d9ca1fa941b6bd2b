"""The figures of a period and of the one before are those of its turns."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.conversation.outcome import Outcome
from bot.log.filters import Filters
from bot.log.overview import Figuring, Overview, Period, Volume, quantile
from bot.log.record import Record
from bot.log.rollups import RESPONSES, count_changed
from bot.store.case_tables import CaseRow
from bot.store.database import Sessions, writing
from bot.store.record_tables import DAY, moment
from bot.store.turns import forget_turns
from knowledge.records import Language
from tests.log.conftest import NOON, Shelf

pytestmark = pytest.mark.slow

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
NOW = datetime(2026, 4, 2, tzinfo=UTC)


async def counted(store: Sessions, period: Period = MARCH, oldest: int = 0) -> Overview:
    async with writing(store) as session:
        await count_changed(session, oldest)
    return await Figuring(store).overview(period, NOW)


def test_a_period_is_of_thirty_days_up_to_today_unless_the_address_says_otherwise() -> None:
    today = date(2026, 3, 31)
    assert Period.of(Filters(), today) == Period(date(2026, 3, 2), today)
    assert Period.of(Filters(since=date(2026, 3, 30)), today) == Period(date(2026, 3, 30), today)
    assert Period.of(Filters(until=date(2026, 1, 31)), today).since == date(2026, 1, 2)
    assert MARCH.before == Period(date(2026, 1, 29), date(2026, 2, 28))


async def test_volume_and_shares(shelf: Shelf, store: Sessions) -> None:
    await shelf.put("a", conversation="one")
    await shelf.put("b", conversation="one", outcome="refer", area=None)
    await shelf.put("c", language="ar", outcome="refer")
    await shelf.put("d", at=NOON - timedelta(days=20))
    overview = await counted(store)
    present = overview.present
    assert (present.turns, present.conversations) == (3, 2)
    assert overview.before.turns == 1
    assert present.outcomes == {Outcome.ANSWER: 1, Outcome.REFER: 2}
    assert present.languages[Language.AR] == {Outcome.REFER: 1}
    assert present.areas[None] == {Outcome.REFER: 1}
    assert len(present.volume) == 31
    assert [one for one in present.volume if one.turns] == [Volume(NOON.date(), NOON.date(), 3, 2)]


async def test_a_year_is_shown_by_week_and_a_week_leads_to_its_days(shelf: Shelf, store: Sessions) -> None:
    for days in (0, 6, 7, 365):
        await shelf.put("asked", at=NOON + timedelta(days=days))
    year = Period(NOON.date(), NOON.date() + timedelta(days=365))
    volume = (await counted(store, year)).present.volume
    assert [(one.turns, (one.until - one.since).days + 1) for one in volume if one.turns] == [(2, 7), (1, 7), (1, 2)]
    assert (volume[0].since, volume[-1].until) == (year.since, year.until)


async def test_entries_confidence_helpfulness_and_times(shelf: Shelf, store: Sessions) -> None:
    await shelf.put("a", entries=("x", "y"), confidence=1.0, helpful=True, milliseconds=90)
    await shelf.put("b", entries=("x",), confidence=0.12, helpful=False, milliseconds=90)
    await shelf.put("c", entries=(), confidence=1.0, pressed=True, milliseconds=40_000)
    present = (await counted(store)).present
    assert present.top_entries == (("x", 2), ("y", 1))
    assert (present.helpful, present.unhelpful) == (1, 1)
    assert {at: n for at, n in enumerate(present.confidences) if n} == {2: 1, 19: 1}
    assert [(most, n) for most, n in present.response_times.bins if n] == [(100, 2), (None, 1)]
    assert present.response_times.median == 95
    assert present.response_times.p95 == RESPONSES[-1]


async def test_what_got_no_answer_is_grouped_by_what_it_was_taken_for_with_its_newest_texts(
    shelf: Shelf, store: Sessions
) -> None:
    for n in range(5):
        await shelf.put(f"cost {n // 2}", outcome="refer", request="open_question/cost", at=NOON + timedelta(minutes=n))
    await shelf.put("fees", outcome="refer", request="open_question/fees")
    await shelf.put("answered", request="open_question/cost")
    present = (await counted(store)).present
    assert [(one.request, one.turns) for one in present.unanswered] == [
        ("open_question/cost", 5),
        ("open_question/fees", 1),
    ]
    assert present.unanswered[0].examples == ("cost 2", "cost 1", "cost 0")


async def test_what_is_erased_is_counted_no_more_and_what_has_aged_stays_counted(
    shelf: Shelf, store: Sessions, record: Record
) -> None:
    await shelf.put("kept", conversation="kept")
    await shelf.put("erased", conversation="erased")
    assert (await counted(store)).present.turns == 2
    async with writing(store) as session:
        await forget_turns(session, "erased")
    assert (await counted(store)).present.turns == 1
    async with writing(store) as session:
        await forget_turns(session, "kept")
    assert (await counted(store, oldest=moment(NOON) // DAY + 1)).present.turns == 1
    assert (await record.count(Filters())).turns == 1


async def test_cases_and_how_long_they_wait(store: Sessions) -> None:
    def case(key: str, state: str, submitted: datetime, answered: datetime | None = None) -> CaseRow:
        return CaseRow(
            key=key,
            state=state,
            language="en",
            area="response_package",
            since=submitted,
            created_at=submitted,
            submitted_at=submitted,
            answered_at=answered,
            answer_by=submitted.date() + timedelta(days=7),
        )

    async with writing(store) as session:
        session.add(case("a", "answered", NOON, NOON + timedelta(hours=5)))
        session.add(case("d", "closed", NOON - timedelta(days=30), NOON + timedelta(hours=1)))
        session.add(case("b", "sent", NOON))
        session.add(case("c", "failed", NOW - timedelta(hours=3)))
    overview = await counted(store)
    assert overview.present.cases.submitted == 2
    assert (overview.present.cases.answered, overview.present.cases.median_hours) == (2, 363.0)
    assert (overview.waiting.waiting, overview.waiting.overdue, overview.waiting.failed) == (2, 1, 1)
    assert [(most, n) for most, n in overview.waiting.by_age if n] == [(1, 1), (None, 1)]


async def test_a_period_without_turns_has_figures_too(store: Sessions) -> None:
    present = (await counted(store)).present
    assert present.turns == 0
    assert present.response_times.median is None
    assert present.cases.median_hours is None


@pytest.mark.parametrize(("share", "expected"), [(0.25, 10), (0.5, 20), (0.75, 25), (1, 30)])
def test_a_quantile_lies_within_its_bin(share: float, expected: float) -> None:
    assert quantile([2, 2, *[0] * (len(RESPONSES) - 1)], share) == expected


@pytest.mark.parametrize("first", range(3))
@pytest.mark.parametrize("days", [1, 2, 6, 7, 8, 13, 14, 15, 30])
async def test_whole_weeks_and_single_days_come_to_the_same(
    shelf: Shelf, store: Sessions, first: int, days: int
) -> None:
    for n in range(35):
        await shelf.put("asked", at=NOON + timedelta(days=n))
    since = NOON.date() + timedelta(days=first)
    present = (await counted(store, Period(since, since + timedelta(days=days - 1)))).present
    assert present.turns == sum(one.turns for one in present.volume) == days
    assert present.top_entries == (("inn_tisc_what", days),)
