"""Trainings of candidates: the record of them, and their processes. One runs at a time."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from bot.settings import ROOT, Settings
from bot.store.database import Sessions, is_postgresql
from bot.store.nodes import living, of
from bot.store.publishing_tables import JobRow, JobState
from bot.store.trail import record

log = structlog.get_logger(__name__)

STEPS = ("compose", "train", "ask")
PROGRAM = "bot.evaluate.candidate"
"""The process's own module; it stands above this room, so that it is named and not imported."""
LAST_WORDS = 2000
"""Characters of what a process that failed has said."""


class UnknownJob(LookupError):
    """There is no training of this id."""


class Busy(RuntimeError):
    """A training runs already."""


class NotComplete(ValueError):
    """The training has no candidate that could be published."""


class Jobs:
    """The record of trainings. Every method is one transaction."""

    def __init__(self, sessions: Sessions, node: str | None = None) -> None:
        self._sessions, self._node = sessions, node

    @property
    def sessions(self) -> Sessions:
        """Of the database."""
        return self._sessions

    async def begin(
        self, changes: Sequence[int], old_model: str, version: int | None, author: str, now: datetime
    ) -> JobRow:
        """A training that runs from now on.

        Raises:
            Busy: another runs.
        """
        row = JobRow(
            state=JobState.RUNNING,
            step=STEPS[0],
            done=0,
            total=1,
            changes=list(changes),
            old_model=old_model,
            version=version,
            author=author,
            at=now,
            node=self._node,
        )
        try:
            async with self._sessions.begin() as session:
                if is_postgresql(session):
                    gone = JobRow.state == JobState.RUNNING, JobRow.node.not_in(living())
                    ended = {"state": JobState.INTERRUPTED, "ended_at": now}
                    await session.execute(update(JobRow).where(*gone).values(ended))
                session.add(row)
                await session.flush()
                record(session, author, "model.trained", f"training {row.id}", now, after=f"{len(changes)} changes")
        except IntegrityError:
            raise Busy from None
        return row

    async def get(self, job: int) -> JobRow:
        """One of them.

        Raises:
            UnknownJob: there is none of this id.
        """
        async with self._sessions() as session:
            row = await session.get(JobRow, job)
        if row is None:
            raise UnknownJob(job)
        return row

    async def newest(self, limit: int = 20) -> Sequence[JobRow]:
        """The newest first."""
        async with self._sessions() as session:
            return (await session.scalars(select(JobRow).order_by(JobRow.id.desc()).limit(limit))).all()

    async def progress(self, job: int, step: str, done: int, total: int) -> None:
        """How far it is."""
        await self._set(job, step=step, done=done, total=total)

    async def end(self, job: int, state: JobState, now: datetime, **values: Any) -> None:
        """It has ended; nothing where it had already."""
        await self._set(job, state=state, ended_at=now, **values)

    async def interrupt(self, now: datetime) -> None:
        """Those that ran in another life of this process have ended with it."""
        async with self._sessions.begin() as session:
            running = update(JobRow).where(JobRow.state == JobState.RUNNING, of(JobRow.node, self._node))
            await session.execute(running.values(state=JobState.INTERRUPTED, ended_at=now))

    async def _set(self, job: int, **values: Any) -> None:
        async with self._sessions.begin() as session:
            is_it = JobRow.id == job, JobRow.state == JobState.RUNNING
            await session.execute(update(JobRow).where(*is_it).values(**values))


class Trainings:
    """Starts and ends the processes of trainings. Each watches its standard input, and ends when we do."""

    def __init__(self, settings: Settings, jobs: Jobs) -> None:
        self._settings, self._jobs = settings, jobs
        self._process: asyncio.subprocess.Process | None = None
        self._watching: asyncio.Task[None] | None = None
        self._job: int | None = None

    async def start(
        self, changes: Sequence[int], old_model: str, version: int | None, author: str, now: datetime
    ) -> JobRow:
        """Begins one.

        Raises:
            Busy: another runs.
        """
        row = await self._jobs.begin(changes, old_model, version, author, now)
        self._job = row.id
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", PROGRAM, str(row.id)),
            cwd=ROOT,
            env=self._environment(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            # A group of its own, which ends as a whole.
            start_new_session=True,
        )
        self._watching = asyncio.create_task(self._watch(row.id, self._process))
        return row

    async def cancel(self, job: int, now: datetime) -> None:
        """Ends one; nothing where it has ended.

        Raises:
            UnknownJob: there is none of this id.
        """
        row = await self._jobs.get(job)
        if row.state != JobState.RUNNING:
            return
        await self._jobs.end(job, JobState.CANCELLED, now)
        self._kill()

    async def heed(self) -> None:
        """Ends what runs where another machine has cancelled it."""
        runs = self._process is not None and self._process.returncode is None
        if runs and self._job is not None and (await self._jobs.get(self._job)).state == JobState.CANCELLED:
            self._kill()

    async def close(self) -> None:
        """Ends what runs; the next start marks it as interrupted."""
        self._kill()
        await self.wait()

    async def wait(self) -> None:
        """Until none runs."""
        if self._watching is not None:
            await self._watching

    async def _watch(self, job: int, process: asyncio.subprocess.Process) -> None:
        # Not communicate(), which would close the standard input.
        said = (await process.stderr.read())[-LAST_WORDS:].decode("utf-8", "replace") if process.stderr else ""
        status = await process.wait()
        row = await self._jobs.get(job)
        if status and row.state == JobState.RUNNING and status != -signal.SIGKILL:
            log.error("training.failed", job=job, status=status)
            problem = said.strip() or f"its process ended with status {status}"
            await self._jobs.end(job, JobState.FAILED, datetime.now(UTC), problem=problem)

    def _kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _environment(self) -> dict[str, str]:
        one = self._settings
        places = {"DATA_DIR": str(one.data), "MODELS_DIR": str(one.models), "DATABASE_URL": one.database}
        return {**os.environ, **places}
