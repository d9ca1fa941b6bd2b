"""Word from one process to another that something was said in a conversation, by PostgreSQL's LISTEN and NOTIFY.

It is told in the transaction that writes what was said, and arrives when that is committed. It may be lost with the
connection: whoever waits looks again by themselves, and is woken when the connection is back. SQLite has nothing of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import psycopg
import structlog
from psycopg.conninfo import make_conninfo
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.database import NOTICED, address, is_postgresql

log = structlog.get_logger(__name__)

CHANNEL = "said"
AGAIN_SECONDS = 1.0
"""After which a connection that broke is made anew."""


async def said(session: AsyncSession, conversation_id: str) -> None:
    """Tells all who listen, once this transaction is committed."""
    if is_postgresql(session):
        await session.execute(select(func.pg_notify(CHANNEL, conversation_id)))


class Word:
    """Listens, as long as it is open. `heard` is told the conversation, `missed` that word may have been lost."""

    def __init__(self, url: str, heard: Callable[[str], None], missed: Callable[[], None]) -> None:
        self._url, self._heard, self._missed = address(url), heard, missed
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begins to listen, where there is anything to be heard."""
        if self._url.get_backend_name() == "postgresql":
            self._task = asyncio.create_task(self._listen())

    async def close(self) -> None:
        """Ends it."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _listen(self) -> None:
        plain = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        plain = make_conninfo(plain, **NOTICED)
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(plain, autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self._missed()
                    async for word in connection.notifies():
                        self._heard(word.payload)
            except (psycopg.Error, OSError) as error:
                log.warning("word.lost", reason=type(error).__name__)
            await asyncio.sleep(AGAIN_SECONDS)
