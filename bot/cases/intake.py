"""Takes a message that came in, by whichever way: reads it, judges it, keeps it with all that follows from it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from bot.cases.letters import Letters
from bot.cases.replies import Incoming, Verdict, fingerprint, judge, read
from bot.conversation.outcome import Outcome
from bot.conversation.reply import PersonLine, ReplyBody
from bot.settings import HandoffSettings
from bot.store.case_tables import AttachmentRow, CaseRow, InboxRow, LetterKind, MailKind, OutboxRow
from bot.store.inbox import Arrival, Inbox
from bot.store.outbox import Outbox
from knowledge.base import KnowledgeBase
from knowledge.records import Language

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
        base: KnowledgeBase,
        letters: Letters,
        clock: Callable[[], datetime],
    ) -> None:
        self._settings, self._inbox, self._outbox = settings, inbox, outbox
        self._base, self._letters, self._clock = base, letters, clock

    async def take(self, raw: bytes, recipients: Sequence[str] = ()) -> MailKind | None:
        """Keeps a message once this returns; the kind it was taken for, or nothing where it came before."""
        now = self._clock()
        try:
            incoming = read(raw, self._settings.replies_to, recipients)
        except Exception:
            log.exception("mail.unreadable")
            mail = _row(raw, fingerprint(raw), None, Verdict(MailKind.STRANGER, "it cannot be read"), now)
            return MailKind.STRANGER if await self._inbox.keep(Arrival(mail), now) else None
        found = await self._inbox.letter_named(incoming.tokens, incoming.references)
        letter, case = found or (None, None)
        verdict = judge(incoming, letter, case, self._who_may_answer(letter))
        belongs = verdict.kind is not MailKind.STRANGER or letter is not None
        mail = _row(raw, incoming.fingerprint, case.key if case and belongs else None, verdict, now, incoming)
        files = tuple(
            AttachmentRow(part=one.part, name=one.name, media_type=one.media_type, size=one.size)
            for one in incoming.files
        )
        arrival = Arrival(mail, files, bounced=verdict.bounced)
        if case is not None:
            arrival = await self._with_what_follows(arrival, incoming, case, now)
        kept = await self._inbox.keep(arrival, now)
        if kept:
            log.info("mail.kept", kind=verdict.kind, reference=case.reference if case else None)
        return verdict.kind if kept else None

    async def _with_what_follows(self, arrival: Arrival, incoming: Incoming, case: CaseRow, now: datetime) -> Arrival:
        letters = await self._outbox.of_case(case.key)
        first = {kind: next((one for one in letters if one.kind == kind), None) for kind in LetterKind}
        kind = arrival.mail.kind
        if kind == MailKind.ANSWER:
            names = [one.name for one in incoming.files]
            letter = self._letters.answer(case, incoming.text, names, first[LetterKind.CONFIRMATION], now)
            return Arrival(arrival.mail, arrival.attachments, (letter,), self._reply(case, incoming))
        follow_ups = sum(one.kind == LetterKind.FOLLOW_UP for one in letters)
        if kind == MailKind.FOLLOW_UP and follow_ups < MOST_FOLLOW_UPS and incoming.text:
            letter = self._letters.follow_up(case, incoming.text, first[LetterKind.QUESTION], now)
            return Arrival(arrival.mail, arrival.attachments, (letter,))
        return arrival

    def _reply(self, case: CaseRow, incoming: Incoming) -> ReplyBody:
        language = _written_in(incoming.text, Language(case.language))
        phrases = self._base.phrases[language]
        parts = [incoming.text] if incoming.text else []
        if incoming.files:
            parts.append(phrases("letter.answer_files", names=", ".join(one.name for one in incoming.files)))
        contact = self._base.contacts[case.contact or ""]
        return ReplyBody(
            text="\n\n".join(parts),
            language=language,
            direction=language.direction,
            outcome=Outcome.HANDOFF,
            area=case.area,
            person=PersonLine(name=contact.name[language], reference=case.reference or ""),
        )

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


def _written_in(text: str, expected: Language) -> Language:
    """The case's language, unless the text runs the other way."""
    directions = (unicodedata.bidirectional(character) for character in text)
    first = next((one for one in directions if one in {"L", "R", "AL"}), None)
    if first is None or (first == "L") == (expected is not Language.AR):
        return expected
    return Language.EN if first == "L" else Language.AR
