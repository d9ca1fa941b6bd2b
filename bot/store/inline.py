"""SQLite by aiosqlite, with what is quick done where it is asked for and not in another thread.

Most statements of a message take less than to change to the thread and back, which each needs three times. What may
have to wait, for another writer or for the disk, still is the thread's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

import aiosqlite

_READING = "SELECT"
"""How a statement begins that only reads; what begins otherwise may write, and wait for another writer."""
_CHUNK = 64
"""Rows that a cursor fetches at once where it is iterated over, as aiosqlite has it."""


class InlineConnection(aiosqlite.Connection):
    """Reads, writes once the writer's place is taken, and whatever else waits for nobody, are done at once."""

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, _CHUNK)
        # What was handed to the thread, and what it has done: each counted by one thread alone.
        self._handed = self._done = 0

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        # Where whoever waited was cancelled, the thread is still at what they asked for: the next comes after it.
        if self._handed == self._done and self._is_quick(fn, args):
            return fn(*args, **kwargs)
        self._handed += 1

        def counted() -> Any:
            try:
                return fn(*args, **kwargs)
            finally:
                self._done += 1

        return await super()._execute(counted)  # type: ignore[no-untyped-call]

    def _is_quick(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> bool:
        asked = getattr(fn, "__self__", None)
        name = getattr(fn, "__name__", "")
        if isinstance(asked, sqlite3.Connection):
            return name == "cursor" or (name == "rollback" and not asked.in_transaction)
        if not isinstance(asked, sqlite3.Cursor):
            return False
        if name in {"execute", "executemany"}:
            return asked.connection.in_transaction or str(args[0]).lstrip().upper().startswith(_READING)
        return name in {"fetchone", "fetchmany", "fetchall", "close"}


def inline(path: str | None) -> Callable[[], Awaitable[aiosqlite.Connection]]:
    """Opens connections to this file, as SQLAlchemy's `async_creator`."""

    async def connection() -> aiosqlite.Connection:
        made = InlineConnection(lambda: sqlite3.connect(path or ":memory:", check_same_thread=False))
        # As SQLAlchemy does: a process that ends does not wait for it.
        made._thread.daemon = True
        return await made

    return connection
