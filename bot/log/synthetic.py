"""Turns that nobody asked, to see how the record does with many: texts of our own, in six languages."""

from __future__ import annotations

import functools
import random
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Index, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation.outcome import Outcome
from bot.log.recorder import id_of
from bot.log.rollups import count_days
from bot.log.words import found_by, wording
from bot.settings import ROOT
from bot.store import turn_words
from bot.store.case_states import CaseState
from bot.store.case_tables import CaseRow
from bot.store.database import Place, Sessions, writing
from bot.store.record_tables import (
    DAY,
    TurnEntryRow,
    TurnMemberStateRow,
    TurnReasonsRow,
    TurnRow,
    moment,
    time_of,
)
from bot.store.tables import Table
from bot.store.turns import keep_reply_texts
from knowledge.base import KnowledgeBase
from knowledge.records import Language

DAYS = 365
BATCH = 10_000
_OUTCOMES = {
    Outcome.ANSWER: 62,
    Outcome.REFER: 12,
    Outcome.CLARIFY: 8,
    Outcome.OUT_OF_SCOPE: 7,
    Outcome.SMALL_TALK: 6,
    Outcome.HANDOFF: 4,
    Outcome.ERROR: 1,
}
_LANGUAGES = {
    Language.EN: 40, Language.FR: 20, Language.ES: 15, Language.AR: 10, Language.ZH: 8, Language.RU: 7,
}  # fmt: skip
_EXAMPLE = re.compile(r"^\s*- (?!intent|request)([^:\n]{4,200})$", re.MULTILINE)


T = TypeVar("T")

_wording, _found_by = functools.cache(wording), functools.cache(found_by)
"""Most texts come again and again."""


class NotEmpty(Exception):
    """There are turns in the record already."""


@dataclass(frozen=True)
class _Subject:
    request: str
    area: str | None
    entry: str | None
    facts: tuple[str, ...]
    texts: Mapping[Language, Sequence[str]]
    replies: dict[Language, int]


async def load_turns(sessions: Sessions, base: KnowledgeBase, turns: int, now: datetime, seed: int = 7) -> None:
    """Puts so many turns, of the year before `now`, into an empty record.

    Raises:
        NotEmpty: the record has turns; what nobody asked must not be mixed with them.
    """
    async with sessions() as session:
        if await session.scalar(select(TurnRow.id).limit(1)):
            raise NotEmpty("the record has turns already; set DATA_DIR to an empty folder")
    source = _Source(base, random.Random(seed), turns, now)  # noqa: S311 - guards nothing
    async with writing(sessions, Place.RECORD) as session:
        await keep_reply_texts(session, source.reply_texts)
    await _indexes(sessions, Index.drop)
    try:
        await _insert_all(sessions, source)
    finally:
        await _indexes(sessions, Index.create)
    async with writing(sessions, Place.RECORD) as session:
        for rows in _batches(iter(source.cases)):
            await _insert(session, CaseRow, rows)
        last = moment(now) // DAY
        await count_days(session, last - DAYS - 1, last)
    while True:
        async with writing(sessions, Place.RECORD) as session:
            if not await turn_words.tidy(session):
                break
    async with writing(sessions, Place.RECORD) as session:
        await session.execute(text("ANALYZE"))


async def _indexes(sessions: Sessions, change: Callable[[Index, Connection], None]) -> None:
    """Drops or makes the indexes of the turns: made at the end they are sorted once."""
    async with writing(sessions, Place.RECORD) as session:
        connection = await session.connection()
        for index in TurnRow.metadata.tables[TurnRow.__tablename__].indexes:
            await connection.run_sync(lambda sync, one=index: change(one, sync))  # type: ignore[misc]


async def _insert_all(sessions: Sessions, source: _Source) -> None:
    for batch in _batches(source.turns()):
        async with writing(sessions, Place.RECORD) as session:
            await _insert(session, TurnRow, [turn for turn, *_ in batch])
            await _insert(session, TurnReasonsRow, [reasons for _, reasons, *_ in batch])
            await _insert(session, TurnEntryRow, [entry for *_, entry, _ in batch if entry])
            await _insert(session, TurnMemberStateRow, [state for *_, state in batch if state])
            await turn_words.put(session, [(turn["id"], _found_by(turn["text"])) for turn, *_ in batch])


async def _insert(session: AsyncSession, table: type[Table], rows: Sequence[dict[str, Any]]) -> None:
    """All in one statement; by its class the rows would be sorted by which of their values are missing."""
    if rows:
        await session.execute(insert(table.metadata.tables[table.__tablename__]), rows)


def _batches(rows: Iterator[T]) -> Iterator[list[T]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


class _Source:
    """Makes them up."""

    def __init__(self, base: KnowledgeBase, chance: random.Random, turns: int, now: datetime) -> None:
        self._chance, self._turns, self._now = chance, turns, now
        texts: dict[int, str] = {}
        self._answered: list[_Subject] = []
        self._gaps: list[_Subject] = []
        for entry in base.entries.values():
            replies, questions = {}, {}
            for language in Language:
                if language is Language.EN or language in entry.translations:
                    own = entry.in_language(language)
                    texts[id_of(own.answer)] = own.answer
                    replies[language], questions[language] = id_of(own.answer), own.questions
            area = entry.area if entry.answered else "open_question"
            subject = _Subject(f"{area}/{entry.id}", entry.area, entry.id, entry.facts, questions, replies)
            (self._answered if entry.answered else self._gaps).append(subject)
        self.reply_texts = list(texts.items())
        self._elsewhere = {name: _elsewhere(name) for name in ("out_of_scope", "small_talk")}
        self._states = sorted(base.member_states)
        self._names = [base.member_states[state].names[0] for state in self._states]
        self.cases: list[dict[str, Any]] = []

    def turns(self) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any] | None, dict[str, Any] | None]]:
        """A turn, its reasons, its entry and its member state, as rows, in the order of time."""
        chance, made, number = self._chance, 0, 0
        first = moment(self._now - timedelta(days=DAYS))
        step = DAYS * DAY / self._turns
        while made < self._turns:
            number += 1
            conversation = str(uuid.UUID(int=chance.getrandbits(128)))
            (language,) = chance.choices(list(_LANGUAGES), list(_LANGUAGES.values()))
            model = f"model-{number * 6 // max(1, self._turns)}"
            for _ in range(min(chance.choice((1, 1, 2, 2, 3, 5)), self._turns - made)):
                yield self._turn(round(first + step * made), conversation, made, language, model)
                made += 1

    def _turn(
        self, at: int, conversation: str, number: int, language: Language, model: str
    ) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any] | None, dict[str, Any] | None]:
        chance = self._chance
        (outcome,) = chance.choices(list(_OUTCOMES), list(_OUTCOMES.values()))
        subject = self._subject(outcome)
        asked = chance.choice(subject.texts.get(language) or subject.texts[Language.EN])
        state = None
        if chance.random() < 0.1:
            which = chance.randrange(len(self._states))
            state, asked = self._states[which], f"{asked} ({self._names[which]})"
        confidence = round(min(1.0, max(0.05, chance.betavariate(5, 1.5))), 4)
        case = f"{number:07d}" if outcome is Outcome.HANDOFF and chance.random() < 0.2 else None
        if case:
            self._hand_in(case, at, language, subject)
        entry = subject.entry if outcome in {Outcome.ANSWER, Outcome.REFER} else None
        reply = {"outcome": outcome.value, "text_id": subject.replies.get(language)}
        runners = [chance.choice(self._answered).request for _ in range(3)]
        others = [{"name": name, "confidence": round((1 - confidence) / 3, 4)} for name in runners]
        row = {
            "id": at,
            "conversation_id": conversation,
            "message_id": number,
            "language": language.value,
            "outcome": outcome.value,
            "area": subject.area,
            "request": subject.request,
            "confidence": confidence,
            "entry": entry,
            "model": model,
            "milliseconds": int(chance.lognormvariate(4.4, 0.5)),
            "pressed": chance.random() < 0.1,
            "helpful": chance.random() < 0.75 if chance.random() < 0.08 else None,
            "case_reference": case,
            "reviewed": chance.random() < 0.05,
            "wording": _wording(asked),
            "text": asked,
            "comment": None,
        }
        seen = {
            "intent": subject.request.partition("/")[0],
            "requests": [{"name": subject.request, "confidence": confidence}, *others],
            "facts": subject.facts if outcome is Outcome.ANSWER else (),
            "action": "action_answer",
            "engine_milliseconds": 40.0,
            "replies": [reply],
        }
        told = {"model": model, "policy": "RulePolicy", "policy_confidence": 1.0, "action_milliseconds": 9.5}
        return (
            row,
            {"turn_id": at, "seen": seen, "told": told},
            {"entry": entry, "turn_id": at} if entry else None,
            {"member_state": state, "turn_id": at} if state else None,
        )

    def _subject(self, outcome: Outcome) -> _Subject:
        if outcome in {Outcome.OUT_OF_SCOPE, Outcome.SMALL_TALK}:
            return _Subject(f"{outcome}/other", None, None, (), self._elsewhere[outcome.value], {})
        known = self._gaps if outcome is Outcome.REFER else self._answered
        # A few are asked often, most of them seldom.
        return known[min(int(self._chance.paretovariate(0.8)) - 1, len(known) - 1) if self._chance.random() < 0.7 else
                     self._chance.randrange(len(known))]  # fmt: skip

    def _hand_in(self, reference: str, at: int, language: Language, subject: _Subject) -> None:
        submitted = time_of(at)
        old = self._now - submitted > timedelta(days=5)
        self.cases.append(
            {
                "key": str(uuid.UUID(int=self._chance.getrandbits(128))),
                "reference": reference,
                "state": (CaseState.CLOSED if old else CaseState.SENT).value,
                "language": language.value,
                "area": subject.area or "response_package",
                "contact": "focal_point",
                "created_at": submitted,
                "submitted_at": submitted,
                "answered_at": submitted + timedelta(hours=self._chance.uniform(1, 100)) if old else None,
                "answer_by": (submitted + timedelta(days=7)).date(),
            }
        )


def _elsewhere(name: str) -> dict[Language, Sequence[str]]:
    """What delegates say that is no question to the knowledge base."""
    found: dict[Language, Sequence[str]] = {}
    for language in Language:
        path = ROOT / "data/nlu" / language.value / f"{name}.yml"
        found[language] = _EXAMPLE.findall(path.read_text(encoding="utf-8"))
    return found
