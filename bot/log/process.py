"""The recorder's process: it records, counts, and erases what has been kept long enough."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.log.batches import BATCH
from bot.log.masking.mask import Masking
from bot.log.recorder import Recorder
from bot.log.retention import Retention
from bot.log.source import source_of
from bot.settings import Settings
from bot.store.database import Sessions
from bot.store.nodes import Lease, LeaseLost
from bot.store.tracker_events import TrackerEvents
from knowledge.base import KnowledgeBase

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
"""How often it is looked for something new while there is little."""
COUNT_SECONDS = 5.0
"""How often the days that changed are counted anew."""
KEEP_SECONDS = 24 * 3600.0
"""How often what is due is erased."""
PAUSE_SECONDS = 5.0
"""After the database could not be used."""


class Process:
    """Everything the recorder's process does, in turn."""

    def __init__(
        self,
        settings: Settings,
        sessions: Sessions,
        base: KnowledgeBase,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._written = TrackerEvents.of(sessions, settings.tracker_file, settings.spool_file)
        self._source = source_of(settings, sessions)
        self._lease = Lease(sessions, "recorder", settings.node)
        self._clock = clock
        self.recorder = Recorder(sessions, self._source, Masking(base), self._written, self._lease)
        self.retention = Retention(
            sessions,
            self._written,
            unmasked=timedelta(days=settings.unmasked_days),
            masked=timedelta(days=settings.record_days),
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Goes on until told to stop. What it had not finished is done at the next start."""
        counted = kept = -KEEP_SECONDS
        try:
            while not stop.is_set():
                pause = LOOK_SECONDS
                try:
                    if not await self._lease.held():
                        # Another machine records. Should it end, what it had not finished is read anew.
                        await self._source.rest()
                        await _until(stop, PAUSE_SECONDS)
                        continue
                    # What came one by one is recorded together: a transaction costs more than a turn in it.
                    if await self.recorder.step() >= BATCH:
                        pause = 0.0
                    now = time.monotonic()
                    if now - counted >= COUNT_SECONDS:
                        await self.recorder.count(self.retention.oldest(self._clock()))
                        counted = now
                    if now - kept >= KEEP_SECONDS:
                        await self.retention.apply(self._clock())
                        kept = now
                except LeaseLost:
                    log.warning("recorder.taken_over")
                except (SQLAlchemyError, OSError) as error:
                    log.error("recorder.database", error=type(error).__name__)
                    pause = PAUSE_SECONDS
                if pause:
                    await _until(stop, pause)
        finally:
            with contextlib.suppress(SQLAlchemyError, OSError):
                await self._lease.release()
            await self.close()

    async def close(self) -> None:
        """Lets go of the events' source, and ends what still goes on in the background."""
        await self.retention.close()
        await self._written.close()
        await self._source.close()


async def _until(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
