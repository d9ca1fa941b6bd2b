"""A turn from acceptance to answer: stored before it is relayed, answered once, in order, and never lost."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable

import structlog

from bot.conversation.compose import Composer
from bot.conversation.incident import new_incident
from bot.conversation.outcome import Outcome
from bot.conversation.reply import Reply
from bot.store.conversations import Answer, Conversations
from bot.store.tables import MessageRow, MessageState
from bot.switch import Switch
from bot.web.arrivals import Arrivals
from bot.web.relay import EngineFailure, EngineUnavailable, Relay

log = structlog.get_logger(__name__)

RETRY_SECONDS = 0.5
"""How often an engine that is away is looked for while messages wait."""


class Turns:
    """Takes messages to the engine and its answers to the record.

    A turn runs as a task of its own, so that a client who hangs up, or is told to come back, loses nothing. Turns of
    one conversation follow each other in the order they were accepted. When the engine is away a turn waits for it;
    what still waits when this process ends is taken up again by `resume` at the next start. While the assistant is
    turned off every message is answered with the notice of that. `answered` is told each outcome, and the milliseconds
    the engine took.
    """

    def __init__(
        self,
        conversations: Conversations,
        relay: Relay,
        arrivals: Arrivals,
        composer: Callable[[str | None], Composer],
        switch: Switch,
        answered: Callable[[str, float | None], None],
    ) -> None:
        self._conversations = conversations
        self._relay = relay
        self._arrivals = arrivals
        self._composer = composer
        self._switch, self._told = switch, answered
        self._running: dict[int, asyncio.Task[None]] = {}
        self._queues: defaultdict[str, list[int]] = defaultdict(list)
        self._engine_away = False

    async def resume(self) -> None:
        """Takes up the messages that were accepted and not answered before this process began."""
        for row in await self._conversations.waiting():
            self.start(row)

    def start(self, row: MessageRow) -> None:
        """Begins the turn of an accepted message, unless it runs or has been answered already."""
        if row.state == MessageState.ANSWERED or row.id in self._running:
            return
        queue = self._queues[row.conversation_id]
        before = self._running.get(queue[-1]) if queue else None
        queue.append(row.id)
        task = asyncio.create_task(self._run(row, before))
        self._running[row.id] = task
        task.add_done_callback(lambda _: self._forget(row))

    async def answered_within(self, row: MessageRow, seconds: float) -> tuple[Outcome, list[Reply]] | None:
        """How the turn ended, or nothing when it has not within `seconds` or the engine is away."""
        task = self._running.get(row.id)
        deadline = time.monotonic() + seconds
        while task and not task.done() and not self._engine_away and time.monotonic() < deadline:
            await asyncio.wait([task], timeout=min(0.1, max(0.0, deadline - time.monotonic())))
        return await self._conversations.answered(row.id)

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
        """Ends all turns; what is not answered stays waiting in the record."""
        for task in list(self._running.values()):
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    def _forget(self, row: MessageRow) -> None:
        self._running.pop(row.id, None)
        queue = self._queues[row.conversation_id]
        queue.remove(row.id)
        if not queue:
            del self._queues[row.conversation_id]

    async def _run(self, row: MessageRow, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait([before])
        answer = await self._ask(row)
        await self._conversations.answer(row.id, answer)
        engine_ms = answer.trace.get("engine_ms")
        self._told(answer.outcome, engine_ms)
        log.info("turn.answered", message=row.id, outcome=answer.outcome, engine_ms=engine_ms)
        self._arrivals.tell(row.conversation_id)

    async def _ask(self, row: MessageRow) -> Answer:
        started = time.perf_counter()
        while True:
            if self._switch.is_off:
                language = await self._conversations.language(row.conversation_id)
                return Answer(Outcome.ERROR, (self._composer(language).turned_off(),), None, {})
            try:
                language = await self._conversations.language(row.conversation_id)
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
                language = await self._conversations.language(row.conversation_id)
                reply = self._composer(language).error(incident)
                return Answer(Outcome.ERROR, (reply,), incident, {"engine_ms": _milliseconds_since(started)})
            # Whoever waited for it may have been cancelled meanwhile.
            self._engine_away = False
            trace = {**relayed.trace, "engine_ms": _milliseconds_since(started)}
            return Answer(relayed.outcome, relayed.replies, relayed.incident, trace)

    async def _engine_back(self) -> None:
        while not await self._relay.ready() and not self._switch.is_off:  # noqa: ASYNC110 - another process cannot set an event
            await asyncio.sleep(RETRY_SECONDS)
        if self._engine_away:
            log.info("engine.back")
        self._engine_away = False


def _milliseconds_since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)
