"""Seals everything anew with the newest key, so that the older ones can be given up."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Column, select, tuple_, update
from sqlalchemy import Table as SqlTable
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store import case_tables, record_tables, staff_tables  # noqa: F401 - every table must be known
from bot.store.database import Place, Sessions, writing
from bot.store.sealed import ContactKeyRow, Mark, Sealed, SealedBytes, keys_of
from bot.store.tables import Table

SEALED = (Place.CASES, Place.RECORD, Place.STAFF)
"""What a transaction here holds: contact data stands in these."""
BATCH = 200
"""Rows in one transaction: the service goes on meanwhile."""


async def rotate(sessions: Sessions) -> str:
    """Adds a key, and seals everything with it; its id. The older keys stay in the file, for backups.

    Raises:
        KeysTrouble: the keys cannot be read or written, or something does not open with them.
    """
    async with writing(sessions, *SEALED) as session:
        # The key is noted before anything is sealed with it: another machine that lacks it says so when it starts.
        id_ = keys_of(session.get_bind().dialect).add()
        session.add(ContactKeyRow(id=id_))
    await reseal(sessions)
    return id_


async def reseal(sessions: Sessions) -> None:
    """Seals everything with the newest key; done again after an end in between, it goes on.

    Raises:
        KeysTrouble: something does not open with the keys there are.
    """
    for table in Table.metadata.sorted_tables:
        sealed = [column for column in table.columns if isinstance(column.type, Sealed | SealedBytes)]
        if sealed:
            marks = [column for column in table.columns if isinstance(column.type, Mark)]
            await _reseal(sessions, table, sealed, marks)


async def forget_old_keys(sessions: Sessions) -> Sequence[str]:
    """Gives up all keys but the newest; their ids. Backups from before the last rotation can no longer be read.

    Raises:
        KeysTrouble: the file cannot be written.
    """
    await reseal(sessions)
    async with writing(sessions, *SEALED) as session:
        gone = keys_of(session.get_bind().dialect).keep_newest()
        for id_ in gone:
            row = await session.get(ContactKeyRow, id_)
            if row is not None:
                await session.delete(row)
        return gone


async def _reseal(
    sessions: Sessions, table: SqlTable, sealed: Sequence[Column[object]], marks: Sequence[Column[object]]
) -> None:
    key = list(table.primary_key.columns)
    last: tuple[object, ...] | None = None
    while True:
        async with writing(sessions, *SEALED) as session:
            last = await _batch(session, table, key, sealed, marks, last)
        if last is None:
            return


async def _batch(
    session: AsyncSession,
    table: SqlTable,
    key: Sequence[Column[object]],
    sealed: Sequence[Column[object]],
    marks: Sequence[Column[object]],
    last: tuple[object, ...] | None,
) -> tuple[object, ...] | None:
    chosen = select(*key, *sealed).order_by(*key).limit(BATCH).with_for_update()
    rows = (await session.execute(chosen if last is None else chosen.where(tuple_(*key) > tuple_(*last)))).all()
    for row in rows:
        values = {column.name: row._mapping[column] for column in sealed}
        new = {**values, **{mark.name: values[mark.info["of"]] for mark in marks}}
        await session.execute(update(table).where(*(one == row._mapping[one] for one in key)).values(new))
    return tuple(rows[-1]._mapping[one] for one in key) if rows else None
