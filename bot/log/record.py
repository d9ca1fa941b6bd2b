"""The record as staff read it: lists, counts, one turn, one conversation. Text is masked, but for what is revealed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from sqlalchemy import func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from bot.conversation.outcome import Outcome
from bot.log.filters import Filters
from bot.log.reasons import Seen, Told
from bot.log.rollups import WEEK, Figure
from bot.log.selection import selection
from bot.log.turns import Count, Page, PersonsAnswer, Reasons, Reply, Transcript, Turn, WholeTurn
from bot.store.case_tables import CaseRow
from bot.store.database import Place, Sessions, writing
from bot.store.record_tables import (
    DayFigureRow,
    ReplyTextRow,
    TurnEntryRow,
    TurnMemberStateRow,
    TurnReasonsRow,
    TurnRow,
    time_of,
)
from bot.store.tables import ConversationRow, MessageRow, ReplyRow
from bot.store.turns import personal_data
from knowledge.records import Language

PAGE = 50
COUNTED = 200
"""Up to how many turns are counted one by one."""

_LINE = (
    *(TurnRow.id, TurnRow.conversation_id, TurnRow.text, TurnRow.pressed, TurnRow.language, TurnRow.outcome),
    *(TurnRow.area, TurnRow.request, TurnRow.confidence, TurnRow.entry, TurnRow.model, TurnRow.milliseconds),
    *(TurnRow.helpful, TurnRow.comment, TurnRow.case_reference, TurnRow.reviewed),
)


class Mask(Protocol):
    """Masks personal data in a text."""

    def __call__(self, text: str, known: Iterable[tuple[str, str]] = ()) -> str:
        """The text masked; `known` are kinds and values of data that are certain."""


class Record:
    """Reads the record. Every method is one transaction."""

    def __init__(self, sessions: Sessions, mask: Mask) -> None:
        self._sessions, self._mask = sessions, mask

    async def page(
        self, filters: Filters, *, before: int | None = None, after: int | None = None, size: int = PAGE
    ) -> Page:
        """The newest turns that fit; `before` and `after` are a page's `older` and `newer`."""
        query, led = selection(filters, *_LINE)
        if after is not None:
            query = query.where(led > after).order_by(led.asc())
        else:
            query = (query if before is None else query.where(led < before)).order_by(led.desc())
        async with self._sessions() as session:
            rows = (await session.execute(query.limit(size + 1))).all()
        more, rows = len(rows) > size, rows[:size]
        turns = tuple(_turn(row) for row in (reversed(rows) if after is not None else rows))
        if after is not None:
            # Whoever came from older turns can go back to them.
            return Page(turns, turns[-1].id if turns else None, turns[0].id if more else None)
        return Page(turns, turns[-1].id if more else None, turns[0].id if turns and before is not None else None)

    async def count(self, filters: Filters) -> Count:
        """How many turns fit: all of them where nothing is asked for, else up to COUNTED."""
        if filters == Filters():
            return Count(await self._all(), or_more=False)
        query, _ = selection(filters, literal(1))
        async with self._sessions() as session:
            found = await session.scalar(select(func.count()).select_from(query.limit(COUNTED + 1).subquery()))
        return Count(min(found or 0, COUNTED), or_more=(found or 0) > COUNTED)

    async def _all(self) -> int:
        """As counted by day; the turns of the last seconds may not be among them."""
        async with self._sessions() as session:
            counted = select(func.sum(DayFigureRow.turns)).where(
                DayFigureRow.figure == Figure.TURNS.value, DayFigureRow.days == WEEK
            )
            return await session.scalar(counted) or 0

    async def turn(self, turn_id: int) -> WholeTurn | None:
        """A turn with its replies and reasons, if it is in the record."""
        async with self._sessions() as session:
            conversation = await session.scalar(select(TurnRow.conversation_id).where(TurnRow.id == turn_id))
        if conversation is None:
            return None
        transcript = await self.transcript(conversation)
        return next((one for one in transcript.turns if one.turn.id == turn_id), None) if transcript else None

    async def transcript(self, conversation: str) -> Transcript | None:
        """A conversation, if any turn of it is in the record."""
        async with self._sessions() as session:
            lines = (
                await session.execute(
                    select(*_LINE).where(TurnRow.conversation_id == conversation).order_by(TurnRow.message_id)
                )
            ).all()
            if not lines:
                return None
            turns = [_turn(line) for line in lines]
            whole = await _whole(session, turns)
            kept = await session.get(ConversationRow, conversation) is not None
            replies = await session.scalars(
                select(ReplyRow)
                .where(ReplyRow.conversation_id == conversation, ReplyRow.message_id.is_(None))
                .order_by(ReplyRow.created_at, ReplyRow.position)
            )
            known = (await personal_data(session, [conversation]))[conversation]
            # In a thread: the mask may be made for it, which takes long.
            answers = [await asyncio.to_thread(self._answer, row, known) for row in replies if row.body.get("person")]
            cases = await session.scalars(
                select(CaseRow.reference)
                .where(CaseRow.conversation_id == conversation, CaseRow.reference.is_not(None))
                .order_by(CaseRow.submitted_at)
            )
            # A case loses its link when the conversation's own rows go; the turn keeps the reference.
            references = dict.fromkeys([*(turn.case for turn in turns if turn.case), *(c for c in cases if c)])
        return Transcript(conversation, whole, tuple(answers), tuple(references), kept)

    def _answer(self, row: ReplyRow, known: Sequence[tuple[str, str]]) -> PersonsAnswer:
        person = row.body["person"]
        return PersonsAnswer(row.created_at, person["name"], person["reference"], self._mask(row.body["text"], known))

    async def reveal(self, turn_id: int) -> str | None:
        """What the delegate wrote, unmasked; nothing once it is no longer kept.

        Whoever calls this decides who may, and records that they did.
        """
        async with self._sessions() as session:
            return await session.scalar(
                select(MessageRow.text)
                .join(
                    TurnRow,
                    (TurnRow.conversation_id == MessageRow.conversation_id) & (TurnRow.message_id == MessageRow.id),
                )
                .where(TurnRow.id == turn_id)
            )

    async def mark_reviewed(self, turn_ids: Iterable[int], *, reviewed: bool = True) -> None:
        """Sets these turns down as reviewed, or as not."""
        async with writing(self._sessions, Place.RECORD) as session:
            await session.execute(update(TurnRow).where(TurnRow.id.in_(list(turn_ids))).values(reviewed=reviewed))

    async def models(self) -> Sequence[str]:
        """The models that answered, the latest first: a filter's choices."""
        async with self._sessions() as session:
            counted = (
                select(DayFigureRow.value)
                .where(DayFigureRow.figure == Figure.MODEL.value, DayFigureRow.days == 1)
                .group_by(DayFigureRow.value)
                .order_by(func.max(DayFigureRow.day).desc())
            )
            return (await session.scalars(counted)).all()


async def _whole(session: AsyncSession, turns: Sequence[Turn]) -> tuple[WholeTurn, ...]:
    """The turns of one conversation with what belongs to them."""
    ids = [turn.id for turn in turns]
    reasons = {
        row.turn_id: (Seen.read(row.seen), Told.read(row.told))
        for row in await session.scalars(select(TurnReasonsRow).where(TurnReasonsRow.turn_id.in_(ids)))
    }
    entries = await _by_turn(session, TurnEntryRow.entry, TurnEntryRow.turn_id, ids)
    states = await _by_turn(session, TurnMemberStateRow.member_state, TurnMemberStateRow.turn_id, ids)
    wanted = {reply.text_id for seen, _ in reasons.values() for reply in seen.replies if reply.text_id is not None}
    texts = {row.id: row.text for row in await session.scalars(select(ReplyTextRow).where(ReplyTextRow.id.in_(wanted)))}
    whole, focus = [], None
    for turn in turns:
        seen, told = reasons.get(turn.id, (Seen(), Told()))
        replies = tuple(
            Reply(texts.get(r.text_id, "") if r.text_id is not None else r.text or "", r.outcome, r.buttons)
            for r in seen.replies
        )
        before = None
        if seen.engine_milliseconds is not None and told.action_milliseconds is not None:
            before = max(0.0, round(seen.engine_milliseconds - told.action_milliseconds, 1))
        because = Reasons(
            intent=seen.intent,
            requests=seen.requests,
            carried=seen.carried,
            focus=focus,
            entries=tuple(entries.get(turn.id, ())),
            facts=seen.facts,
            member_states=tuple(states.get(turn.id, ())),
            services=seen.services,
            action=seen.action,
            policy=told.policy,
            policy_confidence=told.policy_confidence,
            form=told.form,
            incident=seen.incident,
            engine_milliseconds=seen.engine_milliseconds,
            understanding_milliseconds=before,
            action_milliseconds=told.action_milliseconds,
        )
        whole.append(WholeTurn(turn, replies, because))
        if told.focus is not None:
            focus = told.focus or None
    return tuple(whole)


async def _by_turn(
    session: AsyncSession, name: InstrumentedAttribute[str], of: InstrumentedAttribute[int], ids: Sequence[int]
) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for turn_id, value in await session.execute(select(of, name).where(of.in_(ids)).order_by(of, name)):
        found.setdefault(turn_id, []).append(value)
    return found


def _turn(row: Any) -> Turn:
    return Turn(
        id=row.id,
        at=time_of(row.id),
        conversation=row.conversation_id,
        text=row.text,
        pressed=row.pressed,
        language=Language(row.language),
        outcome=Outcome(row.outcome),
        area=row.area,
        request=row.request,
        confidence=row.confidence,
        entry=row.entry,
        model=row.model,
        milliseconds=row.milliseconds,
        helpful=row.helpful,
        comment=row.comment,
        case=row.case_reference,
        reviewed=row.reviewed,
    )
