"""What time does to cases: a reminder, once, and an end to what nobody takes further."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from bot.cases.letters import Letters
from bot.cases.working_days import WorkingDays, today
from bot.settings import HandoffSettings
from bot.store.case_states import WAITING
from bot.store.case_tables import CaseRow, LetterKind
from bot.store.cases import Cases
from bot.store.inbox import Inbox
from bot.store.outbox import Outbox

log = structlog.get_logger(__name__)


class Ageing:
    """Looks at what is old; `now` is given, so that it can be any day."""

    def __init__(
        self,
        settings: HandoffSettings,
        cases: Cases,
        outbox: Outbox,
        inbox: Inbox,
        letters: Letters,
        folder: Path,
    ) -> None:
        """`folder` is where letters become files when no mail server is set."""
        self._settings, self._letters, self._folder = settings, letters, folder
        self._cases, self._outbox, self._inbox = cases, outbox, inbox
        self._working_days = WorkingDays(settings.closed_on)

    async def pass_by(self, now: datetime) -> None:
        """Reminds, expires, closes and erases what is due on this day."""
        for case in await self._cases.to_remind(self._working_days.before(now, self._settings.remind_days)):
            letters = await self._outbox.of_case(case.key)
            question = next((one for one in letters if one.kind == LetterKind.QUESTION), None)
            if await self._cases.remind(case.key, self._letters.reminder(case, question, now), now):
                log.info("case.reminded", reference=case.reference)
        changed = await self._cases.age(
            now,
            draft=timedelta(hours=self._settings.draft_hours),
            answered=timedelta(days=self._settings.close_days),
            unanswered=timedelta(days=self._settings.expire_days),
        )
        if changed:
            log.info("cases.aged", changed=changed)
        for letter in await self._cases.forget(now - timedelta(days=self._settings.case_days)):
            await asyncio.to_thread((self._folder / letter).unlink, missing_ok=True)
            log.info("letter.forgotten", file=letter)
        lapsed = await self._inbox.lapse(now - timedelta(days=self._settings.aside_days), now)
        if lapsed:
            log.info("mail.lapsed", count=lapsed)


def is_overdue(case: CaseRow, now: datetime) -> bool:
    """Whether the day has passed by which the delegate was told to expect an answer, and there is none."""
    return case.state in WAITING and case.answer_by is not None and case.answer_by < today(now)
