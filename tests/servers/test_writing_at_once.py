"""What only a database that several write to at once can show."""

from __future__ import annotations

import asyncio
import json
import uuid
from datetime import UTC, date, datetime, timedelta

import psycopg
from sqlalchemy import func, select

from bot.conversation.compose import Composer
from bot.log.source import SharedSpool
from bot.store.case_tables import CaseEventRow, CaseRow
from bot.store.cases import Cases, Submission
from bot.store.conversations import Conversations
from bot.store.database import Sessions
from bot.store.tables import MessageRow
from knowledge.records import Language
from tests.database import plain

MACHINES = ("first", "second", "third")


async def test_a_case_handed_in_at_many_desks_at_once_is_one_case(store: Sessions) -> None:
    key, now = str(uuid.uuid4()), datetime.now(UTC)
    asked = Submission(
        reference="ABCD-2345",
        conversation_id="erased meanwhile",
        language=Language.EN,
        area="meetings_and_webinars",
        contact="focal_point",
        name="A delegate",
        email="delegate@example.org",
        question="When is the next meeting?",
        member_state=None,
        organisation=None,
        consent=True,
        answer_by=date(2026, 12, 8),
    )
    rows = await asyncio.gather(*(Cases(store).submit(key, asked, [], 5, now) for _ in range(10)))
    assert {row.reference for row in rows} == {"ABCD-2345"}
    async with store() as session:
        assert await session.scalar(select(func.count()).select_from(CaseRow)) == 1
        assert await session.scalar(select(func.count()).select_from(CaseEventRow)) == 2, "begun and submitted"


async def test_of_messages_accepted_at_once_the_first_alone_has_its_turn_and_only_where_it_was_accepted(
    store: Sessions, composer: Composer
) -> None:
    desks = {name: Conversations(store, name) for name in MACHINES}
    row, _ = await desks["first"].open("hash", Language.EN, timedelta(days=1), composer.welcome())
    said = (desk.accept(row.id, str(uuid.uuid4()), name, None) for _ in range(5) for name, desk in desks.items())
    await asyncio.gather(*said)
    messages, _ = await desks["first"].history(row.id)
    turns = [await desks[message.node or ""].turn_of(message) for message in messages]
    assert turns == [True] + [False] * 14
    others = [await desk.turn_of(messages[0]) for name, desk in desks.items() if name != messages[0].node]
    assert others == [None, None]


async def test_what_a_machine_lets_go_is_taken_by_one_of_the_others(store: Sessions, composer: Composer) -> None:
    desks = {name: Conversations(store, name) for name in MACHINES}
    row, _ = await desks["first"].open("hash", Language.EN, timedelta(days=1), composer.welcome())
    for at in range(6):
        await desks["first"].accept(row.id, str(uuid.uuid4()), str(at), None)
    assert await desks["second"].take_waiting() == []
    await desks["first"].let_go()
    taken = await asyncio.gather(*(desks[name].take_waiting() for name in ("second", "third")))
    assert sorted(message.text for some in taken for message in some) == [str(at) for at in range(6)]


async def test_an_event_that_is_committed_late_is_not_deleted_with_later_ones(store: Sessions, url: str) -> None:
    spool = SharedSpool(store)
    add = "INSERT INTO spooled_events (sender_id, data) VALUES ('a', %s)"
    with psycopg.connect(plain(url)) as slow, psycopg.connect(plain(url), autocommit=True) as quick:
        slow.execute(add, (json.dumps({"name": "begun first"}),))
        quick.execute(add, (json.dumps({"name": "committed first"}),))
        batch = await spool.take()
        assert batch is not None
        slow.commit()
        await spool.done(batch)
    assert [event["name"] for event in batch.events] == ["committed first"]
    left = await spool.take()
    assert left is not None
    assert [event["name"] for event in left.events] == ["begun first"]


async def test_a_text_with_a_null_character_is_kept_without_it(store: Sessions, composer: Composer) -> None:
    desk = Conversations(store, "first")
    row, _ = await desk.open("hash", Language.EN, timedelta(days=1), composer.welcome())
    await desk.accept(row.id, str(uuid.uuid4()), "What is\x00 a TISC?", None)
    (message,) = await desk.take_waiting()
    async with store() as session:
        assert await session.scalar(select(MessageRow.text).where(MessageRow.id == message.id)) == "What is a TISC?"
