"""The figures of a period, beside those of the one before."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import extract, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation.outcome import Outcome
from bot.log.filters import Filters
from bot.log.rollups import CONFIDENCES, RESPONSES, WEEK, Figure, spans
from bot.log.selection import first_moment
from bot.store.case_states import WAITING, CaseState
from bot.store.case_tables import CaseRow
from bot.store.database import Sessions
from bot.store.record_tables import DayFigureRow, TurnRow
from knowledge.records import Language

TOP = 20
"""Entries, and requests without an answer, that are named of a period."""
THEMES = 10
"""Requests without an answer that examples are given of,"""
EXAMPLES = 3
"""and how many."""
USUAL_DAYS = 30
SHOWN_BY_WEEK = 365
"""Days from which on a period is shown by week."""
AGES = (1, 3, 7, 14, 30)
"""Days up to which the bins of waiting cases go; one more is above the last."""
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Period:
    """Days in UTC, the first and the last included."""

    since: date
    until: date

    @classmethod
    def of(cls, filters: Filters, today: date) -> Period:
        """The period that an address asks for: up to today, and of 30 days, unless it says otherwise."""
        until = filters.until or max(today, filters.since or today)
        return cls(filters.since or until - timedelta(days=USUAL_DAYS - 1), until)

    @property
    def days(self) -> int:
        """How many."""
        return (self.until - self.since).days + 1

    @property
    def step(self) -> int:
        """How many days are shown as one."""
        return WEEK if self.days >= SHOWN_BY_WEEK else 1

    @property
    def before(self) -> Period:
        """As many days, up to the day before."""
        return Period(self.since - timedelta(days=self.days), self.since - timedelta(days=1))


@dataclass(frozen=True)
class Volume:
    """How much was asked from one day to another, both included."""

    since: date
    until: date
    turns: int
    conversations: int


@dataclass(frozen=True)
class Unanswered:
    """What was asked without an answer, by what it was most likely taken for, with its newest texts."""

    request: str
    turns: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class ResponseTimes:
    """Turns by time from acceptance to answer. The quantiles are read off the bins."""

    bins: tuple[tuple[int | None, int], ...]
    """Milliseconds up to which a bin goes, and its turns; the last has no end."""
    median: float | None
    p95: float | None


@dataclass(frozen=True)
class CaseFigures:
    """Cases handed in and answered in the period."""

    submitted: int
    answered: int
    median_hours: float | None
    """From submission to the answer, of those answered."""


@dataclass(frozen=True)
class WaitingCases:
    """Cases that wait for an answer now."""

    waiting: int
    overdue: int
    """Past the day by which the delegate was told to expect an answer."""
    by_age: tuple[tuple[int | None, int], ...]
    """Days up to which a bin goes, and its cases; the last has no end."""
    failed: int
    """Of those waiting, whose letter could not be delivered."""


@dataclass(frozen=True)
class Figures:
    """What is known of a period."""

    period: Period
    turns: int
    conversations: int
    """With a turn in the period, counted on each day anew."""
    volume: tuple[Volume, ...]
    """Every day of the period; of a long one every seven days, counted from the first."""
    outcomes: Mapping[Outcome, int]
    languages: Mapping[Language, Mapping[Outcome, int]]
    areas: Mapping[str | None, Mapping[Outcome, int]]
    top_entries: tuple[tuple[str, int], ...]
    unanswered: tuple[Unanswered, ...]
    helpful: int
    unhelpful: int
    confidences: tuple[int, ...]
    """Typed messages by confidence, in bins of equal width from 0 to 1."""
    response_times: ResponseTimes
    cases: CaseFigures


@dataclass(frozen=True)
class Overview:
    """A period, the one before, and the cases that wait now."""

    present: Figures
    before: Figures
    waiting: WaitingCases


class Figuring:
    """Reads the figures. Today's may be some seconds old."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def overview(self, period: Period, now: datetime) -> Overview:
        """The figures of the period and of the one before."""
        async with self._sessions() as session:
            return Overview(
                await _figures(session, period, with_examples=True),
                await _figures(session, period.before, with_examples=False),
                await _waiting(session, now),
            )


async def _figures(session: AsyncSession, period: Period, *, with_examples: bool) -> Figures:
    first, last = _number(period.since), _number(period.until)
    found: dict[str, Counter[str]] = {figure.value: Counter() for figure in Figure}
    summed = select(DayFigureRow.figure, DayFigureRow.value, func.sum(DayFigureRow.turns)).where(
        DayFigureRow.figure.in_([figure.value for figure in Figure]), spans(first, last)
    )
    for figure, value, turns in await session.execute(summed.group_by(DayFigureRow.figure, DayFigureRow.value)):
        found[figure][value] = turns
    languages = _by_outcome(found[Figure.LANGUAGE])
    outcomes: Counter[Outcome] = Counter()
    for shares in languages.values():
        outcomes.update(shares)
    # Of the period before, all are given: what is asked most now may have been asked less then.
    most = TOP if with_examples else None
    unanswered = found[Figure.UNANSWERED].most_common(most)
    examples = await _examples(session, period, [name for name, _ in unanswered[:THEMES]]) if with_examples else {}
    bins = tuple(found[Figure.MILLISECONDS][str(at)] for at in range(len(RESPONSES) + 1))
    return Figures(
        period=period,
        turns=outcomes.total(),
        conversations=found[Figure.CONVERSATIONS].total(),
        volume=await _volume(session, period),
        outcomes=outcomes,
        languages={Language(name): shares for name, shares in sorted(languages.items())},
        areas={name or None: shares for name, shares in sorted(_by_outcome(found[Figure.AREA]).items())},
        top_entries=tuple(found[Figure.ENTRY].most_common(most)),
        unanswered=tuple(Unanswered(name, n, tuple(examples.get(name, ()))) for name, n in unanswered),
        helpful=found[Figure.HELPFUL]["yes"],
        unhelpful=found[Figure.HELPFUL]["no"],
        confidences=tuple(found[Figure.CONFIDENCE][str(at)] for at in range(CONFIDENCES)),
        response_times=ResponseTimes(tuple(zip((*RESPONSES, None), bins)), quantile(bins, 0.5), quantile(bins, 0.95)),
        cases=await _cases(session, period),
    )


async def _volume(session: AsyncSession, period: Period) -> tuple[Volume, ...]:
    counted = select(DayFigureRow.day, DayFigureRow.figure, DayFigureRow.turns).where(
        DayFigureRow.figure.in_([Figure.TURNS.value, Figure.CONVERSATIONS.value]),
        DayFigureRow.days == 1,
        DayFigureRow.day.between(_number(period.since), _number(period.until)),
    )
    found: Counter[tuple[int, str]] = Counter()
    for day, figure, turns in await session.execute(counted):
        found[(day - _number(period.since)) // period.step, figure] += turns
    return tuple(
        Volume(
            since=(since := period.since + timedelta(days=start)),
            until=min(since + timedelta(days=period.step - 1), period.until),
            turns=found[number, Figure.TURNS.value],
            conversations=found[number, Figure.CONVERSATIONS.value],
        )
        for number, start in enumerate(range(0, period.days, period.step))
    )


def _by_outcome(counted: Mapping[str, int]) -> dict[str, Counter[Outcome]]:
    found: dict[str, Counter[Outcome]] = {}
    for value, turns in counted.items():
        name, _, outcome = value.rpartition("/")
        found.setdefault(name, Counter())[Outcome(outcome)] = turns
    return found


async def _examples(session: AsyncSession, period: Period, requests: Sequence[str]) -> dict[str, list[str]]:
    """The newest different texts of each."""
    if not requests:
        return {}
    newest = [
        select(TurnRow.request, TurnRow.text, TurnRow.id)
        .where(
            TurnRow.request == request,
            TurnRow.outcome == Outcome.REFER.value,
            TurnRow.id >= first_moment(period.since),
            TurnRow.id < first_moment(period.until + timedelta(days=1)),
        )
        .order_by(TurnRow.id.desc())
        .limit(2 * EXAMPLES)
        .subquery()
        for request in requests
    ]
    found: dict[str, list[str]] = {}
    for request, text, _ in await session.execute(union_all(*(select(one) for one in newest))):
        known = found.setdefault(request, [])
        if text not in known and len(known) < EXAMPLES:
            known.append(text)
    return found


def quantile(bins: Sequence[int], share: float) -> float | None:
    """The time below which this share of the turns lies, evenly spread within its bin; nothing without turns."""
    wanted, below = share * sum(bins), 0
    if not wanted:
        return None
    for at, turns in enumerate(bins):
        if turns and below + turns >= wanted:
            least = RESPONSES[at - 1] if at else 0
            most = RESPONSES[at] if at < len(RESPONSES) else RESPONSES[-1]
            return round(least + (most - least) * (wanted - below) / turns, 1)
        below += turns
    return float(RESPONSES[-1])


async def _cases(session: AsyncSession, period: Period) -> CaseFigures:
    since, until = _midnight(period.since), _midnight(period.until + timedelta(days=1))
    submitted = await session.scalar(
        select(func.count()).where(CaseRow.submitted_at >= since, CaseRow.submitted_at < until)
    )
    within = CaseRow.answered_at >= since, CaseRow.answered_at < until, CaseRow.submitted_at.is_not(None)
    answered = await session.scalar(select(func.count()).where(*within)) or 0
    took = extract("epoch", CaseRow.answered_at) - extract("epoch", CaseRow.submitted_at)
    # The one in the middle, or the two, of which the mean is the median.
    middle = select(took).where(*within).order_by(took).offset((answered - 1) // 2).limit(2 - answered % 2)
    seconds = (await session.scalars(middle)).all() if answered else []
    return CaseFigures(submitted or 0, answered, round(statistics.mean(seconds) / 3600, 1) if seconds else None)


async def _waiting(session: AsyncSession, now: datetime) -> WaitingCases:
    rows: Sequence[Any] = (
        await session.execute(
            select(CaseRow.state, CaseRow.submitted_at, CaseRow.answer_by).where(CaseRow.state.in_(WAITING))
        )
    ).all()
    bins = [0] * (len(AGES) + 1)
    for row in rows:
        age = (now - row.submitted_at) / timedelta(days=1)
        bins[next((at for at, most in enumerate(AGES) if age <= most), len(AGES))] += 1
    return WaitingCases(
        waiting=len(rows),
        overdue=sum(row.answer_by is not None and row.answer_by < now.date() for row in rows),
        by_age=tuple(zip((*AGES, None), bins)),
        failed=sum(row.state == CaseState.FAILED for row in rows),
    )


def _number(day: date) -> int:
    return (day - _EPOCH).days


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
