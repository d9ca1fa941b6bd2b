"""Every turn comes into the record once, complete, whatever happened in between."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text, update

from bot.conversation.compose import Composer
from bot.conversation.outcome import Outcome
from bot.conversation.reply import ReplyBody
from bot.log.batches import Batch
from bot.log.filters import Filters
from bot.log.masking.mask import Masking
from bot.log.process import Process
from bot.log.record import Record
from bot.log.recorder import WITHHELD, Recorder
from bot.log.turns import WholeTurn
from bot.settings import Settings
from bot.store.case_tables import CaseRow
from bot.store.conversations import Answer, Conversations
from bot.store.database import Sessions, writing
from bot.store.record_tables import PersonalDataRow, TurnChangeRow, TurnEventsRow
from bot.store.tables import ConversationRow, MessageRow
from bot.store.tracker_events import TrackerEvents
from knowledge.base import KnowledgeBase
from knowledge.records import Language
from tests.log.events import Event, of_message, spool, waiting

TRACE = {
    "request": "innovation_support",
    "confidence": 0.91,
    "requests": [
        {"name": "innovation_support/inn_tisc_what", "confidence": 0.9},
        {"name": "innovation_support/inn_tisc_start", "confidence": 0.05},
    ],
    "carried": True,
    "entities": [{"entity": "service", "value": "TISC"}, {"entity": "member_state", "value": "KE"}],
    "entry": "inn_tisc_what",
    "entries": ["inn_tisc_what"],
    "action": "action_answer",
    "engine_ms": 42.0,
}


@dataclass
class House:
    """An edge that takes messages, an engine that spools events, and the recorder."""

    store: Sessions
    folder: Path
    base: KnowledgeBase
    masking: Masking
    process: Process
    opened: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.conversations = Conversations(self.store)
        self.record = Record(self.store, self.masking)
        self.spool = self.folder / "spool.db"

    async def open(self) -> str:
        composer = Composer(self.base)
        row, _ = await self.conversations.open(uuid.uuid4().hex, Language.EN, timedelta(days=30), composer.welcome())
        return row.id

    async def ask(self, conversation: str, typed: str, payload: str | None = None) -> int:
        message = await self.conversations.accept(conversation, str(uuid.uuid4()), typed, payload)
        assert message is not None
        return message.id

    async def answer(self, message: int, reply: ReplyBody | None = None, **trace: Any) -> None:
        reply = reply or Composer(self.base).answer(self.base.entries["inn_tisc_what"])
        await self.conversations.answer(message, Answer(reply.outcome, (reply,), None, {**TRACE, **trace}))

    def tells(self, events: list[Event]) -> None:
        spool(self.spool, events)

    async def turns(self) -> list[WholeTurn]:
        await self.process.recorder.catch_up()
        page = await self.record.page(Filters())
        return [whole for turn in page.turns if (whole := await self.record.turn(turn.id))]


@pytest.fixture(scope="session")
def masking(base: KnowledgeBase) -> Masking:
    return Masking(base)


@pytest.fixture
async def house(store: Sessions, tmp_path: Path, base: KnowledgeBase, masking: Masking) -> AsyncIterator[House]:
    process = Process(Settings(data_dir=tmp_path), store, base)
    yield House(store, tmp_path, base, masking, process)
    await process.close()


async def test_a_turn_is_what_the_edge_saw_and_what_the_events_tell(house: House) -> None:
    conversation = await house.open()
    message = await house.ask(conversation, "I am Mr. John Okafor, what is a TISC in Kenya?")
    house.tells(of_message(conversation, message, "…", focus_entry="inn_tisc_what"))
    await house.answer(message)
    (whole,) = await house.turns()
    turn, reasons = whole.turn, whole.reasons
    assert turn.text == "I am Mr. [name], what is a TISC in Kenya?"
    assert (turn.language, turn.outcome, turn.area) == (Language.EN, Outcome.ANSWER, "innovation_support")
    assert (turn.request, turn.confidence, turn.entry) == ("innovation_support/inn_tisc_what", 0.91, "inn_tisc_what")
    assert (turn.model, turn.helpful, turn.case, turn.reviewed, turn.pressed) == ("model-1", None, None, False, False)
    assert turn.milliseconds is not None
    assert [request.name for request in reasons.requests][1] == "innovation_support/inn_tisc_start"
    assert (reasons.intent, reasons.action, reasons.policy) == ("innovation_support", "action_answer", "RulePolicy")
    assert (reasons.member_states, reasons.services, reasons.carried) == (("KE",), ("TISC",), True)
    assert reasons.facts == tuple(house.base.entries["inn_tisc_what"].facts)
    assert (reasons.engine_milliseconds, reasons.understanding_milliseconds) == (42.0, 32.0)
    assert whole.replies[0].text == house.base.entries["inn_tisc_what"].answer
    assert waiting(house.spool) == 0
    assert await house.record.reveal(turn.id) == "I am Mr. John Okafor, what is a TISC in Kenya?"


async def test_events_may_come_before_after_or_never(house: House) -> None:
    conversation = await house.open()
    before, after, never = [await house.ask(conversation, name) for name in ("before", "after", "never")]
    house.tells(of_message(conversation, before, "before"))
    await house.process.recorder.catch_up()
    for message in (before, after, never):
        await house.answer(message)
    await house.process.recorder.catch_up()
    house.tells(of_message(conversation, after, "after"))
    found = {whole.turn.text: whole.turn.model for whole in await house.turns()}
    assert found == {"before": "model-1", "after": "model-1", "never": None}


async def test_delivered_twice_changes_nothing(house: House) -> None:
    conversation = await house.open()
    message = await house.ask(conversation, "asked")
    events = of_message(conversation, message, "asked", focus_entry="x", person_name="Amina Otieno")
    house.tells(events)
    await house.answer(message)
    once = await house.turns()
    house.tells(events)
    async with writing(house.store) as session:
        session.add(TurnChangeRow(message_id=message))
    assert await house.turns() == once


async def test_a_message_asked_again_after_the_engine_died_is_one_turn(house: House) -> None:
    conversation = await house.open()
    message = await house.ask(conversation, "asked")
    house.tells(of_message(conversation, message, "asked")[:2])
    await house.process.recorder.catch_up()
    house.tells(of_message(conversation, message, "asked", model="model-2", focus_entry="x"))
    await house.answer(message)
    (whole,) = await house.turns()
    assert whole.turn.model == "model-2"


async def test_events_cut_in_two_come_together(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.log.source.BATCH", 2)
    conversation = await house.open()
    first, second = await house.ask(conversation, "first"), await house.ask(conversation, "second")
    house.tells(of_message(conversation, first, "first", focus_entry="x"))
    house.tells(of_message(conversation, second, "second", focus_entry=None))
    await house.answer(first)
    await house.answer(second)
    second_turn, first_turn = await house.turns()
    assert first_turn.reasons.policy == second_turn.reasons.policy == "RulePolicy"
    assert second_turn.reasons.focus == "x"


async def test_feedback_comes_to_the_turn_and_its_comment_is_masked(house: House) -> None:
    conversation = await house.open()
    message = await house.ask(conversation, "asked")
    await house.answer(message)
    await house.turns()
    _, replies = await house.conversations.history(conversation)
    comment = "wrong, write to amina@example.org"
    assert await house.conversations.give_feedback(conversation, replies[-1].id, helpful=False, comment=comment)
    (whole,) = await house.turns()
    assert (whole.turn.helpful, whole.turn.comment) == (False, "wrong, write to [e-mail]")
    await house.conversations.give_feedback(conversation, replies[-1].id, helpful=True, comment=None)
    (whole,) = await house.turns()
    assert (whole.turn.helpful, whole.turn.comment) == (True, None)


async def test_a_review_outlives_what_is_recorded_again(house: House) -> None:
    conversation = await house.open()
    message = await house.ask(conversation, "asked")
    await house.answer(message)
    (whole,) = await house.turns()
    await house.record.mark_reviewed([whole.turn.id])
    house.tells(of_message(conversation, message, "asked"))
    (again,) = await house.turns()
    assert again.turn.reviewed
    assert again.turn.model == "model-1"


def step(base: KnowledgeBase, said: str) -> ReplyBody:
    return (
        Composer(base)
        .answer(base.entries["inn_tisc_what"])
        .model_copy(update={"outcome": Outcome.HANDOFF, "text": said, "facts": (), "buttons": ()})
    )


async def test_what_the_form_was_told_is_masked_in_every_turn_and_reply(house: House) -> None:
    conversation = await house.open()
    message = await house.ask(conversation, "amina otieno")
    house.tells(of_message(conversation, message, "amina otieno", person_name="Amina Otieno"))
    await house.answer(message, step(house.base, "Thank you, Amina Otieno. Where are you from?"))
    later = await house.ask(conversation, "did Otieno get it?")
    await house.answer(later)
    last, first = await house.turns()
    assert first.turn.text == "[name]"
    assert first.replies[0].text == "Thank you, [name]. Where are you from?"
    assert last.turn.text == "did [name] get it?"
    assert first.reasons.form


async def test_what_the_form_was_told_is_withheld_where_no_event_says_what_of_it_is_personal(house: House) -> None:
    message = await house.ask(await house.open(), "amina otieno")
    await house.answer(message, step(house.base, "Thank you."))
    (whole,) = await house.turns()
    assert whole.turn.text == WITHHELD
    assert (await house.record.page(Filters(text="otieno"))).turns == ()


async def test_the_turn_that_hands_a_case_in_has_its_reference(house: House) -> None:
    conversation = await house.open()
    await house.answer(await house.ask(conversation, "before"))
    message = await house.ask(conversation, "Send", payload='/handoff_step{"step": "send"}')
    now = datetime.now(UTC)
    case = {"state": "queued", "language": "en", "area": "response_package", "since": now}
    case |= {"created_at": now, "submitted_at": now}
    async with writing(house.store) as session:
        session.add(CaseRow(key="k", reference="7KQ4-M2XP-9S", conversation_id=conversation, **case))
    await house.answer(message, step(house.base, "Your reference is 7KQ4-M2XP-9S."))
    last, first = await house.turns()
    assert (last.turn.case, first.turn.case) == ("7KQ4-M2XP-9S", None)
    assert last.turn.pressed
    transcript = await house.record.transcript(conversation)
    assert transcript is not None
    assert transcript.cases == ("7KQ4-M2XP-9S",)
    assert transcript.revealable


async def test_erasing_a_conversation_erases_it_everywhere(house: House) -> None:
    mark = "quetzalcoatl"
    conversation = await house.open()
    message = await house.ask(conversation, f"our project {mark}")
    house.tells(of_message(conversation, message, mark, person_name=f"Amina {mark}"))
    await house.answer(message, step(house.base, f"Your question: {mark}"))
    (whole,) = await house.turns()
    assert (await house.record.page(Filters(text="project"))).turns
    house.tells(of_message(conversation, message, mark))
    spooled = TrackerEvents.of(house.store, house.spool)
    await spooled.erase(conversation)
    await spooled.close()
    await house.conversations.erase(conversation)
    assert await house.record.turn(whole.turn.id) is None
    assert (await house.record.page(Filters(text="project"))).turns == ()
    left = [path.name for path in house.folder.rglob("*") if path.is_file() and mark.encode() in path.read_bytes()]
    assert left == []


async def test_what_the_engine_writes_after_the_erasure_is_erased_when_it_is_read(house: House) -> None:
    conversation = await house.open()
    message = await house.ask(conversation, "asked")
    await house.conversations.erase(conversation)
    house.tells(of_message(conversation, message, "late"))
    spool(house.folder / "tracker.db", of_message(conversation, message, "late"))
    assert await house.turns() == []
    assert waiting(house.spool) == waiting(house.folder / "tracker.db") == 0
    async with house.store() as session:
        assert await session.scalar(select(func.count()).select_from(PersonalDataRow)) == 0


async def test_a_turn_that_cannot_be_read_holds_up_none_behind_it(house: House) -> None:
    conversation = await house.open()
    broken, whole = await house.ask(conversation, "broken"), await house.ask(conversation, "whole")
    await house.answer(broken, requests=[{"name": 7}])
    await house.answer(whole)
    assert [one.turn.text for one in await house.turns()] == ["whole"]


async def test_a_turn_that_ended_in_a_way_we_do_not_know_holds_up_none_behind_it(house: House) -> None:
    conversation = await house.open()
    odd, plain = [await house.ask(conversation, name) for name in ("odd", "plain")]
    for message in (odd, plain):
        await house.answer(message)
    async with house.store.begin() as session:
        await session.execute(update(MessageRow).where(MessageRow.id == odd).values(outcome="unheard of"))
    assert [whole.turn.text for whole in await house.turns()] == ["plain"]


async def test_killed_between_keeping_and_forgetting_it_takes_the_events_again(house: House) -> None:
    conversation = await house.open()
    message = await house.ask(conversation, "asked")
    house.tells(of_message(conversation, message, "asked"))
    await house.answer(message)

    class Killed(Exception):
        pass

    class Dies:
        """A source whose reader dies before it can say that it is done."""

        async def take(self) -> Batch | None:
            return Batch(of_message(conversation, message, "asked"), [1])

        async def done(self, batch: Batch) -> None:
            raise Killed

        async def rest(self) -> None:
            return

        async def close(self) -> None:
            return

    with pytest.raises(Killed):
        await Recorder(house.store, Dies(), house.masking, TrackerEvents()).step()
    async with house.store() as session:
        assert await session.scalar(select(func.count()).select_from(TurnEventsRow)) == 1
    (whole,) = await house.turns()
    assert whole.turn.model == "model-1"
    assert waiting(house.spool) == 0


async def test_turns_answered_before_there_was_a_record_come_into_it(house: House) -> None:
    message = await house.ask(await house.open(), "asked before")
    await house.answer(message)
    async with writing(house.store) as session:
        await session.execute(delete(TurnChangeRow))
        await session.execute(
            text("INSERT INTO turn_changes (message_id) SELECT id FROM messages WHERE state = 'answered'")
        )
    assert [whole.turn.text for whole in await house.turns()] == ["asked before"]


async def test_conversations_and_turns_are_kept_as_long_as_the_settings_say(house: House) -> None:
    conversation = await house.open()
    message = await house.ask(conversation, "asked")
    house.tells(of_message(conversation, message, "asked"))
    await house.answer(message)
    (whole,) = await house.turns()
    now = datetime.now(UTC)
    await house.process.recorder.count(0)
    await house.process.retention.apply(now + timedelta(days=29))
    assert await house.record.reveal(whole.turn.id) == "asked"
    await house.process.retention.apply(now + timedelta(days=31))
    assert await house.record.reveal(whole.turn.id) is None
    kept = await house.record.transcript(conversation)
    assert kept is not None
    assert not kept.revealable
    assert kept.turns == (whole,)
    assert [turn.id for turn in (await house.record.page(Filters(text="asked"))).turns] == [whole.turn.id]
    async with house.store() as session:
        for table in (ConversationRow, MessageRow, TurnEventsRow):
            assert await session.scalar(select(func.count()).select_from(table)) == 0
    await house.process.retention.apply(now + timedelta(days=366))
    assert await house.record.transcript(conversation) is None
    assert (await house.record.page(Filters(text="asked"))).turns == ()
    assert (await house.record.count(Filters())).turns == 1, "what was counted stays"


async def test_a_conversation_that_is_not_recorded_yet_is_kept(house: House) -> None:
    conversation = await house.open()
    await house.answer(await house.ask(conversation, "asked"))
    await house.process.retention.apply(datetime.now(UTC) + timedelta(days=31))
    assert len(await house.turns()) == 1


async def test_a_new_conversation_whose_message_gets_an_old_number_is_another_turn(house: House) -> None:
    first = await house.ask(await house.open(), "first")
    await house.answer(first)
    await house.turns()
    async with writing(house.store) as session:
        await session.execute(update(ConversationRow).values(created_at=datetime(2020, 1, 1, tzinfo=UTC)))
    await house.process.retention.apply(datetime.now(UTC))
    second = await house.ask(await house.open(), "second")
    async with writing(house.store) as session:
        # SQLite gives the number again by itself.
        await session.execute(update(MessageRow).where(MessageRow.id == second).values(id=first))
    await house.answer(first)
    assert [whole.turn.text for whole in await house.turns()] == ["second", "first"]


async def test_the_process_records_and_counts_until_it_is_stopped(house: House) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(house.process.run(stop))
    await house.answer(await house.ask(await house.open(), "asked"))
    async with asyncio.timeout(30):
        while not (await house.record.page(Filters(since=date(2020, 1, 1)))).turns:
            await asyncio.sleep(0.02)
    stop.set()
    await running
