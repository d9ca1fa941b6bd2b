"""Publishes: composes a version's content, has an engine take its model, and goes over to it in one moment.

The order of the steps is what keeps one of two engines serving whatever ends when (docs/decisions/0010-publishing.md):
the second engine is ready before the file that says what is published is written, that file is written before anything
is served from it, and the first engine ends last.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from bot.publishing import pointer
from bot.publishing.changes import AnswerEdited, Changes
from bot.publishing.composing import compose
from bot.publishing.content import FOLDER, copy_content, fingerprint
from bot.publishing.engines import Engines, NotStarted, model_file
from bot.publishing.jobs import Jobs, NotComplete
from bot.publishing.served import Served
from bot.publishing.versions import Versions, pointer_to
from bot.settings import ROOT, Settings
from bot.store.publishing_tables import JobState, VersionKind, VersionRow
from knowledge.base import KnowledgeBase, load

log = structlog.get_logger(__name__)

DRAIN_SECONDS = 60.0
"""How long the first engine may take over what it was asked before the second was there."""
KEPT = 5
"""Versions, and trainings, whose models are kept: as many roll backs are possible."""
KNOWN = 100
"""Versions and trainings among whose models those to remove are looked for."""
INTERRUPTED = "it was interrupted before its engine was ready"


class Stale(ValueError):
    """Something else was published since."""


class CannotFollow(RuntimeError):
    """What another machine has published does not fit this one."""


class NothingBefore(LookupError):
    """There is no version to go back to."""


@dataclass(frozen=True)
class _Wanted:
    """A version as it is asked for."""

    kind: VersionKind
    changes: Sequence[int]
    model: str
    author: str
    restores: VersionRow | None = None
    job: int | None = None


class Publisher:
    """Everything that changes what is served. One thing at a time."""

    def __init__(
        self, settings: Settings, versions: Versions, changes: Changes, jobs: Jobs, served: Served, engines: Engines
    ) -> None:
        self._data, self._models = settings.data, settings.models
        self._versions, self._changes, self._jobs = versions, changes, jobs
        self._served, self._engines = served, engines
        self._base: str | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._turning = asyncio.Lock()

    async def settle(self, now: datetime) -> None:
        """After a start: brings the record and the engines in line with what is published."""
        published = pointer.read(self._data)
        await self._versions.settle(published, now, INTERRUPTED)
        await self._jobs.interrupt(now)
        if self._engines.supervised:
            # To end an engine takes seconds, which nobody should have to wait for.
            self._in_background(self._settle_engines())

    async def _settle_engines(self) -> None:
        async with self._turning:
            try:
                await self._engines.keep(self._served.slot)
                await self._engines.stop(self._served.slot.other)
            except NotStarted as error:
                log.warning("engines.not_settled", reason=str(error))

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def publish_job(self, job_id: int, author: str, now: datetime) -> VersionRow:
        """Begins to publish a candidate and its changes; what comes of it is in the record of versions.

        Raises:
            NotComplete: it is not ready, or failed.
            Stale: another model was published since it was begun.
            Breaches: its changes no longer fit what is published.
            Underway: another version is on its way.
        """
        job = await self._jobs.get(job_id)
        if job.state != JobState.DONE or job.model is None:
            raise NotComplete(job_id)
        current = await self._current(author, now)
        if current.model != job.old_model:
            raise Stale(job_id)
        changes = _together(current.changes, job.changes)
        return await self._begin(_Wanted(VersionKind.MODEL, changes, job.model, author, job=job.id), now)

    async def publish_answers(self, changes: Iterable[int], author: str, now: datetime) -> VersionRow:
        """Publishes edits of answers with the model there is.

        Raises:
            Breaches: the content with them would break a rule.
            Underway: another version is on its way.
            ValueError: one of them is no edit of an answer.
        """
        wanted = await self._changes.by_ids(changes)
        if not all(isinstance(one.change, AnswerEdited) for one in wanted):
            raise ValueError("only edits of answers are published without training")
        current = await self._current(author, now)
        together = _together(current.changes, [one.id for one in wanted])
        return await self._begin(_Wanted(VersionKind.ANSWERS, together, current.model, author), now)

    async def roll_back(self, author: str, now: datetime) -> VersionRow:
        """Goes back to the content and the model of the version before; asked again, to the one before that.

        Raises:
            NothingBefore: there is none, or its model is gone.
            Underway: another version is on its way.
        """
        current = await self._versions.current()
        target = await self.target_of(current) if current else None
        if target is None or not (self._models / target.model).exists():
            raise NothingBefore
        wanted = _Wanted(VersionKind.ROLL_BACK, target.changes, target.model, author, restores=target)
        return await self._begin(wanted, now)

    async def target_of(self, current: VersionRow) -> VersionRow | None:
        """The version that a roll back goes back to: the one before what runs, whichever way that came to run."""
        runs = current
        while runs.restores is not None:
            runs = await self._versions.get(runs.restores)
        return await self._versions.get(runs.before) if runs.before is not None else None

    async def undo(self, version_id: int, author: str, now: datetime) -> VersionRow:
        """Publishes what is there without the answers that one version edited.

        Raises:
            Breaches: what was edited since rests on them.
            Stale: they are not in force.
            Underway: another version is on its way.
            UnknownVersion: there is none of this id.
        """
        version = await self._versions.get(version_id)
        before = await self._versions.get(version.before) if version.before is not None else None
        added = set(version.changes) - set(before.changes if before else ())
        current = await self._current(author, now)
        if version.kind != VersionKind.ANSWERS or not added or not added <= set(current.changes):
            raise Stale(version_id)
        left = [one for one in current.changes if one not in added]
        return await self._begin(_Wanted(VersionKind.ANSWERS, left, current.model, author), now)

    async def follow(self, row: VersionRow) -> None:
        """Takes over what another machine has published; nothing where it runs here already.

        Raises:
            Breaches: its changes do not fit the checkout.
            CannotFollow: it was made on another checkout, or its model is not there.
            NotStarted: the other engine did not become ready.
        """
        async with self._turning:
            here = pointer.read(self._data)
            if row.kind == VersionKind.CHECKOUT or (here is not None and here.version >= row.id):
                return
            source = await self.checkout()
            if row.base != self._base:
                raise CannotFollow(f"it was made on checkout {row.base}, and this is {self._base}")
            if not (self._models / row.model).exists():
                raise CannotFollow(f"its model {row.model} is not in the folder of models")
            changes = [one.change for one in await self._changes.by_ids(row.changes)]
            composed = await asyncio.to_thread(compose, changes, self._folder(row.content), source)
            before = self._served.slot
            if row.model == (here.model if here else self._first_model()):
                self._serve(row, composed.base, before)
                return
            await self._engines.start(before.other, self._models / row.model)
            self._serve(row, composed.base, before.other)
            await self._drained(before)
            await self._engines.stop(before)

    async def content_now(self) -> Path:
        """The folder of what is served."""
        current = await self._versions.current()
        return self._folder(current.content) if current else await self.checkout()

    async def checkout(self) -> Path:
        """The checkout's content as it was when this process began: what changes are applied to."""
        if self._base is None:
            self._base = await asyncio.to_thread(fingerprint)
        folder = self._folder(f"checkout-{self._base}")
        if not folder.exists():
            folder.parent.mkdir(parents=True, exist_ok=True)
            await asyncio.to_thread(copy_content, ROOT, folder)
        return folder

    async def model_now(self) -> str:
        """The model that runs, by its file's name."""
        current = await self._versions.current()
        return current.model if current else self._first_model()

    async def close(self) -> None:
        """Leaves what is on its way; the next start settles it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def wait(self) -> None:
        """Until nothing is on its way."""
        await asyncio.gather(*self._tasks)

    def _folder(self, name: str) -> Path:
        return self._data / FOLDER / name

    def _first_model(self) -> str:
        path = model_file(self._data, self._served.slot)
        return Path(path.read_text(encoding="utf-8")).name if path.exists() else ""

    async def _current(self, author: str, now: datetime) -> VersionRow:
        """What runs, and a record of it if that is what the repository says."""
        checkout = await self.checkout()
        return await self._versions.first(self._first_model(), checkout.name, self._base or "", author, now)

    async def _begin(self, wanted: _Wanted, now: datetime) -> VersionRow:
        current = await self._current(wanted.author, now)
        row = await self._versions.prepare(
            wanted.kind,
            wanted.changes,
            wanted.model,
            wanted.restores.base if wanted.restores else current.base,
            wanted.author,
            now,
            restores=wanted.restores.id if wanted.restores else None,
            job=wanted.job,
        )
        try:
            base = await self._compose(row, wanted)
        except BaseException as error:
            await self._versions.failed(row.id, str(error) or INTERRUPTED)
            raise
        if row.model == current.model:
            # Nothing has to be waited for.
            await self._go_over(row, base, now)
        else:
            self._in_background(self._with_another_engine(row, base, now))
        return row

    async def _compose(self, row: VersionRow, wanted: _Wanted) -> KnowledgeBase:
        folder = self._folder(row.content)
        # Another machine may have published it before this one was there: then it is made again from its changes.
        if wanted.restores is not None and self._folder(wanted.restores.content).exists():
            await asyncio.to_thread(copy_content, self._folder(wanted.restores.content), folder)
            return await asyncio.to_thread(load, folder / "knowledge")
        source = await self.checkout()
        changes = [one.change for one in await self._changes.by_ids(wanted.changes)]
        return (await asyncio.to_thread(compose, changes, folder, source)).base

    async def _with_another_engine(self, row: VersionRow, base: KnowledgeBase, now: datetime) -> None:
        """Blue and green: the other engine first, then everything else."""
        async with self._turning:
            before = self._served.slot
            try:
                await self._engines.start(before.other, self._models / row.model)
            except NotStarted as error:
                log.error("publishing.failed", version=row.id, reason=str(error))
                await self._versions.failed(row.id, str(error))
                return
            await self._go_over(row, base, now, before.other)
            await self._drained(before)
            try:
                await self._engines.stop(before)
            except NotStarted as error:
                log.warning("engines.not_stopped", reason=str(error))
            await self._forget_models()

    async def _forget_models(self) -> None:
        """Removes models of ours that nothing newer than a handful of versions and trainings names."""
        jobs, versions = await self._jobs.newest(KNOWN), await self._versions.newest(KNOWN)
        models = list(dict.fromkeys(filter(None, [*(row.model for row in versions), *(row.model for row in jobs)])))
        kept = {row.model for row in versions[:KEPT]} | {row.model for row in jobs[:KEPT]}
        # Those a start has made belong to the checkout.
        kept |= {row.model for row in versions if row.kind in (VersionKind.CHECKOUT, VersionKind.REBASED)}
        for model in models:
            if model not in kept:
                (self._models / model).unlink(missing_ok=True)

    async def _go_over(
        self, row: VersionRow, base: KnowledgeBase, now: datetime, slot: pointer.Slot | None = None
    ) -> None:
        self._serve(row, base, slot or self._served.slot)
        await self._versions.published(row.id, now)

    def _serve(self, row: VersionRow, base: KnowledgeBase, slot: pointer.Slot) -> None:
        pointer.write(self._data, pointer_to(row, slot))
        self._served.take(base, slot)
        log.info("published", version=row.id, model=row.model, slot=slot)

    async def _drained(self, slot: pointer.Slot) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._served.idle(slot), DRAIN_SECONDS)


def _together(first: Sequence[int], then: Sequence[int]) -> list[int]:
    return list(dict.fromkeys((*first, *then)))
