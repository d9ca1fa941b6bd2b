"""Puts every turn into the record, as soon as it is answered and again whenever something about it changes."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Sequence, Set

import structlog
from sqlalchemy import bindparam, delete, select

from bot.conversation.outcome import Outcome
from bot.conversation.reply import ReplyBody
from bot.log.batches import EventSource
from bot.log.events import EventsOfMessage, by_message
from bot.log.keeping import keep_told
from bot.log.known import KnownMessage, known_messages, messages_there
from bot.log.masking.mask import Masking
from bot.log.reasons import Request, SaidReply, Seen, Told
from bot.log.rollups import count_changed, has_changed
from bot.log.words import found_by, wording
from bot.store.database import Place, Sessions, writing
from bot.store.nodes import Lease
from bot.store.record_tables import TurnChangeRow, moment
from bot.store.tables import table_of
from bot.store.tracker_events import TrackerEvents
from bot.store.turns import RecordedTurn, put_turns

log = structlog.get_logger(__name__)

BATCH = 50
"""Turns looked at together,"""
WRITTEN = 10
"""and written in one transaction, for which nobody else can write."""
TITLES = 2000
"""Titles of buttons whose masked form is kept."""
RUNNERS_UP = 4
WITHHELD = "[withheld]"
"""In place of what was written to the handoff form where no event tells what of it is personal."""
_QUOTES = {Outcome.HANDOFF, Outcome.ERROR}
"""Outcomes whose replies may have in them what the delegate wrote, or an incident."""

_CHANGES = table_of(TurnChangeRow)
_OLDEST = select(_CHANGES.c.id, _CHANGES.c.message_id).order_by(_CHANGES.c.id).limit(BATCH)
_DONE = delete(_CHANGES).where(_CHANGES.c.id.in_(bindparam("changes", expanding=True)))


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
            changed = {row.id: row.message_id for row in await session.execute(_OLDEST)}
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
        async with writing(self._sessions, Place.RECORD) as session:
            gone = await keep_told(session, events, next_recorded)
        if gone:
            # Erased while the engine was still at it: what it wrote since is erased now.
            await self._erasing.erase(*gone)

    async def _record(self, changed: dict[int, int]) -> None:
        async with self._sessions() as session:
            known = {message.id: message for message in await known_messages(session, changed.values())}
        messages = list(dict.fromkeys(changed.values()))
        for start in range(0, len(messages), WRITTEN):
            some = messages[start : start + WRITTEN]
            # Built before the writer's place is taken, and written a few at a time: a delegate's message may wait.
            built = [turn for one in some if one in known and (turn := self._built(known[one]))]
            await self._write(built, [change for change, one in changed.items() if one in some])

    async def _write(self, built: Sequence[RecordedTurn], changes: Sequence[int]) -> None:
        """Puts turns into the record; what changed about them is done."""
        async with writing(self._sessions, Place.RECORD) as session:
            if self._lease is not None:
                # What was built would put an older state over what another recorder has written since.
                await self._lease.check(session)
            # Some may have been erased meanwhile.
            there = await messages_there(session, [turn.message_id for turn in built])
            await put_turns(session, [turn for turn in built if turn.message_id in there])
            await session.execute(_DONE, {"changes": changes})

    def _built(self, message: KnownMessage) -> RecordedTurn | None:
        try:
            return self._turn(message)
        except (KeyError, TypeError, ValueError, AttributeError):
            # One turn that cannot be read must not hold up all others.
            log.exception("recorder.turn_left_out", message=message.id)
            return None

    def _turn(self, message: KnownMessage) -> RecordedTurn:
        trace, known, feedback = message.trace, message.personal, message.feedback
        replies = [ReplyBody.model_validate(body) for body in message.replies]
        told = Told.read(message.told)
        said, texts = self._replies(replies, known)
        outcome = Outcome(message.outcome or Outcome.ERROR)
        hidden = outcome is Outcome.HANDOFF and message.told is None and not message.pressed
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
                "pressed": message.pressed,
                "helpful": feedback.helpful if feedback else None,
                "case_reference": message.case,
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
            told=told.kept() if message.told is not None else None,
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
