"""The search over the record: all SQL that is the database's own.

In SQLite `turn_words` is a table of FTS5. In PostgreSQL it has the same columns as `tsvector`s, with an index (GIN)
over both. Either is given whole words, which nothing takes apart: `bot.log.words` makes them, for all six languages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple, Self

from sqlalchemy import Boolean, ColumnElement, Select, and_, bindparam, cast, column, literal_column, table, text
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.operators import OperatorType

from bot.store.database import is_postgresql
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


_PUT = {
    False: text("INSERT OR REPLACE INTO turn_words (rowid, words, beginnings) VALUES (:id, :words, :beginnings)"),
    True: text(
        "INSERT INTO turn_words (rowid, words, beginnings)"
        " VALUES (:id, CAST(:words AS tsvector), CAST(:beginnings AS tsvector))"
        " ON CONFLICT (rowid) DO UPDATE SET words = EXCLUDED.words, beginnings = EXCLUDED.beginnings"
    ),
}
"""By whether it is PostgreSQL."""


async def put(session: AsyncSession, turns: Iterable[tuple[int, FoundBy]]) -> None:
    """Has these turns, by their ids, found by this and by nothing else any longer."""
    written = _placed if is_postgresql(session) else str
    rows = [
        {"id": turn, "words": written(found.words), "beginnings": written(found.beginnings)} for turn, found in turns
    ]
    if rows:
        await session.execute(_PUT[is_postgresql(session)], rows)


def _placed(words: str) -> str:
    """The words as a `tsvector` is written, each with its place."""
    return " ".join(f"{word}:{place}" for place, word in enumerate(words.split(), 1))


async def drop(session: AsyncSession, turns: Iterable[int]) -> None:
    """Has these turns no longer found."""
    rows = [{"id": turn} for turn in turns]
    if rows:
        await session.execute(text("DELETE FROM turn_words WHERE rowid = :id"), rows)


class _Matches(ColumnElement[bool]):
    """That a turn has all that is asked for."""

    type = Boolean()
    inherit_cache = False

    def __init__(self, asked: Sequence[Asked]) -> None:
        self.asked = asked

    def self_group(self, against: OperatorType | None = None) -> Self:
        """As it is: SQLite, which has no booleans, is asked for the match itself and not whether it equals 1."""
        return self


@compiles(_Matches, "sqlite")
def _in_fts5(element: _Matches, compiler: SQLCompiler, **options: Any) -> str:
    expression = " AND ".join(f'{one.column} : "{" ".join(one.words)}"' for one in element.asked)
    found = literal_column("turn_words").op("MATCH")(bindparam("words", expression, unique=True))
    return compiler.process(found, **options)


@compiles(_Matches, "postgresql")
def _in_tsvector(element: _Matches, compiler: SQLCompiler, **options: Any) -> str:
    found = [
        literal_column(f"turn_words.{one.column}").op("@@")(
            cast(bindparam("words", " <-> ".join(one.words), unique=True), TSQUERY)
        )
        for one in element.asked
    ]
    return compiler.process(and_(*found), **options)


def matching(query: Select[Any], asked: Sequence[Asked]) -> Select[Any]:
    """The query over `turns` restricted to those that match. SQLite reads the search first, in the order of its ids."""
    return query.select_from(_WORDS).join(TurnRow, TurnRow.id == ID).where(_Matches(asked))


async def tidy(session: AsyncSession, pages: int = 200) -> bool:
    """Merges a part of what was added and dropped, so that nothing of dropped turns stays; whether more is left.

    PostgreSQL does so by itself. FTS5 marks what is dropped, and takes it out when it merges. `merge` with a negative
    number of pages works on the whole index, step by step; a step that changes fewer than two rows had nothing to do
    (SQLite's documentation of FTS5, 6.7).
    """
    if is_postgresql(session):
        return False
    before = await _changes(session)
    await session.execute(text("INSERT INTO turn_words (turn_words, rank) VALUES ('merge', :pages)"), {"pages": -pages})
    return await _changes(session) - before >= 2


async def _changes(session: AsyncSession) -> int:
    return int(await session.scalar(text("SELECT total_changes()")) or 0)
