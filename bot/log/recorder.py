"""Puts every turn into the record, as soon as it is answered and again whenever something about it changes."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Sequence, Set
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation.outcome import Outcome
from bot.conversation.reply import ReplyBody
from bot.log.batches import EventSource
from bot.log.events import EventsOfMessage, by_message
from bot.log.masking.mask import Masking
from bot.log.reasons import Request, SaidReply, Seen, Told
from bot.log.rollups import count_changed, has_changed
from bot.log.words import found_by, wording
from bot.store.case_tables import CaseRow
from bot.store.database import Place, Sessions, inserting, writing
from bot.store.nodes import Lease
from bot.store.record_tables import PersonalDataRow, TurnChangeRow, TurnEventsRow, moment
from bot.store.tables import ConversationRow, FeedbackRow, MessageRow, MessageState, ReplyRow
from bot.store.tracker_events import TrackerEvents
from bot.store.turns import RecordedTurn, personal_data, put_turn, turn_changed

log = structlog.get_logger(__name__)

BATCH = 50
"""Turns looked at together,"""
WRITTEN = 5
"""and written in one transaction, for which nobody else can write."""
TITLES = 2000
"""Titles of buttons whose masked form is kept."""
RUNNERS_UP = 4
WITHHELD = "[withheld]"
"""In place of what was written to the handoff form where no event tells what of it is personal."""
_QUOTES = {Outcome.HANDOFF, Outcome.ERROR}
"""Outcomes whose replies may have in them what the delegate wrote, or an incident."""


class Recorder:
    """Reads what changed, and the events of it, and writes the record.

    Everything is done again without harm: a turn is built anew from all that is known of it. `erasing` is where the
    engine's own record is erased of conversations that were erased while it still wrote; `lease` is what makes us the
    one recorder.
    """

    def __init__(
        self,
        sessions: Sessions,
        source: EventSource,
        masking: Masking,
        erasing: TrackerEvents,
        lease: Lease | None = None,
    ) -> None:
        self._sessions, self._source, self._masking, self._erasing = sessions, source, masking, erasing
        self._lease = lease
        # Most are titles of entries, and the same again and again.
        self._title = functools.lru_cache(maxsize=TITLES)(masking)

    async def step(self) -> int:
        """Records what there is, up to a batch; returns how much there was."""
        # The changes are read first: the events of a turn that was answered by then are in the source already.
        async with self._sessions() as session:
            changes = await session.execute(
                select(TurnChangeRow.id, TurnChangeRow.message_id).order_by(TurnChangeRow.id).limit(BATCH)
            )
            changed = {row.id: row.message_id for row in changes}
        batch = await self._source.take()
        if batch is not None:
            await self._keep(list(by_message(batch.events)), set(changed.values()))
            await self._source.done(batch)
        if changed:
            await self._record(changed)
        return len(changed) + (len(batch.events) if batch else 0)

    async def catch_up(self) -> None:
        """Records all there is."""
        while await self.step():
            pass

    async def count(self, oldest: int) -> None:
        """Counts the days anew whose turns changed, from the day `oldest` on."""
        async with self._sessions() as session:
            if not await has_changed(session):
                return
        async with writing(self._sessions, Place.RECORD) as session:
            await count_changed(session, oldest)

    async def _keep(self, events: Sequence[EventsOfMessage], next_recorded: Set[int]) -> None:
        """Keeps what the events tell until the turn is recorded, and with it.

        Args:
            events: what they tell.
            next_recorded: the messages whose turns are recorded next.
        """
        gone = []
        async with writing(self._sessions, Place.RECORD) as session:
            for one in events:
                if await session.get(ConversationRow, one.conversation) is None:
                    gone.append(one.conversation)
                    continue
                for kind, value in one.personal:
                    row = {"conversation_id": one.conversation, "kind": kind, "mark": value, "value": value}
                    await session.execute(inserting(session, PersonalDataRow).values(row).on_conflict_do_nothing())
                await _keep_told(session, one, next_recorded)
        if gone:
            # Erased while the engine was still at it: what it wrote since is erased now.
            await self._erasing.erase(*dict.fromkeys(gone))

    async def _record(self, changed: dict[int, int]) -> None:
        # Built before the writer's place is taken, and written a few at a time: a delegate's message may wait for it.
        async with self._sessions() as session:
            built = {one: await self._built(session, one) for one in dict.fromkeys(changed.values())}
        messages = list(built)
        for start in range(0, len(messages), WRITTEN):
            some = {one: built[one] for one in messages[start : start + WRITTEN]}
            await self._write(some, [change for change, one in changed.items() if one in some])

    async def _write(self, built: dict[int, RecordedTurn | None], changes: Sequence[int]) -> None:
        """Puts turns, by their messages, into the record; what changed about them is done."""
        async with writing(self._sessions, Place.RECORD) as session:
            if self._lease is not None:
                # What was built would put an older state over what another recorder has written since.
                await self._lease.check(session)
            for message_id, turn in built.items():
                # It may have been erased meanwhile.
                if turn is not None and await session.get(MessageRow, message_id) is not None:
                    await put_turn(session, turn)
            await session.execute(delete(TurnChangeRow).where(TurnChangeRow.id.in_(changes)))

    async def _built(self, session: AsyncSession, message_id: int) -> RecordedTurn | None:
        message = await session.get(MessageRow, message_id)
        if message is None or message.state != MessageState.ANSWERED:
            return None
        try:
            return await self._turn(session, message)
        except (KeyError, TypeError, ValueError, AttributeError):
            # One turn that cannot be read must not hold up all others.
            log.exception("recorder.turn_left_out", message=message_id)
            return None

    async def _turn(self, session: AsyncSession, message: MessageRow) -> RecordedTurn:
        trace = message.trace or {}
        rows = (
            await session.scalars(select(ReplyRow).where(ReplyRow.message_id == message.id).order_by(ReplyRow.position))
        ).all()
        replies = [ReplyBody.model_validate(row.body) for row in rows]
        known = await personal_data(session, message.conversation_id)
        kept = await session.get(TurnEventsRow, message.id)
        told = Told.read(kept.told) if kept else Told()
        said, texts = self._replies(replies, known)
        feedback = await session.scalar(
            select(FeedbackRow)
            .where(FeedbackRow.reply_id.in_([row.id for row in rows]))
            .order_by(FeedbackRow.created_at.desc())
            .limit(1)
        )
        outcome = Outcome(message.outcome or Outcome.ERROR)
        hidden = outcome is Outcome.HANDOFF and kept is None and message.payload is None
        text = WITHHELD if hidden else self._masking(message.text, known)
        requests = [Request(name=r["name"], confidence=r["confidence"]) for r in trace.get("requests") or []]
        answered = message.answered_at or message.created_at
        entries = trace.get("entries") or [e for e in [trace.get("entry")] if e]
        named = [(str(e.get("entity")), str(e.get("value"))) for e in trace.get("entities") or []]
        confidence = trace.get("confidence")
        return RecordedTurn(
            id=moment(message.created_at),
            conversation_id=message.conversation_id,
            message_id=message.id,
            columns={
                "language": replies[-1].language.value,
                "outcome": outcome.value,
                "area": next((reply.area for reply in replies if reply.area), None),
                "request": requests[0].name if requests else trace.get("request"),
                "confidence": None if confidence is None else float(confidence),
                "entry": trace.get("entry"),
                "model": told.model,
                "milliseconds": round((answered - message.created_at).total_seconds() * 1000),
                "pressed": message.payload is not None,
                "helpful": feedback.helpful if feedback else None,
                "case_reference": await _case(session, message) if outcome is Outcome.HANDOFF else None,
                "wording": wording(text),
                "text": text,
                "comment": self._masking(feedback.comment, known) if feedback and feedback.comment else None,
            },
            found_by=found_by("" if hidden else text),
            seen=Seen(
                intent=trace.get("request"),
                requests=tuple(requests[: RUNNERS_UP + 1]),
                carried=bool(trace.get("carried")),
                services=tuple(dict.fromkeys(value for kind, value in named if kind == "service")),
                facts=tuple(dict.fromkeys(fact for reply in replies for fact in reply.facts)),
                action=trace.get("action"),
                incident=message.incident,
                engine_milliseconds=trace.get("engine_ms"),
                replies=said,
            ).kept(),
            told=told.kept() if kept else None,
            entries=entries,
            member_states=[value for kind, value in named if kind == "member_state" and len(value) == _CODE],
            reply_texts=texts,
        )

    def _replies(
        self, replies: Iterable[ReplyBody], known: Sequence[tuple[str, str]]
    ) -> tuple[tuple[SaidReply, ...], list[tuple[int, str]]]:
        """The replies as the record has them, and the texts that are kept once for all."""
        said, texts = [], []
        for reply in replies:
            buttons = tuple(self._title(button.title, tuple(known)) for button in reply.buttons)
            if reply.outcome in _QUOTES:
                said.append(SaidReply(outcome=reply.outcome, text=self._masking(reply.text, known), buttons=buttons))
            else:
                text_id = id_of(reply.text)
                texts.append((text_id, reply.text))
                said.append(SaidReply(outcome=reply.outcome, text_id=text_id, buttons=buttons))
        return tuple(said), texts


_CODE = 2
"""Letters of a member state's code."""


def id_of(text: str) -> int:
    """Of a reply's text: 64 bits."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), signed=True)


async def _keep_told(session: AsyncSession, one: EventsOfMessage, next_recorded: Set[int]) -> None:
    """Keeps what is told of a message, and has it recorded if it was answered before and is not recorded next."""
    message_id = one.message or await session.scalar(
        select(TurnEventsRow.message_id)
        .join(MessageRow, MessageRow.id == TurnEventsRow.message_id)
        .where(MessageRow.conversation_id == one.conversation)
        .order_by(TurnEventsRow.message_id.desc())
        .limit(1)
    )
    message = await session.get(MessageRow, message_id) if message_id else None
    if message is None or message.conversation_id != one.conversation:
        return
    row = await session.get(TurnEventsRow, message.id)
    new: dict[str, Any] = one.told.kept()
    if row is None:
        session.add(TurnEventsRow(message_id=message.id, told=new))
    elif {**row.told, **new} == row.told:
        return
    else:
        row.told = {**row.told, **new}
    await session.flush()
    if message.state == MessageState.ANSWERED and message.id not in next_recorded:
        await turn_changed(session, message.id)


async def _case(session: AsyncSession, message: MessageRow) -> str | None:
    """The reference of the case that this turn handed in."""
    return await session.scalar(
        select(CaseRow.reference).where(
            CaseRow.conversation_id == message.conversation_id,
            CaseRow.submitted_at >= message.created_at,
            CaseRow.submitted_at <= (message.answered_at or datetime.now(UTC)),
        )
    )
