"""Takes turns into the queue as they are recorded, changed and erased; what is taken in twice counts once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.conversation.outcome import Outcome
from bot.log.reasons import Seen
from bot.log.recorder import WITHHELD
from bot.review.nearness import NEAR, Grams, KnownQuestions, grams, nearness
from bot.review.reasons import Asked, Reason, from_bits, rank, reasons_for, to_bits
from bot.review.sample import is_drawn
from bot.review.settling import Answer, Choice, State, Verdict, is_answered_anew, is_right
from bot.settings import ReviewSettings
from bot.store.database import Place, Sessions, writing
from bot.store.record_tables import TurnReasonsRow, TurnRow
from bot.store.review_arrivals import arrived
from bot.store.review_tables import (
    ReviewArrivalRow,
    ReviewDecisionRow,
    ReviewItemRow,
    ReviewReasonRow,
    ReviewTurnRow,
)
from bot.store.tables import table_of
from knowledge.records import Language

BATCH = 50
"""Turns in one transaction, so that others who write never wait long."""
LEADERS = 40
"""The newest groups of a request that a text is compared with, so that taking it in costs the same however many."""

_CALLS_BACK = (Outcome.CLARIFY, Outcome.HANDOFF)
"""Outcomes that say something of the turn before."""

_Key = tuple[str, int]
"""A text: its language and its wording."""
_Taken = Any
"""A row of ReviewTurnRow's table."""
_Leader = tuple[int, Grams]
"""The first item of a group, and its text's grams."""


@dataclass(frozen=True)
class _Turn:
    """A turn as the record has it."""

    id: int
    language: Language
    wording: int
    text: str
    area: str | None
    request: str | None
    model: str | None
    carried: bool
    asked: Asked
    answer: Answer
    before_id: int | None

    @property
    def key(self) -> _Key:
        return str(self.language), self.wording


def _of_those_beside() -> Iterator[Any]:
    """Of the turn before one in its conversation the id and the outcome, and the outcome of the one after it."""
    beside = aliased(TurnRow)
    earlier, later = beside.message_id < TurnRow.message_id, beside.message_id > TurnRow.message_id
    for column, where, order in (
        (beside.id, earlier, beside.message_id.desc()),
        (beside.outcome, earlier, beside.message_id.desc()),
        (beside.outcome, later, beside.message_id.asc()),
    ):
        query: Select[Any] = select(column).where(beside.conversation_id == TurnRow.conversation_id, where)
        yield query.order_by(order).limit(1).scalar_subquery()


# Made once: to put a statement together takes longer than to carry it out.
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_WAITING = select(ReviewArrivalRow.turn_id).order_by(ReviewArrivalRow.turn_id).limit(bindparam("most"))
_TURNS, _REASON_ROWS, _ARRIVALS = table_of(ReviewTurnRow), table_of(ReviewReasonRow), table_of(ReviewArrivalRow)
_DROP_ARRIVALS = delete(_ARRIVALS).where(_ARRIVALS.c.turn_id.in_(_IDS))
_TAKEN_IN, _ADD_TURN = select(_TURNS).where(_TURNS.c.turn_id.in_(_IDS)), insert(_TURNS)
_DROP_TURNS = delete(_TURNS).where(_TURNS.c.turn_id.in_(_IDS))
_REASONS, _ADD_REASON = select(_REASON_ROWS).where(_REASON_ROWS.c.item_id.in_(_IDS)), insert(_REASON_ROWS)
_DROP_REASONS = delete(_REASON_ROWS).where(_REASON_ROWS.c.item_id.in_(_IDS))
_ITEMS = select(ReviewItemRow).where(ReviewItemRow.id.in_(_IDS))
_ITEMS_OF_TEXT = select(ReviewItemRow).where(
    ReviewItemRow.language.in_(bindparam("languages", expanding=True)),
    ReviewItemRow.wording.in_(bindparam("wordings", expanding=True)),
)
_WITH_THOSE_BESIDE: Select[Any] = (
    select(TurnRow, TurnReasonsRow.seen, *_of_those_beside())
    .outerjoin(TurnReasonsRow, TurnReasonsRow.turn_id == TurnRow.id)
    .where(TurnRow.id.in_(_IDS))
)
_LEADERS = (
    select(ReviewItemRow.id, TurnRow.text)
    .join(TurnRow, TurnRow.id == ReviewItemRow.turn_id)
    .where(
        ReviewItemRow.language == bindparam("language"),
        ReviewItemRow.request.is_not_distinct_from(bindparam("request")),
        ReviewItemRow.group_id == ReviewItemRow.id,
    )
    .order_by(ReviewItemRow.group_id.desc())
    .limit(LEADERS)
)


class Intake:
    """Takes turns in, a batch after the other."""

    def __init__(self, sessions: Sessions, known: KnownQuestions, settings: ReviewSettings) -> None:
        self._sessions, self._known, self._settings = sessions, known, settings

    async def take_in(self, most: int = BATCH) -> int:
        """The next turns that arrived, in one transaction; returns how many."""
        async with self._sessions() as session:
            # So that nobody waits for us while nothing has arrived.
            if await session.scalar(_WAITING, {"most": 1}) is None:
                return 0
        async with writing(self._sessions, Place.RECORD, Place.REVIEW) as session:
            ids = (await session.scalars(_WAITING, {"most": most})).all()
            if ids:
                await _Batch(session, self._known, self._settings).take_in(ids)
                await session.execute(_DROP_ARRIVALS, {"ids": ids})
        return len(ids)

    async def take_in_all(self) -> int:
        """All that arrived; returns how many turns."""
        taken = 0
        while found := await self.take_in():
            taken += found
        return taken


@dataclass
class _Batch:
    """One transaction of it."""

    session: AsyncSession
    known: KnownQuestions
    settings: ReviewSettings
    reasons: dict[int, Counter[Reason]] = field(default_factory=dict)
    """Of the items at hand."""
    shrunk: set[int] = field(default_factory=set)
    """Items that lost a turn."""
    reviewed: list[int] = field(default_factory=list)
    added: list[dict[str, Any]] = field(default_factory=list)

    async def take_in(self, ids: Sequence[int]) -> None:
        """These turns."""
        turns = await self._turns(ids)
        old = {row.turn_id: row for row in await self.session.execute(_TAKEN_IN, {"ids": ids})}
        belonging = {turn.id: turn for turn in turns.values() if turn.asked.belongs and turn.text != WITHHELD}
        by_id, by_key = await self._items(belonging.values(), {row.item_id for row in old.values()})
        await self._load_reasons(by_id)
        for turn_id in ids:
            turn, known = belonging.get(turn_id), old.get(turn_id)
            if known is not None:
                self._take_out(
                    known, by_id[known.item_id], for_good=turn is None or by_key[turn.key].id != known.item_id
                )
            if turn is not None:
                self._put_in(turn, by_key[turn.key], known)
        await self.session.execute(_DROP_TURNS, {"ids": list(old)})
        if self.added:
            await self.session.execute(_ADD_TURN, self.added)
        await self._find_newest([by_id[item] for item in self.shrunk])
        await self._put_in_order(by_id, {turn.key: turn for turn in belonging.values()})
        await self._look_again_at(turn for turn in belonging.values() if turn.id not in old)
        if self.reviewed:
            await self.session.execute(update(TurnRow).where(TurnRow.id.in_(self.reviewed)).values(reviewed=True))

    async def _turns(self, ids: Sequence[int]) -> dict[int, _Turn]:
        rows = await self.session.execute(_WITH_THOSE_BESIDE, {"ids": ids})
        return {row.id: _turn(row, Seen.read(seen), *beside) for row, seen, *beside in rows}

    async def _items(
        self, turns: Iterable[_Turn], known: set[int]
    ) -> tuple[dict[int, ReviewItemRow], dict[_Key, ReviewItemRow]]:
        """The items of these turns, new ones among them, and those of these ids: by id and by text."""
        by_text = {turn.key: turn for turn in turns}
        # Each by an index of its own: joined by OR, or as pairs, the database would read all texts.
        of_text = {
            "languages": list({language for language, _ in by_text}),
            "wordings": list({wording for _, wording in by_text}),
        }
        rows = [
            *await self.session.scalars(_ITEMS_OF_TEXT, of_text),
            *await self.session.scalars(_ITEMS, {"ids": list(known)}),
        ]
        found = {(row.language, row.wording): row for row in rows}
        new = {
            text: ReviewItemRow(
                language=text[0],
                wording=text[1],
                times=0,
                last=0,
                state=State.OPEN,
                round=1,
                since=0,
                staging_due=False,
            )
            for text in by_text
            if text not in found
        }
        self.session.add_all(new.values())
        await self.session.flush()
        found |= new
        return {row.id: row for row in found.values()}, found

    async def _load_reasons(self, items: Iterable[int]) -> None:
        self.reasons = {item: Counter() for item in items}
        for row in await self.session.execute(_REASONS, {"ids": list(self.reasons)}):
            self.reasons[row.item_id][Reason(row.reason)] = row.turns

    def _take_out(self, row: _Taken, item: ReviewItemRow, *, for_good: bool) -> None:
        item.times -= 1
        self.reasons[item.id].subtract(from_bits(row.reasons))
        if for_good:
            self.shrunk.add(item.id)

    def _put_in(self, turn: _Turn, item: ReviewItemRow, old: _Taken | None) -> None:
        sampled = old.sampled if old else turn.asked.is_typed and is_drawn(turn.id, self.settings.review_sample)
        unlike = (
            turn.asked.is_typed
            and turn.asked.outcome is Outcome.ANSWER
            and not turn.carried
            and self.known.is_unlike(turn.text, turn.language, turn.answer.entry)
        )
        found = reasons_for(turn.asked, low=self.settings.review_low_confidence, sampled=sampled, unlike=unlike)
        right = old.right if old else None
        if item.state == State.SETTLED:
            right = self._meet_decision(turn, item, sampled=sampled)
        item.times += 1
        self.reasons[item.id].update(found)
        if turn.id >= item.last:
            item.turn_id, item.last, item.area, item.request = turn.id, turn.id, turn.area, turn.request
        self.added.append(
            {
                "turn_id": turn.id,
                "item_id": item.id,
                "reasons": to_bits(found),
                "sampled": sampled,
                "right": right,
            }
        )

    def _meet_decision(self, turn: _Turn, item: ReviewItemRow, *, sampled: bool) -> bool | None:
        """A turn whose text was decided: it is reviewed by that, unless a new model answers it differently."""
        choice, judged = decided(item)
        if turn.model not in (None, item.judged_model) and is_answered_anew(turn.answer, choice, judged):
            item.state, item.verdict, item.target, item.settled_at = State.OPEN, None, None, None
            item.round, item.since = item.round + 1, turn.id
            self.reasons[item.id][Reason.ANSWERED_ANEW] = 1
            return None
        self.reviewed.append(turn.id)
        return is_right(turn.answer, choice, judged) if sampled else None

    async def _find_newest(self, items: Sequence[ReviewItemRow]) -> None:
        """Of items that lost a turn, which may have been the newest; one that nobody decided goes with its last."""
        for item in items:
            newest = await self.session.scalar(
                select(TurnRow)
                .join(ReviewTurnRow, ReviewTurnRow.turn_id == TurnRow.id)
                .where(ReviewTurnRow.item_id == item.id)
                .order_by(ReviewTurnRow.turn_id.desc())
                .limit(1)
            )
            if newest is not None:
                item.turn_id, item.last, item.area, item.request = newest.id, newest.id, newest.area, newest.request
                continue
            item.turn_id = None
            decided_once = select(func.count()).where(ReviewDecisionRow.item_id == item.id)
            if not item.times and not await self.session.scalar(decided_once):
                del self.reasons[item.id]
                await self.session.delete(item)

    async def _put_in_order(self, items: Mapping[int, ReviewItemRow], newest: Mapping[_Key, _Turn]) -> None:
        rows, alone = [], []
        for item_id, counted in self.reasons.items():
            item = items[item_id]
            reasons = {reason: turns for reason, turns in counted.items() if turns > 0}
            item.rank = place(item, list(reasons))
            if item.rank is not None and item.group_id is None:
                alone.append(item)
            placed = {"item_id": item_id, "rank": item.rank, "times": item.times, "last": item.last}
            rows += [{"reason": reason, "turns": turns, **placed} for reason, turns in reasons.items()]
        await self.session.execute(_DROP_REASONS, {"ids": list(items)})
        if rows:
            await self.session.execute(_ADD_REASON, rows)
        await self._put_in_groups(alone, newest)

    async def _put_in_groups(self, items: Sequence[ReviewItemRow], newest: Mapping[_Key, _Turn]) -> None:
        """Each into the group of the nearest text that was taken for the same request, or into one of its own."""
        leaders = await self._leaders({(item.language, item.request) for item in items})
        for item in items:
            turn = newest.get((item.language, item.wording))
            mine = grams(turn.text) if turn else frozenset()
            others = leaders.setdefault((item.language, item.request), [])
            near, leader = max(((nearness(mine, its), -leader) for leader, its in others), default=(0.0, 0))
            if near >= NEAR:
                item.group_id = -leader
            else:
                item.group_id = item.id
                others.append((item.id, mine))

    async def _leaders(self, wanted: set[tuple[str, str | None]]) -> dict[tuple[str, str | None], list[_Leader]]:
        """The first texts of the newest groups, by language and request."""
        return {
            (language, request): [
                (item, grams(text))
                for item, text in await self.session.execute(_LEADERS, {"language": language, "request": request})
            ]
            for language, request in wanted
        }

    async def _look_again_at(self, new: Iterable[_Turn]) -> None:
        """At the turns before those that say something of them, where they were taken in already."""
        before = [turn.before_id for turn in new if turn.asked.outcome in _CALLS_BACK and turn.before_id is not None]
        await arrived(self.session, [row.turn_id for row in await self.session.execute(_TAKEN_IN, {"ids": before})])


def decided(item: ReviewItemRow) -> tuple[Choice, Answer]:
    """What was decided of a settled item, and the answer that was judged.

    Raises:
        LookupError: it is not settled.
    """
    if item.verdict is None or item.judged_outcome is None:
        raise LookupError(f"the item {item.id} is not settled")
    choice = Choice(Verdict(item.verdict), item.target)
    return choice, Answer(Outcome(item.judged_outcome), item.judged_entry)


def place(item: ReviewItemRow, reasons: Sequence[Reason]) -> int | None:
    """An item's first place in the order; nothing where it does not wait."""
    if item.state == State.SETTLED or not item.times:
        return None
    return rank(reasons, disputed=item.state == State.DISPUTED)


def answer_of(row: TurnRow) -> Answer:
    """What a turn was answered with."""
    return Answer(Outcome(row.outcome), row.entry, row.request)


def _turn(row: TurnRow, seen: Seen, before_id: int | None, before: str | None, after: str | None) -> _Turn:
    asked = Asked(
        outcome=Outcome(row.outcome),
        intent=seen.intent,
        confidence=row.confidence,
        pressed=row.pressed,
        helpful=row.helpful,
        before=Outcome(before) if before else None,
        after=Outcome(after) if after else None,
    )
    return _Turn(
        id=row.id,
        language=Language(row.language),
        wording=row.wording,
        text=row.text,
        area=row.area,
        request=row.request,
        model=row.model,
        carried=seen.carried,
        asked=asked,
        answer=answer_of(row),
        before_id=before_id,
    )
