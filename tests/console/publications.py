"""What the pages of publishing are filled with: changes, a draft, trainings, versions; hostile text in every field."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.console.permissions import Role
from bot.conversation.outcome import Outcome
from bot.publishing.changes import AnswerEdited, Change, Changes, OutsideAdded, QuestionAdded, UnansweredAdded
from bot.publishing.comparison import Among, Compared, Comparison, Found
from bot.publishing.desk import Publishing
from bot.publishing.drafts import Drafts
from bot.publishing.jobs import Jobs
from bot.settings import Settings
from bot.store.database import Sessions
from bot.store.publishing_tables import JobState, VersionKind
from bot.store.staff import Staff, Way
from knowledge.base import KnowledgeBase
from knowledge.records import Language
from tests.console.content import HOSTILE, LONG

EDITED = "mtg_overview"
FIELDS = ("entry", "fact", "source_title", "source_url", "source_publisher")
WORDED = ("title", "answer", "questions")


@dataclass
class Publications:
    """Trainings and a draft, by their ids."""

    compared: int
    failed: int
    draft: int


async def fill_publications(store: Sessions, base: KnowledgeBase, folder: Path, now: datetime) -> Publications:
    """An answer that was published, a version that never ran, and everything that waits to be published."""
    name = f"{HOSTILE[:150]} ed"
    author = (await Staff(store).add(name, Role.EDITOR, Way.PASSWORD, None, "a test", now)).id
    changes, publishing = Changes(store), Publishing.of(Settings(data_dir=folder), store, base)
    french = base.entries[EDITED].in_language(Language.FR)
    edit = AnswerEdited(entry=EDITED, language=Language.FR, title=french.title, answer=f"{french.answer} Écrivez-nous.")
    await publishing.publisher.publish_answers([await changes.stage(author, edit, now)], name, now)
    version = await publishing.versions.prepare(VersionKind.MODEL, [], HOSTILE[:90], "base", name, now)
    await publishing.versions.failed(version.id, f"{HOSTILE} {LONG}")
    asked = f"{HOSTILE} {LONG}"
    staged: tuple[Change, ...] = (
        QuestionAdded(language=Language.EN, text=asked, entry="pkg_overview"),
        OutsideAdded(language=Language.FR, text=asked, topic="pct_filing"),
        UnansweredAdded(language=Language.AR, text=asked, area="meetings_and_webinars"),
    )
    for change in staged:
        await changes.stage(author, change, now, f"review:{HOSTILE}")
    written = dict.fromkeys(FIELDS, HOSTILE) | {f"{part}.{one}": asked for part in WORDED for one in Language}
    draft = await Drafts(store).offer(author, f"case:{HOSTILE}", written, now)
    return Publications(await _compared(store, name, asked, now), await _failed(store, name, now), draft)


async def begin_training(store: Sessions, now: datetime) -> int:
    """A training that runs, as far as the record tells."""
    row = await Jobs(store).begin([], "old.tar.gz", None, HOSTILE, now)
    await Jobs(store).progress(row.id, "ask", 100, 3000)
    return row.id


async def _compared(store: Sessions, author: str, asked: str, now: datetime) -> int:
    jobs, found = Jobs(store), []
    for among in Among:
        for old, new in ((True, False), (False, True), (False, False)):
            both = [
                Found(outcome=outcome, entry=HOSTILE, confidence=0.4, right=right)
                for outcome, right in ((Outcome.REFER, old), (Outcome.ANSWER, new))
            ]
            found.append(
                Compared(
                    among=among,
                    set=HOSTILE,
                    within=HOSTILE,
                    language=Language.AR,
                    text=asked,
                    expect=Outcome.ANSWER,
                    entries=(HOSTILE,),
                    old=both[0],
                    new=both[1],
                )
            )
    row = await jobs.begin([], "old.tar.gz", None, author, now)
    result = Comparison.of(found, 154.0).model_dump(mode="json")
    await jobs.end(row.id, JobState.DONE, now, model="new.tar.gz", result=result)
    return row.id


async def _failed(store: Sessions, author: str, now: datetime) -> int:
    row = await Jobs(store).begin([], "old.tar.gz", None, author, now)
    await Jobs(store).end(row.id, JobState.FAILED, now, problem=f"{HOSTILE}\n{LONG}")
    return row.id
