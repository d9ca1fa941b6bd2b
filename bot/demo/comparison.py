"""A training that has ended, for a picture of its page: our development questions, with outcomes that are made up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bot.conversation.outcome import Outcome
from bot.evaluate.__main__ import QUESTIONS
from bot.evaluate.questions import load
from bot.publishing.changes import Changes, QuestionAdded
from bot.publishing.comparison import Among, Compared, Comparison, Found
from bot.publishing.jobs import Jobs
from bot.store.database import Sessions
from bot.store.publishing_tables import JobState
from knowledge.base import KnowledgeBase
from knowledge.records import Language

WRONG_EVERY = 12
LEARNED = QuestionAdded(language=Language.EN, text="whom do I ring about the corona bundle", entry="pkg_contact")
ELSEWHERE = "pkg_overview"


async def train(store: Sessions, base: KnowledgeBase, author: int, name: str, now: datetime) -> int:
    """Stages a question and puts the training down; gives its number."""
    change = await Changes(store).stage(author, LEARNED, now, "review:12")
    jobs = Jobs(store)
    row = await jobs.begin([change], "", None, name, now)
    result = Comparison.of(_compared(base), 151.0).model_dump(mode="json")
    await jobs.end(row.id, JobState.DONE, now, model="candidate.tar.gz", result=result)
    return row.id


def _compared(base: KnowledgeBase) -> Iterator[Compared]:
    asked = [one for one in load(QUESTIONS, base) if one.question.expect is Outcome.ANSWER]
    for at, one in enumerate(asked):
        was_right, is_right = at % WRONG_EVERY != 0, at % WRONG_EVERY != 0 or at % (40 * WRONG_EVERY) == 0
        entry = one.question.entries[0]
        yield Compared(
            among=Among.DEVELOPMENT,
            set=one.asked_in,
            language=one.language,
            text=one.question.text,
            expect=Outcome.ANSWER,
            entries=one.question.entries,
            old=_found(entry, right=was_right),
            new=_found(entry, right=is_right),
        )
    yield Compared(
        among=Among.STAGED,
        set="",
        language=LEARNED.language,
        text=LEARNED.text,
        expect=Outcome.ANSWER,
        entries=(LEARNED.entry,),
        old=_found(LEARNED.entry, right=False),
        new=_found(LEARNED.entry, right=True),
    )


def _found(entry: str, *, right: bool) -> Found:
    if right:
        return Found(outcome=Outcome.ANSWER, entry=entry, confidence=0.83, right=True)
    return Found(outcome=Outcome.CLARIFY, entry=ELSEWHERE, confidence=0.34, right=False)
