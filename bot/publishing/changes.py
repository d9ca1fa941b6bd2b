"""Changes to the content, staged until somebody publishes them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.database import Place, Sessions, writing
from bot.store.publishing_tables import ChangeRow, ChangeState
from bot.store.staff_tables import StaffRow
from bot.store.trail import record
from knowledge.records import Fact, FactId, Id, Kind, Label, Language, Sentence, Source

LONGEST_QUESTION = 2000
"""Characters, as of a message."""

Asked = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_QUESTION, strip_whitespace=True)]


class _Change(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class QuestionAdded(_Change):
    """One more way of asking for an entry or a gap, which `entry` names by its id."""

    kind: Literal["question_added"] = "question_added"
    language: Language
    text: Asked
    entry: Id


class OutsideAdded(_Change):
    """A question that is out of scope, under a topic that data/nlu/<language>/out_of_scope.yml has."""

    kind: Literal["outside_added"] = "outside_added"
    language: Language
    text: Asked
    topic: Id


class UnansweredAdded(_Change):
    """A question within an area that no entry answers (data/nlu/<language>/unanswered.yml)."""

    kind: Literal["unanswered_added"] = "unanswered_added"
    language: Language
    text: Asked
    area: Id


class AnswerEdited(_Change):
    """Another title and answer of an entry in one language.

    `facts` and `valid_until` are the whole entry's and count with the English; facts that are left out stay.
    """

    kind: Literal["answer_edited"] = "answer_edited"
    entry: Id
    language: Language
    title: Label
    answer: Sentence
    facts: tuple[FactId, ...] | None = None
    valid_until: date | None = None


class Worded(_Change):
    """A new entry in one language."""

    title: Label
    answer: Sentence
    questions: tuple[Asked, ...] = Field(min_length=6)


class EntryProposed(_Change):
    """A new entry in all six languages, with the new facts it states and where those come from."""

    kind: Literal["entry_proposed"] = "entry_proposed"
    entry: Id
    area: Id
    kinds: tuple[Kind, ...] = Field(min_length=1)
    source: Source | None = None
    """A source that is new."""
    new_facts: tuple[Fact, ...] = ()
    facts: tuple[FactId, ...] = ()
    """All that the answer states, the new ones too."""
    related: tuple[Id, ...] = ()
    confirm: bool = False
    valid_until: date | None = None
    words: dict[Language, Worded]


Change = QuestionAdded | OutsideAdded | UnansweredAdded | AnswerEdited | EntryProposed
QUESTIONS = (QuestionAdded, OutsideAdded, UnansweredAdded)
"""Changes that a model learns from and that change no answer."""

_IN_FORCE = (ChangeState.STAGED, ChangeState.PUBLISHED)
_ANY: TypeAdapter[Change] = TypeAdapter(Annotated[Change, Field(discriminator="kind")])


class UnknownChange(LookupError):
    """There is no change of this id."""


class NotStaged(ValueError):
    """The change was published or withdrawn meanwhile."""


@dataclass(frozen=True)
class Staged:
    """A change, and what is known of it."""

    id: int
    change: Change
    because: str | None
    state: ChangeState
    author: str
    at: datetime


class Changes:
    """The record of changes. Every method is one transaction, and what it changes is in the trail with it."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def stage(self, author: int, change: Change, now: datetime, because: str | None = None) -> int:
        """Has a change wait to be published; the same one again gives the id of the first.

        Args:
            author: the account's id.
            change: what to change.
            now: in UTC.
            because: what it came from, as `review:123` or `case:7KQ4-M2XP-9S`.

        Returns:
            The change's id.
        """
        digest = digest_of(change)
        async with writing(self._sessions, Place.PUBLISHING) as session:
            known = await session.scalar(
                select(ChangeRow.id).where(ChangeRow.digest == digest, ChangeRow.state.in_(_IN_FORCE))
            )
            if known is not None:
                return known
            name = await name_of(session, author)
            row = ChangeRow(
                kind=change.kind,
                content=change.model_dump(mode="json"),
                digest=digest,
                because=because,
                state=ChangeState.STAGED,
                author=name,
                at=now,
            )
            session.add(row)
            await session.flush()
            record(session, name, "change.staged", f"change {row.id}", now, after=change.kind)
            return row.id

    async def withdraw(self, change: int, author: int, now: datetime) -> None:
        """Takes a staged change or a draft back; nothing where it was withdrawn already.

        Raises:
            UnknownChange: there is none of this id.
            NotStaged: it is published.
        """
        async with writing(self._sessions, Place.PUBLISHING) as session:
            row = await session.get(ChangeRow, change)
            if row is None:
                raise UnknownChange(change)
            if row.state == ChangeState.WITHDRAWN:
                return
            if row.state not in (ChangeState.STAGED, ChangeState.DRAFT):
                raise NotStaged(change)
            name = await name_of(session, author)
            row.state, row.ended_by, row.ended_at = ChangeState.WITHDRAWN, name, now
            record(session, name, "change.withdrawn", f"change {row.id}", now, before=row.kind)

    async def staged(self) -> Sequence[Staged]:
        """What waits to be published, in the order it was staged."""
        return await self._where(ChangeRow.state == ChangeState.STAGED)

    async def by_ids(self, ids: Iterable[int]) -> Sequence[Staged]:
        """These changes, in this order.

        Raises:
            UnknownChange: there is none of one of these ids.
        """
        wanted = list(ids)
        found = {one.id: one for one in await self._where(ChangeRow.id.in_(wanted))}
        for one in wanted:
            if one not in found:
                raise UnknownChange(one)
        return [found[one] for one in wanted]

    async def _where(self, condition: object) -> Sequence[Staged]:
        async with self._sessions() as session:
            rows = await session.scalars(select(ChangeRow).where(condition).order_by(ChangeRow.id))  # type: ignore[arg-type]
            return [_staged(row) for row in rows]


def _staged(row: ChangeRow) -> Staged:
    change = _ANY.validate_python(row.content)
    return Staged(row.id, change, row.because, ChangeState(row.state), row.author, row.at)


def digest_of(change: Change) -> str:
    """The same for the same change."""
    written = json.dumps(change.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()


async def name_of(session: AsyncSession, account: int) -> str:
    """The account's name, which is never deleted.

    Raises:
        LookupError: there is no such account.
    """
    row = await session.get(StaffRow, account)
    if row is None:
        raise LookupError(f"there is no account {account}")
    return row.name
