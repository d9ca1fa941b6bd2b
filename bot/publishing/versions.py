"""The record of versions: what was published when, by whom, and what ran before. Every method is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.publishing.pointer import Pointer, Slot
from bot.store.database import Place, Sessions, are_shared, is_postgresql, writing
from bot.store.nodes import living, of
from bot.store.publishing_tables import ChangeRow, ChangeState, VersionKind, VersionRow, VersionState
from bot.store.trail import record


class UnknownVersion(LookupError):
    """There is no version of this id."""


class Underway(RuntimeError):
    """Another version is being published."""


class Versions:
    """The versions. `node` is the machine that publishes; what another has on its way is its own while that lives."""

    def __init__(self, sessions: Sessions, node: str | None = None) -> None:
        self._sessions, self._node = sessions, node

    @property
    def node(self) -> str | None:
        """The machine that publishes."""
        return self._node

    @property
    def are_shared(self) -> bool:
        """Whether other machines may publish."""
        return are_shared(self._sessions)

    async def current(self) -> VersionRow | None:
        """The one that runs; nothing before the first."""
        async with self._sessions() as session:
            return await _current(session)

    async def get(self, version: int) -> VersionRow:
        """One of them.

        Raises:
            UnknownVersion: there is none of this id.
        """
        async with self._sessions() as session:
            row = await session.get(VersionRow, version)
        if row is None:
            raise UnknownVersion(version)
        return row

    async def newest(self, limit: int = 100) -> Sequence[VersionRow]:
        """The newest first."""
        async with self._sessions() as session:
            return (await session.scalars(select(VersionRow).order_by(VersionRow.id.desc()).limit(limit))).all()

    async def prepare(
        self,
        kind: VersionKind,
        changes: Sequence[int],
        model: str,
        base: str,
        author: str,
        now: datetime,
        *,
        restores: int | None = None,
        job: int | None = None,
    ) -> VersionRow:
        """A version on its way; its content goes into the folder that it names.

        Raises:
            Underway: there is one on its way already.
        """
        async with writing(self._sessions, Place.PUBLISHING) as session:
            if is_postgresql(session):
                gone = VersionRow.state == VersionState.PREPARING, VersionRow.node.not_in(living())
                failed = {"state": VersionState.FAILED, "problem": "the machine that published it is gone"}
                await session.execute(update(VersionRow).where(*gone).values(failed))
            if await session.scalar(select(VersionRow.id).where(VersionRow.state == VersionState.PREPARING).limit(1)):
                raise Underway
            current = await _current(session)
            row = VersionRow(
                kind=kind,
                state=VersionState.PREPARING,
                changes=list(changes),
                model=model,
                content="",
                base=base,
                before=current and current.id,
                restores=restores,
                job=job,
                author=author,
                at=now,
                node=self._node,
            )
            session.add(row)
            await session.flush()
            row.content = f"version-{row.id}"
            return row

    async def first(self, model: str, content: str, base: str, author: str, now: datetime) -> VersionRow:
        """What the repository says, as the version before the first that is published; where there is none yet."""
        async with writing(self._sessions, Place.PUBLISHING) as session:
            if (current := await _current(session)) is not None:
                return current
            row = VersionRow(
                kind=VersionKind.CHECKOUT,
                state=VersionState.PUBLISHED,
                changes=[],
                model=model,
                content=content,
                base=base,
                author=author,
                at=now,
            )
            session.add(row)
            return row

    async def published(self, version: int, now: datetime, problem: str | None = None) -> None:
        """It runs now. Its changes are published; those it leaves out wait again."""
        async with writing(self._sessions, Place.PUBLISHING) as session:
            row = await session.get_one(VersionRow, version)
            if row.state == VersionState.PUBLISHED:
                return
            row.state, row.at, row.problem = VersionState.PUBLISHED, now, problem
            is_out = ChangeRow.state == ChangeState.PUBLISHED, ChangeRow.id.not_in(row.changes)
            await session.execute(update(ChangeRow).where(*is_out).values(state=ChangeState.STAGED))
            await session.execute(
                update(ChangeRow).where(ChangeRow.id.in_(row.changes)).values(state=ChangeState.PUBLISHED)
            )
            act = "version.rolled_back" if row.kind == VersionKind.ROLL_BACK else "version.published"
            before = None if row.before is None else f"version {row.before}"
            record(session, row.author, act, f"version {row.id}", now, before, f"{row.kind}, model {row.model}")

    async def failed(self, version: int, problem: str) -> None:
        """It never ran."""
        async with writing(self._sessions, Place.PUBLISHING) as session:
            row = await session.get_one(VersionRow, version)
            if row.state == VersionState.PREPARING:
                row.state, row.problem = VersionState.FAILED, problem

    async def settle(self, pointer: Pointer | None, now: datetime, problem: str) -> None:
        """After a start: what was on its way runs, if it is what is published, or never will."""
        async with self._sessions() as session:
            rows = await session.scalars(
                select(VersionRow.id).where(VersionRow.state == VersionState.PREPARING, of(VersionRow.node, self._node))
            )
            underway = rows.all()
        for version in underway:
            if pointer is not None and pointer.version == version:
                await self.published(version, now)
            else:
                await self.failed(version, problem)


async def _current(session: AsyncSession) -> VersionRow | None:
    return await session.scalar(
        select(VersionRow).where(VersionRow.state == VersionState.PUBLISHED).order_by(VersionRow.id.desc()).limit(1)
    )


def pointer_to(row: VersionRow, slot: Slot) -> Pointer:
    """What the file says of a version."""
    return Pointer(version=row.id, content=row.content, model=row.model, base=row.base, slot=slot)
