"""`python -m bot.evaluate.candidate <training>`: trains a candidate and compares it with what runs.

The process of bot/publishing/jobs.py. It keeps its state in the database, and ends with the process that started it.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.conversation.outcome import Outcome
from bot.evaluate.__main__ import QUESTIONS
from bot.evaluate.dialogues import Dialogue, load_dialogues
from bot.evaluate.judging import AskedOf, Judges, lines_before_form
from bot.evaluate.questions import Asked, Question, load
from bot.evaluate.two_models import PROCESSES, NotAsked, two_models
from bot.launch.built_models import BuiltModels, Origin
from bot.launch.correction import correct
from bot.launch.model import model_path, train
from bot.launch.preflight import CannotStart
from bot.log.journey import Decided
from bot.publishing.changes import (
    QUESTIONS as ASKED,
)
from bot.publishing.changes import Change, Changes, OutsideAdded, QuestionAdded, Staged, UnansweredAdded
from bot.publishing.comparison import Among, Compared, Comparison
from bot.publishing.composing import Breaches, compose
from bot.publishing.content import FOLDER
from bot.publishing.hints import request_of
from bot.publishing.jobs import Jobs
from bot.publishing.reviewed import reviewed_since
from bot.publishing.versions import Versions
from bot.review.expected import Expected
from bot.settings import ROOT, Settings
from bot.store.database import connect, sessions
from bot.store.publishing_tables import JobRow, JobState
from knowledge.base import KnowledgeBase
from knowledge.base import load as load_base
from knowledge.reading import ContentError

TOLD = 50
"""Questions after which the page hears how far it is."""
NICE = 10
MONTH = timedelta(days=31)
LOCK = ROOT / "environments/engine/requirements.lock"


class Failed(Exception):
    """There is no candidate; the message says why."""


def main() -> int:
    """Runs the training; returns the exit status."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.nice(NICE)
    asyncio.run(run(int(sys.argv[1]), Settings()))
    return 0


def _end_with_parent() -> None:
    """Whoever started us holds the other end of the standard input: when that is gone, so are we, and all of ours."""
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)


async def run(job_id: int, settings: Settings) -> None:
    """The whole of it."""
    engine = connect(settings.database)
    jobs = Jobs(sessions(engine))
    try:
        training = Training(await jobs.get(job_id), settings, jobs, Changes(jobs.sessions), Versions(jobs.sessions))
        result, model = await training.run()
    except (Failed, Breaches, CannotStart, ContentError) as error:
        await jobs.end(job_id, JobState.FAILED, datetime.now(UTC), problem=str(error))
    else:
        values = {"result": result.model_dump(mode="json"), "model": model.name}
        await jobs.end(job_id, JobState.DONE, datetime.now(UTC), **values)
    finally:
        await engine.dispose()


class Training:
    """One training with its comparison."""

    def __init__(self, row: JobRow, settings: Settings, jobs: Jobs, changes: Changes, versions: Versions) -> None:
        self._row, self._settings, self._jobs, self._changes, self._versions = row, settings, jobs, changes, versions
        self._began = time.monotonic()

    async def run(self) -> tuple[Comparison, Path]:
        """The comparison, and the candidate's file.

        Raises:
            Breaches: the content with the changes breaks a rule.
            CannotStart: Rasa could not train, or the model that runs is not as it was built.
            Failed: there is nothing to compare with.
        """
        old_model = self._settings.models / self._row.old_model
        if not old_model.is_file():
            raise Failed(f"the model that runs, {self._row.old_model or 'unknown'}, is not in {self._settings.models}")
        built = BuiltModels(self._settings.models, self._settings.models_record)
        await asyncio.to_thread(built.check, old_model)
        if not QUESTIONS.is_dir():
            raise Failed(f"{QUESTIONS} is missing; the development questions belong to the repository")
        await self._at("compose", 0, 1)
        staged = await self._changes.by_ids(self._row.changes)
        old_base, old_changes = await self._old()
        folder = self._settings.data / FOLDER / f"training-{self._row.id}"
        new = await asyncio.to_thread(compose, [one.change for one in (*old_changes, *staged)], folder, self._checkout)
        await self._at("train", 0, 1)
        try:
            candidate = model_path(self._settings.models, folder)
            if not candidate.exists() or await asyncio.to_thread(built.origin, candidate) is not Origin.OURS:
                await asyncio.to_thread(self._make, old_model, candidate, folder, [one.change for one in staged])
        finally:
            # What is published is composed anew, upon what is published by then.
            shutil.rmtree(folder, ignore_errors=True)
        asked = await self._questions(new.base, old_base, staged)
        dialogues = await asyncio.to_thread(load_dialogues, QUESTIONS, old_base)
        judges = await asyncio.to_thread(Judges, old_base, new.base)
        compared = await self._compared(asked, dialogues, judges, old_model, candidate)
        return Comparison.of(compared, time.monotonic() - self._began), candidate

    def _make(self, old: Path, candidate: Path, folder: Path, changes: Sequence[Change]) -> None:
        """Corrects the model that runs, where questions are all there is and that is enough; trains otherwise."""
        record = self._settings.models_record
        questions = [(one.text, request_of(one)) for one in changes if isinstance(one, ASKED)]
        if len(questions) == len(changes) > 0 and correct(old, candidate, questions, record):
            return
        train(self._settings.models, folder, record)

    @property
    def _checkout(self) -> Path:
        """As the desk saw it when it began; what is published was made upon that."""
        found = sorted((self._settings.data / FOLDER).glob("checkout-*"), key=lambda path: path.stat().st_mtime)
        return found[-1] if found else ROOT

    async def _old(self) -> tuple[KnowledgeBase, Sequence[Staged]]:
        current = await self._versions.current()
        if current is None:
            return await asyncio.to_thread(load_base), ()
        content = self._settings.data / FOLDER / current.content / "knowledge"
        return await asyncio.to_thread(load_base, content), await self._changes.by_ids(current.changes)

    async def _questions(
        self, base: KnowledgeBase, old_base: KnowledgeBase, staged: Sequence[Staged]
    ) -> Sequence[AskedOf]:
        """Everything to ask. Entries that are new are nothing that the development questions could name."""
        development = await asyncio.to_thread(load, QUESTIONS, old_base)
        asked = [(Among.DEVELOPMENT, one) for one in development]
        asked += [(Among.STAGED, _of_change(one.change, base)) for one in staged if isinstance(one.change, ASKED)]
        changed = {(one.change.text, one.change.language) for one in staged if isinstance(one.change, ASKED)}
        turns = await reviewed_since(self._jobs.sessions, datetime.now(UTC) - MONTH)
        decided = await Expected(self._jobs.sessions, lambda: base.entries).of([turn.id for turn in turns])
        for turn in turns:
            right = decided.get(turn.id, Decided(turn.outcome, turn.entry))
            is_known = right.entry is None or right.entry in base.entries
            if right.outcome is not None and is_known and (turn.text, turn.language) not in changed:
                entries = (right.entry,) if right.entry else ()
                asked.append((Among.REVIEWED, _asked(turn.text, turn.language, right.outcome, "none", entries)))
        return asked

    async def _compared(
        self, asked: Sequence[AskedOf], dialogues: Sequence[Dialogue], judges: Judges, old: Path, new: Path
    ) -> list[Compared]:
        """How both models did on all of it, shared out to the processes."""
        parts: list[list[Compared]] = [[] for _ in range(PROCESSES)]
        total = len(asked) + sum(len(lines_before_form(one)) for one in dialogues)

        async def part(at: int) -> None:
            async with two_models(old, new, self._vectors / str(at)) as models:
                for all_of_a_kind in (
                    judges.questions(asked[at::PROCESSES], models),
                    judges.dialogues(dialogues[at::PROCESSES], models),
                ):
                    async for one in all_of_a_kind:
                        parts[at].append(one)
                        if len(parts[at]) % TOLD == 0:
                            await self._at("ask", sum(map(len, parts)), total)

        await self._at("ask", 0, total)
        try:
            await asyncio.gather(*(part(at) for at in range(PROCESSES)))
        except NotAsked as error:
            raise Failed(str(error)) from error
        return [one for part in parts for one in part]

    @property
    def _vectors(self) -> Path:
        """Where the questions' vectors are kept, as long as the encoders stay the same."""
        encoders = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]
        return self._settings.models / "vectors" / f"questions-{encoders}"

    async def _at(self, step: str, done: int, total: int) -> None:
        await self._jobs.progress(self._row.id, step, done, total)


def _of_change(change: Change, base: KnowledgeBase) -> Asked:
    """A change as a question, with what it says would be right."""
    match change:
        case QuestionAdded():
            entry = base.entries[change.entry]
            expect = Outcome.ANSWER if entry.answered else Outcome.REFER
            return _asked(change.text, change.language, expect, entry.area, (entry.id,))
        case OutsideAdded():
            return _asked(change.text, change.language, Outcome.OUT_OF_SCOPE, "none", ())
        case UnansweredAdded():
            return _asked(change.text, change.language, Outcome.REFER, change.area, ())
        case _:
            raise TypeError(f"{change.kind} is no question")


def _asked(text: str, language: Any, expect: Outcome, area: str, entries: tuple[str, ...]) -> Asked:
    question = Question(text=text, style="said", expect=expect, entries=entries)
    return Asked(question=question, area=area, language=language, asked_in="")


if __name__ == "__main__":
    sys.exit(main())
