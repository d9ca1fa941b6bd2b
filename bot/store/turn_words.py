"""The search over the record: all SQL that is the database's own. SQLite's is FTS5; another database has another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, column, literal_column, table, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.record_tables import TurnRow


class FoundBy(NamedTuple):
    """What a text is found by, with spaces between; letters of ASCII and digits only."""

    words: str
    """In their order."""
    beginnings: str
    """Of words, in no order that counts."""


class Asked(NamedTuple):
    """Words that must follow each other in one of the two columns."""

    column: Literal["words", "beginnings"]
    words: tuple[str, ...]


_WORDS = table("turn_words", column("rowid"))
ID: ColumnElement[int] = _WORDS.c.rowid
"""The turn's id, by which the newest come first without sorting."""


async def put(session: AsyncSession, turns: Iterable[tuple[int, FoundBy]]) -> None:
    """Has these turns, by their ids, found by this and by nothing else any longer."""
    rows = [{"id": turn, "words": found.words, "beginnings": found.beginnings} for turn, found in turns]
    if rows:
        await session.execute(
            text("INSERT OR REPLACE INTO turn_words (rowid, words, beginnings) VALUES (:id, :words, :beginnings)"), rows
        )


async def drop(session: AsyncSession, turns: Iterable[int]) -> None:
    """Has these turns no longer found."""
    rows = [{"id": turn} for turn in turns]
    if rows:
        await session.execute(text("DELETE FROM turn_words WHERE rowid = :id"), rows)


def matching(query: Select[Any], asked: Sequence[Asked]) -> Select[Any]:
    """The query over `turns` restricted to those that match. SQLite reads the search first, in the order of its ids."""
    expression = " AND ".join(f'{one.column} : "{" ".join(one.words)}"' for one in asked)
    found = literal_column("turn_words").op("MATCH")(bindparam("words", expression))
    return query.select_from(_WORDS).join(TurnRow, TurnRow.id == ID).where(found)


async def tidy(session: AsyncSession, pages: int = 200) -> bool:
    """Merges a part of what was added and dropped, so that nothing of dropped turns stays; whether more is left.

    FTS5 marks what is dropped, and takes it out when it merges. `merge` with a negative number of pages works on the
    whole index, step by step; a step that changes fewer than two rows had nothing to do (SQLite's documentation of
    FTS5, 6.7).
    """
    before = await _changes(session)
    await session.execute(text("INSERT INTO turn_words (turn_words, rank) VALUES ('merge', :pages)"), {"pages": -pages})
    return await _changes(session) - before >= 2


async def _changes(session: AsyncSession) -> int:
    return int(await session.scalar(text("SELECT total_changes()")) or 0)
