"""Erases everything that belongs to one conversation or one e-mail address, from every table and every file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.privacy.erased import Erased
from bot.privacy.gathering import Rows, gather, plain, texts
from bot.privacy.process_logs import SHORTEST, ProcessLogs
from bot.privacy.subject import Found, Subject, find
from bot.settings import Settings
from bot.store import turn_words
from bot.store.case_tables import CaseRow, InboxRow, file_name
from bot.store.conversations import Conversations, erase_conversation
from bot.store.database import Place, Sessions, writing
from bot.store.publishing_tables import ChangeRow, ChangeState, JobRow
from bot.store.review_tables import ReviewDecisionRow, ReviewItemRow, ReviewTurnRow
from bot.store.tracker_events import TrackerEvents
from bot.store.trail import record

ERASED = "[erased]"
"""In place of a text in what is kept of others' work."""
ERASE, EXPORT = "data.erased", "data.exported"
"""As the trail says it."""


@dataclass(frozen=True)
class Outcome:
    """What was erased, in counts, and what of it stays because it was published."""

    conversations: int = 0
    cases: int = 0
    messages: int = 0
    """That came in by e-mail, of these cases and others."""
    letters: int = 0
    lines: int = 0
    """Places in the processes' logs."""
    published: tuple[int, ...] = ()
    """Changes that were published: an editor has to publish another."""

    def __bool__(self) -> bool:
        """Whether there was anything."""
        return bool(self.conversations or self.cases or self.messages or self.lines)


class Privacy:
    """The export and the erasure. Both are in the trail, which names no address."""

    def __init__(self, settings: Settings, sessions: Sessions, clock: Callable[[], datetime]) -> None:
        self._sessions, self._clock = sessions, clock
        self._conversations = Conversations(sessions)
        self._written = TrackerEvents.of(sessions, settings.tracker_file, settings.spool_file)
        self._outbox = settings.data / "outbox"
        self._logs = ProcessLogs(settings.data / "log")
        self._erased = Erased(settings.data / "erased.jsonl")

    async def export(self, subject: Subject, by: str) -> dict[str, Any]:
        """Everything that is kept of the subject, table by table, and what else has it; for JSON."""
        async with self._sessions.begin() as session:
            found = await find(session, subject)
            rows = await gather(session, found)
            known = [*texts(rows), *([subject.email] if subject.email else [])]
            record(session, by, EXPORT, str(subject), self._clock())
            content: dict[str, Any] = plain(rows)
        content["engine"] = await self._written.said_in(*found.conversations)
        content["outbox_files"] = [path.name for path in self._files(rows) if path.exists()]
        content["process_logs"] = [{"file": path.name, "line": line} for path, line in self._logs.find(known)]
        return content

    async def erase(self, subject: Subject, by: str) -> Outcome:
        """Erases it, and returns when the files are free of it, or as `Conversations.erase` says."""
        now = self._clock()
        everywhere = (Place.CASES, Place.RECORD, Place.REVIEW, Place.PUBLISHING)
        async with writing(self._sessions, *everywhere) as session:
            found = await find(session, subject)
            rows = await gather(session, found)
            known = {*texts(rows), *([subject.email] if subject.email else [])}
            published = await _erase(session, found, rows, known)
            record(session, by, ERASE, str(subject), now)
            self._erased.note(session, subject, now)
        await self._written.erase(*found.conversations)
        for path in self._files(rows):
            path.unlink(missing_ok=True)
        lines = self._logs.blank(known)
        await self._tidy()
        await self._conversations.remove_traces()
        return Outcome(
            conversations=len(found.conversations),
            cases=len(found.cases),
            messages=len(rows["inbox"]),
            letters=len(rows["outbox"]),
            lines=lines,
            published=tuple(published),
        )

    async def erase_again(self, by: str) -> int:
        """Erases once more all that ever was, as after a backup was put back; how many of it was there again."""
        again = 0
        for subject in self._erased.subjects():
            again += bool(await self.erase(subject, by))
        return again

    async def close(self) -> None:
        """Ends what still goes on in the background."""
        await self._conversations.close()
        await self._written.close()

    def _files(self, rows: Rows) -> list[Any]:
        names: list[str] = [file_name(letter) for letter in rows["outbox"]]  # type: ignore[arg-type]
        return [self._outbox / end for name in names for end in (name, name.removesuffix(".eml") + ".part")]

    async def _tidy(self) -> None:
        more = True
        while more:
            async with writing(self._sessions, Place.RECORD) as session:
                more = await turn_words.tidy(session)


async def _erase(session: AsyncSession, found: Found, rows: Rows, known: set[str]) -> Sequence[int]:
    """Deletes the rows; returns the changes among them that are published."""
    turns = [row.id for row in rows["turns"]]  # type: ignore[attr-defined]
    published = await _erase_changes(session, turns, rows)
    await _erase_results(session, {text for text in known if len(text) >= SHORTEST})
    await session.execute(update(ReviewDecisionRow).where(ReviewDecisionRow.turn_id.in_(turns)).values(comment=None))
    for conversation in found.conversations:
        await erase_conversation(session, conversation)
    # What belongs to a case goes by the foreign keys' ON DELETE CASCADE.
    await session.execute(delete(CaseRow).where(CaseRow.key.in_(found.cases)))
    await session.execute(delete(InboxRow).where(InboxRow.id.in_(found.mails)))
    return published


async def _erase_changes(session: AsyncSession, turns: Sequence[int], rows: Rows) -> Sequence[int]:
    """Deletes what was staged of these turns' words, or of these cases, and of nobody else's."""
    others = (
        select(ReviewTurnRow.item_id)
        .where(
            ReviewTurnRow.item_id.in_(select(ReviewTurnRow.item_id).where(ReviewTurnRow.turn_id.in_(turns))),
            ReviewTurnRow.turn_id.not_in(turns),
        )
        .distinct()
    )
    shared = {f"review:{item}" for item in (await session.scalars(others)).all()}
    theirs: list[ChangeRow] = [one for one in rows["content_changes"] if one.because not in shared]  # type: ignore[attr-defined,misc]
    published = [one.id for one in theirs if one.state == ChangeState.PUBLISHED]
    gone = [one.id for one in theirs if one.state != ChangeState.PUBLISHED]
    await session.execute(update(ReviewItemRow).where(ReviewItemRow.change_id.in_(gone)).values(change_id=None))
    await session.execute(delete(ChangeRow).where(ChangeRow.id.in_(gone)))
    return published


async def _erase_results(session: AsyncSession, known: set[str]) -> None:
    """Takes these texts out of the comparisons of trainings, in which they may have been asked."""
    for job in (await session.scalars(select(JobRow).where(JobRow.result.is_not(None)))).all():
        without = _without(job.result, known)
        if without != job.result:
            job.result = without


def _without(value: Any, known: set[str]) -> Any:
    match value:
        case str():
            return ERASED if value in known else value
        case dict():
            return {key: _without(one, known) for key, one in value.items()}
        case list():
            return [_without(one, known) for one in value]
    return value
