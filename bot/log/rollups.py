"""What is counted of the turns by day, so that a figure over months reads days and not turns.

A day whose turns changed is counted anew, whole: counting twice changes nothing, and nothing drifts.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation.outcome import Outcome
from bot.store.record_tables import DAY, ChangedDayRow, DayFigureRow, TurnEntryRow, TurnRow
from bot.store.tables import table_of

WEEK = 7
_A_MONDAY = 4
"""5 January 1970."""
_COLUMNS = ["figure", "days", "day", "value", "turns"]


class Figure(StrEnum):
    """What is counted by day, and what its values are."""

    TURNS = "turns"
    """One value, empty: all turns."""
    LANGUAGE = "language"
    """`<language>/<outcome>`"""
    AREA = "area"
    """`<area>/<outcome>`; the area may be empty."""
    CONVERSATIONS = "conversations"
    """One value, empty: conversations with a turn on the day."""
    ENTRY = "entry"
    """An entry's id."""
    UNANSWERED = "unanswered"
    """What a turn without an answer most likely asked for."""
    HELPFUL = "helpful"
    """`yes` or `no`"""
    CONFIDENCE = "confidence"
    """The number of its bin of CONFIDENCES, of typed messages."""
    MILLISECONDS = "milliseconds"
    """The number of its bin of RESPONSES."""
    MODEL = "model"
    """The model's id."""


CONFIDENCES = 20
"""Bins of equal width from 0 to 1."""
RESPONSES = (
    20,
    30,
    40,
    50,
    60,
    80,
    100,
    125,
    150,
    200,
    250,
    300,
    400,
    500,
    750,
    1000,
    1500,
    2500,
    5000,
    10_000,
    30_000,
)
"""Milliseconds up to which a bin of response times goes; one more is above the last."""


async def count_days(session: AsyncSession, first: int, last: int) -> None:
    """Counts the days from `first` to `last` anew, and the weeks they are in; days since 1970."""
    monday, sunday = _monday(first), _monday(last) + WEEK - 1
    await session.execute(_DROP, {"length": 1, "first": first, "last": last})
    for counted in _COUNTED:
        await session.execute(counted, {"begin": first * DAY, "end": (last + 1) * DAY})
    await session.execute(_DROP, {"length": WEEK, "first": monday, "last": sunday})
    await session.execute(_SUMMED, {"first": monday, "last": sunday})


def spans(first: int, last: int) -> ColumnElement[bool]:
    """The rows that cover the days from `first` to `last`, each once: whole weeks, and the days before and after."""
    begin, end = _monday(first + WEEK - 1), _monday(last + 1)
    if begin >= end:
        return _span(1, first, last)
    return or_(_span(1, first, begin - 1), _span(WEEK, begin, end - 1), _span(1, end, last))


def _span(days: int, first: int, last: int) -> ColumnElement[bool]:
    return and_(DayFigureRow.days == days, DayFigureRow.day.between(first, last))


def _monday(day: int) -> int:
    """The Monday of the day's week."""
    return day - (day - _A_MONDAY) % WEEK


async def has_changed(session: AsyncSession) -> bool:
    """Whether there are turns of some day that are not counted as they are now."""
    return await session.scalar(select(ChangedDayRow.day).limit(1)) is not None


async def count_changed(session: AsyncSession, oldest: int) -> int:
    """Counts the days whose turns changed, but none before the day `oldest`, whose turns are no longer all kept.

    Returns how many days changed.
    """
    days: Sequence[int] = (await session.scalars(select(ChangedDayRow.day))).all()
    for day in days:
        if day >= oldest:
            await count_days(session, day, day)
    await session.execute(delete(ChangedDayRow).where(ChangedDayRow.day.in_(days)))
    return len(days)


def _queries() -> list[Select[Any]]:
    """Of each figure what its values are on the days of the turns from `begin` to before `end`."""
    day = cast(TurnRow.id // DAY, Integer)
    within = TurnRow.id >= bindparam("begin"), TurnRow.id < bindparam("end")

    def by(figure: Figure, value: Any, *only: ColumnElement[bool], counted: Any = None) -> Select[Any]:
        named: Select[Any] = select(
            literal(figure.value), literal(1), day, value, func.count() if counted is None else counted
        )
        if figure is Figure.ENTRY:
            named = named.join(TurnEntryRow, TurnEntryRow.turn_id == TurnRow.id)
        return named.where(*within, *only).group_by(day, value)

    confidence = case(
        *((TurnRow.confidence < (at + 1) / CONFIDENCES, at) for at in range(CONFIDENCES - 1)), else_=CONFIDENCES - 1
    )
    response = case(*((TurnRow.milliseconds <= most, at) for at, most in enumerate(RESPONSES)), else_=len(RESPONSES))
    conversations: Any = TurnRow.conversation_id
    return [
        by(Figure.TURNS, literal("")),
        by(Figure.LANGUAGE, TurnRow.language + "/" + TurnRow.outcome),
        by(Figure.AREA, func.coalesce(TurnRow.area, "") + "/" + TurnRow.outcome),
        by(Figure.CONVERSATIONS, literal(""), counted=func.count(conversations.distinct())),
        by(Figure.ENTRY, TurnEntryRow.entry),
        by(Figure.UNANSWERED, func.coalesce(TurnRow.request, ""), TurnRow.outcome == Outcome.REFER.value),
        by(Figure.HELPFUL, case((TurnRow.helpful.is_(True), "yes"), else_="no"), TurnRow.helpful.is_not(None)),
        by(
            Figure.CONFIDENCE,
            cast(confidence, String),
            TurnRow.confidence.is_not(None),
            TurnRow.pressed.is_(False),
        ),
        by(Figure.MILLISECONDS, cast(response, String), TurnRow.milliseconds.is_not(None)),
        by(Figure.MODEL, TurnRow.model, TurnRow.model.is_not(None)),
    ]


# Made once: to put a statement together takes longer than to carry it out.
_F = table_of(DayFigureRow)
_OF_DAYS = _F.c.figure.in_(list(Figure)), _F.c.day.between(bindparam("first"), bindparam("last"))
_DROP = delete(_F).where(*_OF_DAYS, _F.c.days == bindparam("length"))
_COUNTED = [insert(_F).from_select(_COLUMNS, counted) for counted in _queries()]
_MONDAY = _F.c.day - (_F.c.day - _A_MONDAY) % WEEK
_SUMMED = insert(_F).from_select(
    _COLUMNS,
    select(_F.c.figure, literal(WEEK), _MONDAY, _F.c.value, func.sum(_F.c.turns))
    .where(*_OF_DAYS, _F.c.days == 1)
    .group_by(_F.c.figure, _MONDAY, _F.c.value),
)
