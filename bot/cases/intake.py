"""Takes a message that came in, by whichever way: reads it, judges it, keeps it with all that follows from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from bot.cases.answers import Answers
from bot.cases.letters import Letters
from bot.cases.replies import Incoming, Verdict, fingerprint, judge, read
from bot.settings import HandoffSettings
from bot.store.case_tables import AttachmentRow, CaseRow, InboxRow, LetterKind, MailKind, OutboxRow
from bot.store.inbox import SPARE, Arrival, Inbox
from bot.store.outbox import Outbox

log = structlog.get_logger(__name__)

MOST_FOLLOW_UPS = 20
"""Of one case that are passed on to the contact; further ones are kept only."""


class Intake:
    """Every message is kept exactly once, however often it is handed over."""

    def __init__(
        self,
        settings: HandoffSettings,
        inbox: Inbox,
        outbox: Outbox,
        letters: Letters,
        answers: Answers,
        clock: Callable[[], datetime],
    ) -> None:
        self._settings, self._inbox, self._outbox = settings, inbox, outbox
        self._letters, self._answers, self._clock = letters, answers, clock

    async def take(self, raw: bytes, recipients: Sequence[str] = ()) -> MailKind | None:
        """Keeps a message once this returns; the kind it was taken for, or nothing where it came before."""
        now = self._clock()
        try:
            incoming = read(raw, self._settings.replies_to, recipients)
        except Exception:
            log.exception("mail.unreadable")
            mail = _row(raw, fingerprint(raw), None, Verdict(MailKind.STRANGER, "it cannot be read"), now)
            return await self._keep(Arrival(mail), now)
        found = await self._inbox.letter_named(incoming.tokens, incoming.references)
        letter, case = found or (None, None)
        verdict = judge(incoming, letter, case, self._who_may_answer(letter))
        belongs = verdict.kind is not MailKind.STRANGER or letter is not None
        mail = _row(raw, incoming.fingerprint, case.key if case and belongs else None, verdict, now, incoming)
        files = tuple(
            AttachmentRow(part=one.part, name=one.name, media_type=one.media_type[:200], size=one.size)
            for one in incoming.files
        )
        arrival = Arrival(mail, files, bounced=letter.id if letter and verdict.kind is MailKind.BOUNCE else None)
        if case is not None:
            arrival = await self._with_what_follows(arrival, incoming, case, now)
        kept = await self._keep(arrival, now)
        if kept:
            log.info("mail.kept", kind=kept, reference=case.reference if case else None)
        return kept

    async def _keep(self, arrival: Arrival, now: datetime) -> MailKind | None:
        """Whole, where it is or may become an answer, or is passed on; else only how it begins."""
        mail = arrival.mail
        if not arrival.letters and not (mail.kind == MailKind.STRANGER and mail.case_key):
            mail.raw = mail.raw[: self._settings.aside_bytes]
        kept = await self._inbox.keep(arrival, now)
        if mail.kind in SPARE:
            await self._inbox.trim(self._settings.aside_total, now)
        return MailKind(mail.kind) if kept else None

    async def _with_what_follows(self, arrival: Arrival, incoming: Incoming, case: CaseRow, now: datetime) -> Arrival:
        kind = arrival.mail.kind
        if kind == MailKind.ANSWER:
            names = [one.name for one in incoming.files]
            letter = await self._answers.letter(case, incoming.text, names, now)
            reply = self._answers.reply(case, incoming.text, names)
            return Arrival(arrival.mail, arrival.attachments, (letter,), reply)
        letters = await self._outbox.of_case(case.key)
        follow_ups = sum(one.kind == LetterKind.FOLLOW_UP for one in letters)
        if kind == MailKind.FOLLOW_UP and follow_ups < MOST_FOLLOW_UPS and incoming.text:
            question = next((one for one in letters if one.kind == LetterKind.QUESTION), None)
            letter = self._letters.follow_up(case, incoming.text, question, now)
            return Arrival(arrival.mail, arrival.attachments, (letter,))
        return arrival

    def _who_may_answer(self, letter: OutboxRow | None) -> list[str]:
        address = self._settings.address_of(letter.contact) if letter and letter.contact else None
        return [*self._settings.answers_from, *([address] if address else [])]


def _row(
    raw: bytes, mark: str, case_key: str | None, verdict: Verdict, now: datetime, incoming: Incoming | None = None
) -> InboxRow:
    return InboxRow(
        fingerprint=mark,
        case_key=case_key,
        kind=verdict.kind.value,
        sender=incoming.sender[:320] if incoming else "",
        subject=incoming.subject if incoming else "",
        text=incoming.text if incoming else "",
        why=verdict.why,
        raw=raw,
        received_at=now,
    )
