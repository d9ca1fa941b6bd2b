"""Filters as SQL, read in the order of the turns' ids so that a page costs the same wherever it is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, false, literal_column, select

from bot.log.filters import Filters
from bot.log.words import asked
from bot.store import turn_words
from bot.store.record_tables import IS_UNSURE, UNSURE, TurnEntryRow, TurnMemberStateRow, TurnRow, moment


def selection(filters: Filters, *columns: Any) -> tuple[Select[Any], ColumnElement[int]]:
    """The query for these columns of the turns that fit, and the id to order it and to go on by.

    What is rarest by its nature is read first: the words, then an entry, then a member state.
    """
    query: Select[Any] = select(*columns)
    led: ColumnElement[int] = TurnRow.__table__.c.id
    by_entry, by_state = filters.entry is not None, filters.member_state is not None
    wanted = asked(filters.text or "")
    if wanted:
        led = turn_words.ID
        query = turn_words.matching(query, wanted)
    elif by_entry:
        by_entry, led = False, TurnEntryRow.__table__.c.turn_id
        query = query.select_from(TurnEntryRow).join(TurnRow, TurnRow.id == TurnEntryRow.turn_id)
        query = query.where(TurnEntryRow.entry == filters.entry)
    elif by_state:
        by_state, led = False, TurnMemberStateRow.__table__.c.turn_id
        query = query.select_from(TurnMemberStateRow).join(TurnRow, TurnRow.id == TurnMemberStateRow.turn_id)
        query = query.where(TurnMemberStateRow.member_state == filters.member_state)
    else:
        query = query.select_from(TurnRow)
    if filters.text is not None and not wanted:
        query = query.where(false())
    if by_entry:
        query = query.where(exists().where(TurnEntryRow.turn_id == TurnRow.id, TurnEntryRow.entry == filters.entry))
    if by_state:
        query = query.where(
            exists().where(
                TurnMemberStateRow.turn_id == TurnRow.id, TurnMemberStateRow.member_state == filters.member_state
            )
        )
    return query.where(*_within(filters, led), *_is(filters)), led


def _within(filters: Filters, led: ColumnElement[int]) -> list[ColumnElement[bool]]:
    found = []
    if filters.since:
        found.append(led >= first_moment(filters.since))
    if filters.until:
        found.append(led < first_moment(filters.until + timedelta(days=1)))
    return found


def _is(filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for column, value in (
        (TurnRow.language, filters.language),
        (TurnRow.area, filters.area),
        (TurnRow.outcome, filters.outcome),
        (TurnRow.request, filters.request),
        (TurnRow.model, filters.model),
    ):
        if value is not None:
            found.append(column == str(value))
    if filters.confidence_from is not None:
        found.append(TurnRow.confidence >= filters.confidence_from)
    if filters.confidence_to is not None:
        found.append(TurnRow.confidence <= filters.confidence_to)
        if filters.confidence_to <= UNSURE:
            found.append(literal_column(IS_UNSURE))
    if filters.feedback is not None:
        wanted = {"helpful": True, "unhelpful": False, "none": None}[filters.feedback]
        found.append(TurnRow.helpful.is_(wanted) if wanted is None else TurnRow.helpful == wanted)
    if filters.reviewed is not None:
        found.append(TurnRow.reviewed.is_(filters.reviewed))
    if filters.case is not None:
        reference = TurnRow.case_reference
        found.append(reference.is_not(None) if filters.case else reference.is_(None))
    return found


def first_moment(day: date) -> int:
    """The first id that a turn of this day, in UTC, may have."""
    return moment(datetime(day.year, day.month, day.day, tzinfo=UTC))
