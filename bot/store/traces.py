"""Takes what was erased out of SQLite's files too, however long another process reads in them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store.database import BUSY_MILLISECONDS

log = structlog.get_logger(__name__)

PATIENCE = 5.0
"""Seconds that whoever erases is kept waiting; then it goes on without them."""
ATTEMPT_MILLISECONDS = 200
"""How long one attempt waits for readers; nobody can write meanwhile."""
AGAIN_SECONDS = 0.5
"""Between two attempts."""

Step = Callable[[AsyncConnection], Awaitable[None]]


class Traces:
    """Removes the traces of what was erased.

    Every connection overwrites what it deletes (`secure_delete`), but the pages as they were still lie in the
    write-ahead log, until that is written back and cut; and it cannot be cut while anybody reads what is in it.
    """

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    async def remove(self, engine: AsyncEngine, first: Step | None = None, last: Step | None = None) -> None:
        """Returns when they are gone, or after PATIENCE and goes on; `first` and `last` come before and after."""
        task = asyncio.create_task(_remove(engine, first, last))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.wait({task}, timeout=PATIENCE)
        if task.done():
            task.result()
        else:
            log.warning("erasure.goes_on", reason="another process reads in the database")

    async def close(self) -> None:
        """Ends what still goes on; whoever starts next must remove all traces there are."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _remove(engine: AsyncEngine, first: Step | None, last: Step | None) -> None:
    while not await _are_removed(engine, first, last):  # noqa: ASYNC110 - another process cannot set an event
        await asyncio.sleep(AGAIN_SECONDS)


async def _are_removed(engine: AsyncEngine, first: Step | None, last: Step | None) -> bool:
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text(f"PRAGMA busy_timeout={ATTEMPT_MILLISECONDS}"))
        try:
            if first:
                await first(connection)
            busy = (await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))).scalar_one()
            if not busy and last:
                await last(connection)
        except OperationalError as error:
            log.info("erasure.later", reason=str(error.orig))
            return False
        finally:
            await connection.execute(text(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}"))
    return not busy
