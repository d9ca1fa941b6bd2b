"""What follows from a person's answer: a letter to the delegate, and what stands in their conversation."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime

from bot.cases.letters import Letters
from bot.conversation.outcome import Outcome
from bot.conversation.reply import PersonLine, ReplyBody
from bot.store.case_tables import CaseRow, LetterKind, OutboxRow
from bot.store.outbox import Outbox
from knowledge.base import KnowledgeBase
from knowledge.records import Language


class Answers:
    """Words answers for the delegate; nothing is stored here."""

    def __init__(self, base: KnowledgeBase, outbox: Outbox, letters: Letters) -> None:
        self._base, self._outbox, self._letters = base, outbox, letters

    async def letter(self, case: CaseRow, text: str, files: Sequence[str], now: datetime) -> OutboxRow:
        """The answer by e-mail, as a reply to the confirmation; `files` are the names of those that came with it."""
        before = await self._outbox.newest(case.key, LetterKind.CONFIRMATION)
        return self._letters.answer(case, text, files, before, now)

    def reply(self, case: CaseRow, text: str, files: Sequence[str]) -> ReplyBody:
        """The answer in the conversation, marked as from a person."""
        language = _written_in(text, Language(case.language))
        parts = [text] if text else []
        if files:
            parts.append(self._base.phrases[language]("letter.answer_files", names=", ".join(files)))
        contact = self._base.contacts[case.contact or ""]
        return ReplyBody(
            text="\n\n".join(parts),
            language=language,
            direction=language.direction,
            outcome=Outcome.HANDOFF,
            area=case.area,
            person=PersonLine(name=contact.name[language], reference=case.reference or ""),
        )


def _written_in(text: str, expected: Language) -> Language:
    """The case's language, unless the text runs the other way."""
    directions = (unicodedata.bidirectional(character) for character in text)
    first = next((one for one in directions if one in {"L", "R", "AL"}), None)
    if first is None or (first == "L") == (expected is not Language.AR):
        return expected
    return Language.EN if first == "L" else Language.AR
