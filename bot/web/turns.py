"""A turn from acceptance to answer: stored before it is relayed, answered once, in order, and never lost."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.conversation.compose import Composer
from bot.conversation.incident import new_incident
from bot.conversation.outcome import Outcome
from bot.conversation.reply import Reply
from bot.store.conversations import Answer, Conversations
from bot.store.nodes import BEAT_SECONDS, Heartbeat
from bot.store.tables import MessageRow, MessageState
from bot.switch import Switch
from bot.web.arrivals import Arrivals
from bot.web.relay import EngineFailure, EngineUnavailable, Relay

log = structlog.get_logger(__name__)

Ended = tuple[Outcome, list[Reply]] | None
"""How a turn ended; nothing where it has not, or where the record had an answer to it already."""

RETRY_SECONDS = 0.5
"""How often an engine that is away is looked for while messages wait."""
LOOK_AGAIN = 0.5
"""Seconds after which it is looked anew for what another desk has answered, where no word of it comes."""
DRAIN_SECONDS = 3.0
"""How long the engine may take, when this process ends, over what it was asked."""


T = TypeVar("T")


class Turns:
    """Takes messages to the engine and its answers to the record.

    A turn runs as a task of its own, so that a client who hangs up, or is told to come back, loses nothing. Turns of
    one conversation follow each other in the order they were accepted, whichever desks accepted them. When the engine
    is away a turn waits for it. What still waits when this process ends is taken up by another desk, or by `resume` at
    the next start. While the assistant is turned off every message is answered with the notice of that. `answered`
    is told each outcome, and the milliseconds the engine took.
    """

    def __init__(
        self,
        conversations: Conversations,
        relay: Relay,
        arrivals: Arrivals,
        composer: Callable[[str | None], Composer],
        heartbeat: Heartbeat,
        switch: Switch,
        answered: Callable[[str, float | None], None],
    ) -> None:
        self._conversations = conversations
        self._heartbeat = heartbeat
        self._relay = relay
        self._arrivals = arrivals
        self._composer = composer
        self._switch, self._told = switch, answered
        self._running: dict[int, asyncio.Task[Ended]] = {}
        self._queues: defaultdict[str, list[int]] = defaultdict(list)
        self._asking: set[int] = set()
        self._engine_away = self._closing = False
        self._watching: asyncio.Task[None] | None = None

    async def resume(self) -> None:
        """Takes up the messages that were accepted and not answered before this process began; and from now on those
        of desks that are gone."""
        for row in await self._conversations.take_waiting():
            self.start(row)
        if self._conversations.are_shared:
            await self._heartbeat.beat()
            self._watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                may_tell = await self._heartbeat.beat()
                for row in await self._conversations.take_waiting(of_the_gone=may_tell):
                    self.start(row)
            except (SQLAlchemyError, OSError) as error:
                log.warning("turns.database", error=type(error).__name__)

    def start(self, row: MessageRow) -> None:
        """Begins the turn of an accepted message, unless it runs, has been answered or is another desk's."""
        others = self._conversations.are_shared and row.node != self._conversations.node
        if row.state == MessageState.ANSWERED or row.id in self._running or others or self._closing:
            return
        queue = self._queues[row.conversation_id]
        # One that another desk accepted and left comes before what was accepted here later.
        earlier = [one for one in queue if one < row.id]
        before = self._running.get(earlier[-1]) if earlier else None
        queue.append(row.id)
        queue.sort()
        task = asyncio.create_task(self._run(row, before))
        self._running[row.id] = task
        task.add_done_callback(lambda ended: self._forget(row, ended))

    async def answered_within(self, row: MessageRow, seconds: float) -> Ended:
        """How the turn ended, or nothing when it has not within `seconds` or the engine is away."""
        task = self._running.get(row.id)
        deadline = time.monotonic() + seconds
        if task is None and row.state == MessageState.WAITING:
            return await self._answered_elsewhere(row, deadline)
        while task and not task.done() and not self._engine_away and time.monotonic() < deadline:
            await asyncio.wait([task], timeout=min(0.1, max(0.0, deadline - time.monotonic())))
        if task and task.done() and not task.cancelled() and not task.exception() and (ended := task.result()):
            return ended
        return await self._conversations.answered(row.id)

    async def _answered_elsewhere(self, row: MessageRow, deadline: float) -> Ended:
        with self._arrivals.listening(row.conversation_id) as heard:
            while True:
                heard.clear()
                answered = await self._conversations.answered(row.id)
                left = deadline - time.monotonic()
                if answered or left <= 0 or self._closing:
                    return answered
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(heard.wait(), min(left, LOOK_AGAIN))

    def waiting_in(self, conversation_id: str) -> int:
        """How many turns of this conversation are under way."""
        return len(self._queues.get(conversation_id, ()))

    async def cancel(self, conversation_id: str) -> None:
        """Ends the conversation's turns without an answer, because it is being erased."""
        tasks = [self._running[i] for i in self._queues.get(conversation_id, ()) if i in self._running]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def close(self) -> None:
        """Ends all turns, but first what the engine is at; what is not answered stays waiting in the record."""
        self._closing = True
        if self._watching is not None:
            self._watching.cancel()
        asked = [self._running[one] for one in self._asking if one in self._running]
        if asked:
            await asyncio.wait(asked, timeout=DRAIN_SECONDS)
        for task in list(self._running.values()):
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)
        if self._conversations.are_shared:
            with contextlib.suppress(SQLAlchemyError, OSError):
                await self._conversations.let_go()
                await self._heartbeat.end()

    def _forget(self, row: MessageRow, task: asyncio.Task[Ended]) -> None:
        if not task.cancelled() and (error := task.exception()):
            log.error("turn.failed", message=row.id, exc_info=error)
        self._running.pop(row.id, None)
        queue = self._queues[row.conversation_id]
        queue.remove(row.id)
        if not queue:
            del self._queues[row.conversation_id]

    async def _run(self, row: MessageRow, before: asyncio.Task[Ended] | None) -> Ended:
        if before is not None:
            await asyncio.wait([before])
        if self._conversations.are_shared and not await self._is_ours(row):
            return None
        if self._closing:
            return None
        self._asking.add(row.id)
        try:
            answer = await self._ask(row)
            if answer is None:
                return None
            ended = await self._store(row, answer)
            engine_ms = answer.trace.get("engine_ms")
            self._told(answer.outcome, engine_ms)
            log.info("turn.answered", message=row.id, outcome=answer.outcome, engine_ms=engine_ms)
            self._arrivals.tell(row.conversation_id)
            return ended
        finally:
            self._asking.discard(row.id)

    async def _is_ours(self, row: MessageRow) -> bool:
        """Whether it is still for us to answer, once what other desks accepted earlier is answered."""
        with self._arrivals.listening(row.conversation_id) as heard:
            while True:
                heard.clear()
                turn = await self._kept(lambda: self._conversations.turn_of(row))
                if turn is not False:
                    return turn is True
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(heard.wait(), LOOK_AGAIN)

    async def _store(self, row: MessageRow, answer: Answer) -> Ended:
        return await self._kept(lambda: self._conversations.answer(row.id, answer))

    async def _kept(self, step: Callable[[], Awaitable[T]]) -> T:
        """Does it, however long the database cannot be used: the answer must not be asked for again."""
        while True:
            try:
                return await step()
            except (OperationalError, InterfaceError, PoolTimeout, OSError) as error:
                log.warning("turns.database", error=type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)

    async def _ask(self, row: MessageRow) -> Answer | None:
        """What comes of it; nothing where the conversation was erased meanwhile."""
        started = time.perf_counter()
        while True:
            language = await self._kept(lambda: self._conversations.language(row.conversation_id))
            if language is None:
                return None
            if await self._kept(self._switch.is_off):
                return Answer(Outcome.ERROR, (self._composer(language).turned_off(),), None, {})
            try:
                relayed = await self._relay.ask(row, language)
            except EngineUnavailable as error:
                if not self._engine_away:
                    log.warning("engine.away", reason=str(error))
                self._engine_away = True
                await self._engine_back()
                continue
            except EngineFailure as error:
                incident = new_incident()
                log.error("engine.failed", incident=incident, message=row.id, reason=str(error))
                reply = self._composer(language).error(incident)
                return Answer(Outcome.ERROR, (reply,), incident, {"engine_ms": _milliseconds_since(started)})
            # Whoever waited for it may have been cancelled meanwhile.
            self._engine_away = False
            trace = {**relayed.trace, "engine_ms": _milliseconds_since(started)}
            return Answer(relayed.outcome, relayed.replies, relayed.incident, trace)

    async def _engine_back(self) -> None:
        # An engine that cannot take the message may call itself ready: it is not asked without a pause.
        await asyncio.sleep(RETRY_SECONDS)
        while not await self._relay.ready() and not await self._kept(self._switch.is_off):  # noqa: ASYNC110 - no other process sets an event
            await asyncio.sleep(RETRY_SECONDS)
        if self._engine_away:
            log.info("engine.back")
        self._engine_away = False


def _milliseconds_since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)
