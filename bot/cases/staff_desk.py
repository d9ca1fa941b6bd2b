"""What staff do to cases, whichever way they ask for it. `by` names who did, and is recorded with what was done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from bot.cases.answers import Answers
from bot.cases.desk import checked_address, message_id_domain
from bot.cases.letters import Letters
from bot.settings import HandoffSettings
from bot.store.case_states import CaseState, check
from bot.store.case_tables import CaseRow, InboxRow
from bot.store.cases import Cases
from bot.store.database import Sessions
from bot.store.inbox import Inbox, NotAside, Unfit, acceptable
from bot.store.outbox import Outbox
from knowledge.base import KnowledgeBase


class StaffDesk:
    """Changes cases by hand; every step is an event of the case."""

    def __init__(
        self,
        settings: HandoffSettings,
        sessions: Sessions,
        base: KnowledgeBase,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._cases, self._outbox, self._inbox = Cases(sessions), Outbox(sessions), Inbox(sessions)
        self._letters = Letters(base, message_id_domain(settings))
        self._answers = Answers(base, self._outbox, self._letters)
        self._clock = clock

    async def accept(self, mail_id: int, reference: str | None = None, by: str = "staff") -> str:
        """Makes a message the answer of the case it belongs to, or of the one named, and sends it to the delegate.

        Returns the case's reference.

        Raises:
            NotAside, NotPermitted, UnknownCase, UnknownMail: as `answerable` says.
        """
        now = self._clock()
        mail, files, case = await self.answerable(mail_id, reference)
        letter = await self._answers.letter(case, mail.text, files, now)
        reply = self._answers.reply(case, mail.text, files)
        await self._inbox.accept(mail_id, case.key, letter, reply, f"accepted by {by}", now)
        return case.reference or ""

    async def answerable(self, mail_id: int, reference: str | None = None) -> tuple[InboxRow, Sequence[str], CaseRow]:
        """A message, the names of its files, and the case whose answer it would be if it were accepted.

        Raises:
            NotAside: the message is not set aside, says nothing, or belongs to no case and none is named.
            NotPermitted: the case can have no answer.
            UnknownCase: there is no case of this reference.
            UnknownMail: there is no such message.
        """
        mail = await self._inbox.mail(mail_id)
        acceptable(mail)
        files = (await self._inbox.file_names([mail_id])).get(mail_id, ())
        if not mail.text and not files:
            raise NotAside(Unfit.EMPTY, f"message {mail_id} has neither text nor files")
        case = await self._case(mail_id, mail.case_key, reference)
        check(CaseState(case.state), CaseState.ANSWERED)
        return mail, files, case

    async def refuse(self, mail_id: int, by: str = "staff") -> None:
        """Discards a message that was set aside; it can still be accepted for as long as it is kept.

        Raises:
            NotAside: it is not set aside.
            UnknownMail: there is no such message.
        """
        await self._inbox.refuse(mail_id, f"refused by {by}", self._clock())

    async def resend(self, reference: str, by: str = "staff") -> int:
        """Sends what failed again, and what waits now; the question where neither is. Returns how many letters.

        Raises:
            NotPermitted: nothing failed or waits, and the case is answered or closed.
            UnknownCase: there is no such case.
        """
        return await self._outbox.send_again(reference, self._letters.anew, f"by {by}", self._clock())

    async def correct_address(self, reference: str, address: str, by: str = "staff") -> int:
        """Gives the delegate this address, and sends there what did not reach the old one; how many letters.

        Raises:
            CannotTake: it is no address.
            UnknownCase: there is no such case.
        """
        checked = checked_address(address)
        return await self._outbox.correct_address(reference, checked, self._letters.anew, f"by {by}", self._clock())

    async def close(self, reference: str, by: str = "staff") -> None:
        """Closes a case.

        Raises:
            NotPermitted: it is closed already.
            UnknownCase: there is no such case.
        """
        await self._cases.close(reference, self._clock(), f"by {by}")

    async def _case(self, mail_id: int, key: str | None, reference: str | None) -> CaseRow:
        if reference is not None:
            return await self._cases.by_reference(reference)
        case = await self._cases.by_key(key) if key else None
        if case is None:
            raise NotAside(Unfit.NO_CASE, f"message {mail_id} belongs to no case; name the one it answers")
        return case
