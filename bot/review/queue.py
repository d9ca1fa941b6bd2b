"""The queue as reviewers read it: what waits, in its order; one text with all that is known of it; the estimate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from sqlalchemy import ColumnElement, Integer, Select, cast, exists, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.conversation.outcome import Outcome
from bot.log.record import COUNTED
from bot.log.selection import first_moment
from bot.log.turns import Count
from bot.review.reasons import DISPUTED_RANK, Reason
from bot.review.sample import DAYS, Estimate
from bot.review.settling import Choice, State, Verdict
from bot.store.database import Sessions
from bot.store.record_tables import TurnRow, time_of
from bot.store.review_tables import ReviewDecisionRow, ReviewItemRow, ReviewReasonRow, ReviewTurnRow
from knowledge.records import Language

PAGE = 25
SIMILAR = 20
"""Similar texts that are shown with one."""

_Name = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,80}$")]


class QueueFilters(BaseModel):
    """What is shown; names are those of the address's parameters."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)

    show: Literal["waiting", "disputed", "mine", "decided"] = "waiting"
    reason: _Name | None = None
    language: Language | None = None
    area: _Name | None = None
    verdict: Verdict | None = None
    """Of what is decided."""
    page: int = Field(default=1, ge=1, le=10_000)

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> QueueFilters:
        """The filters of an address's parameters; those that do not fit are passed over."""
        given = {name: query[name] for name in cls.model_fields if query.get(name, "").strip()}
        while True:
            try:
                return cls.model_validate(given)
            except ValidationError as error:
                for one in error.errors():
                    given.pop(str(one["loc"][0]), None)

    def to_query(self, **changed: Any) -> dict[str, str]:
        """The parameters that give these filters again, some changed."""
        given = self.model_copy(update=changed).model_dump(mode="json", exclude_defaults=True, exclude_none=True)
        return {name: str(value) for name, value in given.items()}

    @property
    def wanted_reason(self) -> Reason | None:
        """The reason by its key; nothing where there is none of that name."""
        return next((reason for reason in Reason if reason.key == self.reason), None)


@dataclass(frozen=True)
class Line:
    """A text in the queue. It is masked."""

    id: int
    turn: int
    """The newest, whose text and answer these are."""
    text: str
    language: Language
    outcome: Outcome
    entry: str | None
    area: str | None
    request: str | None
    confidence: float | None
    times: int
    last: datetime
    reasons: tuple[tuple[Reason, int], ...]
    """With how many turns speak for each, in the order of the queue."""
    state: State
    choice: Choice | None
    """What is settled."""
    others: int = 0
    """Similar texts that wait with it."""


@dataclass(frozen=True)
class Decided:
    """A decision of an item's history."""

    author: str
    author_id: int
    at: datetime
    choice: Choice
    comment: str | None
    resolves: bool
    stands: bool
    undone: bool
    earlier: bool
    """Whether another model answered then."""


@dataclass(frozen=True)
class Item:
    """A text with all that is known of it."""

    line: Line
    decisions: tuple[Decided, ...]
    """The oldest first."""
    similar: tuple[Line, ...]
    """Texts of its group that wait with it."""


@dataclass(frozen=True)
class QueuePage:
    """A page of the queue."""

    lines: tuple[Line, ...]
    more: bool


@dataclass(frozen=True)
class Waiting:
    """How much waits, for all reviewers together."""

    texts: Count
    disputed: Count


class Queue:
    """Reads the queue. Every method is one transaction."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def page(self, filters: QueueFilters, viewer: int, size: int = PAGE) -> QueuePage:
        """What an account is shown: of what waits, each group once and nothing that they decided already."""
        query = self._chosen(filters, viewer).offset((filters.page - 1) * size).limit(size + 1)
        async with self._sessions() as session:
            rows = (await session.execute(query)).all()
            more, rows = len(rows) > size, rows[:size]
            others: dict[int, int] = {}
            if filters.show in ("waiting", "disputed"):
                groups = [item.group_id for item, _ in rows]
                counted = select(ReviewItemRow.group_id, func.count()).where(
                    ReviewItemRow.group_id.in_(groups), *_waits(ReviewItemRow, _of_a_group(filters), viewer)
                )
                found = await session.execute(counted.group_by(ReviewItemRow.group_id))
                others = {group: texts - 1 for group, texts in found if group is not None}
            return QueuePage(await _lines(session, rows, others), more)

    async def item(self, item_id: int, viewer: int) -> Item | None:
        """A text; nothing where it is not in the queue's tables, or has been erased."""
        async with self._sessions() as session:
            rows = (await session.execute(_shown().where(ReviewItemRow.id == item_id))).all()
            if not rows:
                return None
            (line,) = await _lines(session, rows, {})
            item = rows[0][0]
            similar = _shown().where(
                ReviewItemRow.group_id == item.group_id,
                ReviewItemRow.id != item_id,
                *_waits(ReviewItemRow, QueueFilters(), viewer),
            )
            near = (await session.execute(similar.order_by(*_order(ReviewItemRow)).limit(SIMILAR))).all()
            decisions = await session.scalars(
                select(ReviewDecisionRow).where(ReviewDecisionRow.item_id == item_id).order_by(ReviewDecisionRow.id)
            )
            history = tuple(_decided(row, item) for row in decisions)
            return Item(line, history, await _lines(session, near, {}))

    async def item_of(self, turn_id: int) -> int | None:
        """The item that a turn's text is."""
        async with self._sessions() as session:
            return await session.scalar(select(ReviewTurnRow.item_id).where(ReviewTurnRow.turn_id == turn_id))

    async def waiting(self) -> Waiting:
        """How much waits, counted up to COUNTED."""
        rank = ReviewItemRow.rank
        async with self._sessions() as session:
            return Waiting(await _count(session, rank.is_not(None)), await _count(session, rank == DISPUTED_RANK))

    async def estimate(self, today: date) -> Estimate:
        """How often we are right, from what was drawn at random in the last days."""
        since = first_moment(today - timedelta(days=DAYS - 1))
        async with self._sessions() as session:
            drawn, judged, right = (
                await session.execute(
                    select(
                        func.count(), func.count(ReviewTurnRow.right), func.sum(cast(ReviewTurnRow.right, Integer))
                    ).where(ReviewTurnRow.sampled.is_(True), ReviewTurnRow.turn_id >= since)
                )
            ).one()
        return Estimate(drawn, judged, right or 0)

    def _chosen(self, filters: QueueFilters, viewer: int) -> Select[ReviewItemRow, TurnRow]:
        shown = _shown()
        if filters.show == "mine":
            mine = shown.join(ReviewDecisionRow, ReviewDecisionRow.item_id == ReviewItemRow.id).where(
                ReviewDecisionRow.author_id == viewer,
                ReviewDecisionRow.ended_at.is_(None),
                ReviewDecisionRow.round == ReviewItemRow.round,
            )
            if filters.verdict:
                mine = mine.where(ReviewDecisionRow.verdict == filters.verdict)
            return mine.where(*_is(ReviewItemRow, filters)).order_by(ReviewDecisionRow.id.desc())
        if filters.show == "decided":
            settled = shown.where(ReviewItemRow.settled_at.is_not(None), *_is(ReviewItemRow, filters))
            if filters.verdict:
                settled = settled.where(ReviewItemRow.verdict == filters.verdict)
            return settled.order_by(ReviewItemRow.settled_at.desc(), ReviewItemRow.id.desc())
        first = aliased(ReviewItemRow)
        leading = (
            select(first.id)
            .where(first.group_id == ReviewItemRow.group_id, *_waits(first, _of_a_group(filters), viewer))
            .order_by(*_order(first))
            .limit(1)
            .correlate(ReviewItemRow)
            .scalar_subquery()
        )
        waiting = shown.where(*_waits(ReviewItemRow, filters, viewer), ReviewItemRow.id == leading)
        if filters.wanted_reason is None:
            return waiting.order_by(*_order(ReviewItemRow))
        of = aliased(ReviewReasonRow)
        reason = (of.item_id == ReviewItemRow.id) & (of.reason == int(filters.wanted_reason)) & of.rank.is_not(None)
        order = (of.rank.asc(), of.times.desc(), of.last.desc(), of.item_id.asc())
        return waiting.join(of, reason).order_by(*order)


async def _count(session: AsyncSession, which: ColumnElement[bool]) -> Count:
    some = select(literal(1)).select_from(ReviewItemRow).where(which).limit(COUNTED + 1)
    found = await session.scalar(select(func.count()).select_from(some.subquery())) or 0
    return Count(min(found, COUNTED), or_more=found > COUNTED)


def _shown() -> Select[ReviewItemRow, TurnRow]:
    """Items with the turn that is shown; what has none any more has been erased."""
    return select(ReviewItemRow, TurnRow).join(TurnRow, TurnRow.id == ReviewItemRow.turn_id)


def _order(row: type[ReviewItemRow]) -> tuple[ColumnElement[Any], ...]:
    """The order of the queue (bot.review.reasons), which an index has."""
    return row.rank.asc(), row.times.desc(), row.last.desc(), row.id.asc()


def _of_a_group(filters: QueueFilters) -> QueueFilters:
    """The filters within a group, which is of one language and one request.

    Asked for its language or area, the database would read that one's index instead of the group's.
    """
    return filters.model_copy(update={"language": None, "area": None})


def _waits(row: type[ReviewItemRow], filters: QueueFilters, viewer: int) -> list[ColumnElement[bool]]:
    """What waits for this account to decide."""
    disputed = filters.show == "disputed"
    theirs = exists().where(
        ReviewDecisionRow.item_id == row.id,
        ReviewDecisionRow.author_id == viewer,
        ReviewDecisionRow.ended_at.is_(None),
        ReviewDecisionRow.round == row.round,
    )
    # All that is disputed is shown to all: whoever decided it may want to give way.
    which = [row.rank == DISPUTED_RANK] if disputed else [row.rank.is_not(None), ~theirs]
    return [*which, row.turn_id.is_not(None), *_is(row, filters)]


def _is(row: type[ReviewItemRow], filters: QueueFilters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.language is not None:
        found.append(row.language == str(filters.language))
    if filters.area is not None:
        found.append(row.area == filters.area)
    if filters.wanted_reason is not None:
        found.append(
            exists().where(ReviewReasonRow.item_id == row.id, ReviewReasonRow.reason == int(filters.wanted_reason))
        )
    return found


async def _lines(session: AsyncSession, rows: Sequence[Any], others: Mapping[int, int]) -> tuple[Line, ...]:
    reasons: dict[int, list[tuple[Reason, int]]] = {}
    wanted = ReviewReasonRow.item_id.in_([item.id for item, _ in rows])
    for one in await session.scalars(select(ReviewReasonRow).where(wanted).order_by(ReviewReasonRow.reason)):
        reasons.setdefault(one.item_id, []).append((Reason(one.reason), one.turns))
    return tuple(_line(item, turn, reasons.get(item.id, ()), others.get(item.group_id, 0)) for item, turn in rows)


def _line(item: ReviewItemRow, turn: TurnRow, reasons: Sequence[tuple[Reason, int]], others: int) -> Line:
    return Line(
        id=item.id,
        turn=turn.id,
        text=turn.text,
        language=Language(item.language),
        outcome=Outcome(turn.outcome),
        entry=turn.entry,
        area=turn.area,
        request=turn.request,
        confidence=turn.confidence,
        times=item.times,
        last=time_of(turn.id),
        reasons=tuple(reasons),
        state=State(item.state),
        choice=Choice(Verdict(item.verdict), item.target) if item.verdict else None,
        others=others,
    )


def _decided(row: ReviewDecisionRow, item: ReviewItemRow) -> Decided:
    return Decided(
        author=row.author,
        author_id=row.author_id,
        at=row.at,
        choice=Choice(Verdict(row.verdict), row.target),
        comment=row.comment,
        resolves=row.resolves,
        stands=row.ended_at is None and row.round == item.round,
        undone=row.ended == "undone",
        earlier=row.round < item.round,
    )
