"""Entries that are not complete: a focal point's answer or a question that nothing answers, for an editor to write."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.publishing.changes import EntryProposed, UnknownChange, digest_of, name_of
from bot.store.database import Place, Sessions, writing
from bot.store.publishing_tables import ChangeRow, ChangeState
from bot.store.trail import record
from knowledge.base import KnowledgeBase

KIND = "entry_drafted"
ENTRY = "entry_proposed"
_WRITTEN = "entry"
"""The field of the form that nothing but the form fills."""


@dataclass(frozen=True)
class Draft:
    """What was offered, as the fields of the editor's form; nothing of it is published."""

    id: int
    fields: Mapping[str, str]
    because: str
    author: str
    at: datetime


class Drafts:
    """The record of drafts. Every method is one transaction."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def offer(self, author: int, because: str, fields: Mapping[str, str], now: datetime) -> int:
        """A new draft, by the account of this id; offered again, the one there is."""
        digest = hashlib.sha256(f"{KIND} {because}".encode()).hexdigest()
        async with writing(self._sessions, Place.PUBLISHING) as session:
            known = await session.scalar(
                select(ChangeRow.id).where(ChangeRow.digest == digest, ChangeRow.state == ChangeState.DRAFT)
            )
            if known is not None:
                return known
            name = await name_of(session, author)
            row = ChangeRow(
                kind=KIND,
                content=dict(fields),
                digest=digest,
                because=because,
                state=ChangeState.DRAFT,
                author=name,
                at=now,
            )
            session.add(row)
            await session.flush()
            record(session, name, "entry.offered", f"change {row.id}", now, after=because)
            return row.id

    async def all(self) -> Sequence[Draft]:
        """The drafts, the oldest first."""
        async with self._sessions() as session:
            rows = await session.scalars(
                select(ChangeRow).where(ChangeRow.state == ChangeState.DRAFT).order_by(ChangeRow.id)
            )
            return [_draft(row) for row in rows]

    async def get(self, draft: int) -> Draft:
        """One of them.

        Raises:
            UnknownChange: there is no such draft.
        """
        async with self._sessions() as session:
            return _draft(await _row(session, draft))

    async def is_begun(self, change: int) -> bool:
        """Whether an editor has written something of an entry, staged or not."""
        async with self._sessions() as session:
            row = await session.get(ChangeRow, change)
        return row is not None and (row.kind == ENTRY or (row.kind == KIND and _WRITTEN in row.content))

    async def save(self, draft: int, fields: Mapping[str, str]) -> None:
        """Keeps what an editor has written so far.

        Raises:
            UnknownChange: there is no such draft.
        """
        async with writing(self._sessions, Place.PUBLISHING) as session:
            (await _row(session, draft)).content = dict(fields)

    async def accept(self, draft: int, proposed: EntryProposed, editor: str, now: datetime) -> None:
        """Stages the entry that an editor has made of it.

        Raises:
            UnknownChange: there is no such draft.
        """
        async with writing(self._sessions, Place.PUBLISHING) as session:
            row = await _row(session, draft)
            row.kind, row.state = proposed.kind, ChangeState.STAGED
            row.content, row.digest = proposed.model_dump(mode="json"), digest_of(proposed)
            record(session, editor, "change.staged", f"change {row.id}", now, before=row.author, after=row.kind)


def free_fact(base: KnowledgeBase, area: str) -> str:
    """The next id for a fact of an area: three letters that its facts have, and the number after their last.

    Raises:
        ValueError: the area has none, or all numbers are taken.
    """
    used = [fact for entry in base.entries.values() if entry.area == area for fact in entry.facts]
    if not used:
        raise ValueError(f"{area} has no facts")
    prefixes = [fact[:3] for fact in used]
    prefix = max(prefixes, key=prefixes.count)
    number = max(int(fact[3:]) for fact in base.facts if fact.startswith(prefix)) + 1
    if number > 99:
        raise ValueError(f"all numbers of {prefix} are taken")
    return f"{prefix}{number:02}"


def _draft(row: ChangeRow) -> Draft:
    return Draft(row.id, row.content, row.because or "", row.author, row.at)


async def _row(session: AsyncSession, draft: int) -> ChangeRow:
    row = await session.get(ChangeRow, draft)
    if row is None or row.state != ChangeState.DRAFT:
        raise UnknownChange(draft)
    return row
