"""Has what reviewers settled wait as a change to the content, or as a draft of an entry that is still to be written."""

from __future__ import annotations

import contextlib
from datetime import datetime

from bot.publishing.changes import (
    LONGEST_QUESTION,
    Change,
    Changes,
    NotStaged,
    OutsideAdded,
    QuestionAdded,
    UnansweredAdded,
)
from bot.publishing.drafts import Drafts
from bot.review.settling import Choice, Verdict
from knowledge.records import Language


class ReviewStaging:
    """As bot.review.decisions.Staging."""

    def __init__(self, changes: Changes, drafts: Drafts) -> None:
        self._changes, self._drafts = changes, drafts

    async def stage(
        self, author: int, choice: Choice, language: Language, text: str, because: str, now: datetime
    ) -> int:
        """Has a text wait to be learned, or to be answered; the same again gives the same number."""
        if choice.verdict is Verdict.NEW_ENTRY:
            return await self._drafts.offer(author, because, {f"questions.{language}": text}, now)
        return await self._changes.stage(author, change_of(choice, language, text), now, because)

    async def withdraw(self, change: int, author: int, now: datetime) -> None:
        """Takes it back; what is published stays, and is changed back by an editor, as does what an editor wrote."""
        if not await self._drafts.is_begun(change):
            with contextlib.suppress(NotStaged):
                await self._changes.withdraw(change, author, now)


def change_of(choice: Choice, language: Language, text: str) -> Change:
    """The change that a decision asks for.

    Raises:
        ValueError: it asks for none.
    """
    said, target = text[:LONGEST_QUESTION], choice.target or ""
    match choice.verdict:
        case Verdict.ENTRY:
            return QuestionAdded(language=language, text=said, entry=target)
        case Verdict.OUT_OF_SCOPE:
            return OutsideAdded(language=language, text=said, topic=target)
        case Verdict.UNANSWERED:
            return UnansweredAdded(language=language, text=said, area=target)
        case _:
            raise ValueError(f"{choice} changes nothing")
