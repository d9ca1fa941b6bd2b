"""Takes reviewers' decisions, settles items by them, and has what is settled staged as a change."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.review.intake import answer_of, place
from bot.review.reasons import Reason
from bot.review.settling import Answer, Choice, State, Verdict, Vote, is_right, settle
from bot.settings import ReviewSettings
from bot.store.database import Place, Sessions, writing
from bot.store.record_tables import TurnRow
from bot.store.review_tables import ReviewDecisionRow, ReviewItemRow, ReviewReasonRow, ReviewTurnRow
from bot.store.trail import record
from knowledge.records import Language

DECIDED, RESOLVED, UNDONE = "review.decided", "review.resolved", "review.undone"
"""As the trail names them."""

_CHANGES = frozenset({Verdict.ENTRY, Verdict.NEW_ENTRY, Verdict.UNANSWERED, Verdict.OUT_OF_SCOPE})
"""Verdicts that say what is to be otherwise."""
_REPLACED, _UNDONE = "replaced", "undone"


class Outdated(ValueError):
    """What was judged is no longer what stands there: erased, or answered anew."""


@dataclass(frozen=True)
class Reviewer:
    """Who decides."""

    id: int
    name: str
    settles: bool
    """Whether their word settles a dispute."""


class Staging(Protocol):
    """Where what the assistant is to learn waits to be published."""

    async def stage(
        self, author: int, choice: Choice, language: Language, text: str, because: str, now: datetime
    ) -> int:
        """Has a text wait to be learned; the same again gives the same number."""

    async def withdraw(self, change: int, author: int, now: datetime) -> None:
        """Takes it back; nothing where it is too late."""


class Decisions:
    """Each method is one transaction, and staging after it: what a crash left unstaged is staged by the next."""

    def __init__(self, sessions: Sessions, settings: ReviewSettings, staging: Staging) -> None:
        self._sessions, self._settings, self._staging = sessions, settings, staging

    async def decide(
        self, reviewer: Reviewer, items: Mapping[int, int], choice: Choice, comment: str | None, now: datetime
    ) -> Mapping[int, State]:
        """Decides these items alike: all, or none.

        Args:
            reviewer: who decides. What they decided of an item before is replaced.
            items: the items, and of each the turn that was looked at.
            choice: what is decided.
            comment: why.
            now: in UTC.

        Returns:
            Where each item stands.

        Raises:
            Outdated: one of the turns is gone, or its item was answered anew since.
        """
        batch, states = secrets.token_hex(16), {}
        async with writing(self._sessions, Place.REVIEW) as session:
            for item_id, turn_id in items.items():
                item = await _of(session, item_id, turn_id)
                before, resolves = item.state, reviewer.settles and item.state == State.DISPUTED
                await session.execute(
                    update(ReviewDecisionRow)
                    .where(
                        ReviewDecisionRow.item_id == item.id,
                        ReviewDecisionRow.round == item.round,
                        ReviewDecisionRow.author_id == reviewer.id,
                        ReviewDecisionRow.ended_at.is_(None),
                    )
                    .values(ended_at=now, ended=_REPLACED)
                )
                session.add(
                    ReviewDecisionRow(
                        item_id=item.id,
                        round=item.round,
                        author_id=reviewer.id,
                        author=reviewer.name,
                        at=now,
                        turn_id=turn_id,
                        verdict=choice.verdict,
                        target=choice.target,
                        comment=comment,
                        resolves=resolves and choice.verdict is not Verdict.SKIP,
                        batch=batch,
                    )
                )
                await session.flush()
                await self._settle(session, item, now)
                act = RESOLVED if resolves else DECIDED
                record(session, reviewer.name, act, f"review {item.id}", now, before, f"{item.state}: {choice}")
                states[item.id] = State(item.state)
        await self.bring_about(reviewer.id, now)
        return states

    async def undo(self, reviewer: Reviewer, now: datetime, item_id: int | None = None) -> Sequence[int]:
        """Takes back the reviewer's last decision, with all that was decided at once with it.

        Args:
            reviewer: whose.
            now: in UTC.
            item_id: the last on this item; without it, the last at all.

        Returns:
            The items it was on; none where nothing is left to undo.
        """
        async with writing(self._sessions, Place.REVIEW) as session:
            standing = (
                select(ReviewDecisionRow)
                .join(ReviewItemRow, ReviewItemRow.id == ReviewDecisionRow.item_id)
                .where(
                    ReviewDecisionRow.author_id == reviewer.id,
                    ReviewDecisionRow.ended_at.is_(None),
                    ReviewDecisionRow.round == ReviewItemRow.round,
                )
            )
            newest = standing if item_id is None else standing.where(ReviewItemRow.id == item_id)
            last = await session.scalar(newest.order_by(ReviewDecisionRow.id.desc()).limit(1))
            if last is None:
                return []
            rows = (await session.scalars(standing.where(ReviewDecisionRow.batch == last.batch))).all()
            for row in rows:
                row.ended_at, row.ended = now, _UNDONE
                await session.flush()
                item = await session.get_one(ReviewItemRow, row.item_id)
                before = item.state
                await self._settle(session, item, now)
                undone = str(Choice(Verdict(row.verdict), row.target))
                record(session, reviewer.name, UNDONE, f"review {item.id}", now, f"{before}: {undone}", item.state)
        await self.bring_about(reviewer.id, now)
        return [row.item_id for row in rows]

    async def bring_about(self, reviewer: int, now: datetime) -> None:
        """Has staged what is settled, and no longer staged what is not; `reviewer` is who caused that."""
        async with self._sessions() as session:
            due = (await session.scalars(select(ReviewItemRow.id).where(ReviewItemRow.staging_due))).all()
        for item_id in due:
            await self._stage(item_id, reviewer, now)

    async def _stage(self, item_id: int, reviewer: int, now: datetime) -> None:
        async with self._sessions() as session:
            item = await session.get_one(ReviewItemRow, item_id)
            text = await session.scalar(select(TurnRow.text).where(TurnRow.id == item.turn_id))
            votes = await _standing(session, item)
        choice = Choice(Verdict(item.verdict), item.target) if item.verdict else None
        if item.change_id is not None:
            await self._staging.withdraw(item.change_id, reviewer, now)
        change = None
        if choice and text and choice.verdict in _CHANGES:
            author = next((row.author_id for row in reversed(votes) if _choice(row) == choice), reviewer)
            language = Language(item.language)
            change = await self._staging.stage(author, choice, language, text, f"review:{item_id}", now)
        async with self._sessions.begin() as session:
            # Where it was decided anew meanwhile, it stays due.
            same = (
                ReviewItemRow.state == item.state,
                ReviewItemRow.verdict.is_not_distinct_from(item.verdict),
                ReviewItemRow.target.is_not_distinct_from(item.target),
            )
            await session.execute(update(ReviewItemRow).where(ReviewItemRow.id == item_id).values(change_id=change))
            await session.execute(
                update(ReviewItemRow).where(ReviewItemRow.id == item_id, *same).values(staging_due=False)
            )

    async def _settle(self, session: AsyncSession, item: ReviewItemRow, now: datetime) -> None:
        """Brings an item to where its votes have it."""
        rows = await _standing(session, item)
        votes = [Vote(_choice(row), row.resolves) for row in rows]
        state, choice = settle(votes, self._settings.review_decisions)
        before = (item.state, item.verdict, item.target)
        item.state = state
        item.verdict, item.target = (choice.verdict, choice.target) if choice else (None, None)
        if (item.state, item.verdict, item.target) == before:
            return
        item.staging_due = True
        if choice:
            turn_id = next(row.turn_id for row in reversed(rows) if _choice(row) == choice)
            judged = await session.get(TurnRow, turn_id) or await session.get(TurnRow, item.turn_id)
            if judged is None:
                raise Outdated(item.id)
            item.settled_at = now
            item.judged_outcome, item.judged_entry, item.judged_model = judged.outcome, judged.entry, judged.model
            await _say_of_turns(session, item, choice, answer_of(judged))
        else:
            item.settled_at = None
            await _say_of_turns(session, item, None, None)
        counted = select(ReviewReasonRow.reason).where(ReviewReasonRow.item_id == item.id)
        item.rank = place(item, [Reason(reason) for reason in await session.scalars(counted)])
        of_item = ReviewReasonRow.item_id == item.id
        await session.execute(update(ReviewReasonRow).where(of_item).values(rank=item.rank))
        item.group_id = item.group_id or item.id


async def _of(session: AsyncSession, item_id: int, turn_id: int) -> ReviewItemRow:
    item = await session.get(ReviewItemRow, item_id)
    turn = await session.get(ReviewTurnRow, turn_id)
    gone = await session.get(TurnRow, turn_id) is None
    if item is None or turn is None or turn.item_id != item_id or gone or turn_id < item.since:
        raise Outdated(item_id)
    return item


async def _standing(session: AsyncSession, item: ReviewItemRow) -> Sequence[ReviewDecisionRow]:
    """The decisions of the item's round that count, the oldest first."""
    found = await session.scalars(
        select(ReviewDecisionRow)
        .where(
            ReviewDecisionRow.item_id == item.id,
            ReviewDecisionRow.round == item.round,
            ReviewDecisionRow.ended_at.is_(None),
        )
        .order_by(ReviewDecisionRow.id)
    )
    return found.all()


def _choice(row: ReviewDecisionRow) -> Choice:
    return Choice(Verdict(row.verdict), row.target)


async def _say_of_turns(
    session: AsyncSession, item: ReviewItemRow, choice: Choice | None, judged: Answer | None
) -> None:
    """Sets the turns of the item's round down as reviewed or not, and those drawn at random as right or wrong."""
    of_round = (ReviewTurnRow.item_id == item.id, ReviewTurnRow.turn_id >= item.since)
    await session.execute(
        update(TurnRow)
        .where(TurnRow.id.in_(select(ReviewTurnRow.turn_id).where(*of_round)))
        .values(reviewed=choice is not None)
        .execution_options(synchronize_session=False)
    )
    drawn = (
        select(ReviewTurnRow, TurnRow)
        .join(TurnRow, TurnRow.id == ReviewTurnRow.turn_id)
        .where(*of_round, ReviewTurnRow.sampled)
    )
    for row, turn in (await session.execute(drawn)).all():
        row.right = is_right(answer_of(turn), choice, judged) if choice and judged else None
