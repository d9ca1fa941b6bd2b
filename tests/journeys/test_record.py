"""What is asked over the chat API stands in the record, complete, though the recorder or the engine is killed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import psutil
import pytest

from bot.conversation.outcome import Outcome
from bot.log.filters import Filters
from bot.log.masking.mask import Masking
from bot.log.record import Record
from bot.log.turns import WholeTurn
from bot.store.database import connect, sessions
from knowledge.base import KnowledgeBase
from knowledge.records import Language
from tests.journeys.conftest import Assistant, Delegate, assistant_with

pytestmark = pytest.mark.journey

T = TypeVar("T")
Until = Callable[[Callable[[], bool], str], None]


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with assistant_with(tmp_path_factory) as started:
        yield started


@pytest.fixture(scope="module")
def masking(base: KnowledgeBase) -> Masking:
    return Masking(base)


class Reading:
    """The record of a running assistant, read as the console will."""

    def __init__(self, assistant: Assistant, masking: Masking) -> None:
        self._address = f"sqlite+aiosqlite:///{assistant.data / 'assistant.db'}"
        self._masking = masking

    def _read(self, what: Callable[[Record], Awaitable[T]]) -> T:
        async def read() -> T:
            engine = connect(self._address)
            try:
                return await what(Record(sessions(engine), self._masking))
            finally:
                await engine.dispose()

        return asyncio.run(read())

    def turns(self, delegate: Delegate) -> list[WholeTurn]:
        transcript = self._read(lambda record: record.transcript(delegate.path.rpartition("/")[2]))
        return list(transcript.turns) if transcript else []

    def complete(self, delegate: Delegate, turns: int) -> bool:
        found = self.turns(delegate)
        return len(found) == turns and all(whole.turn.model for whole in found)

    def found(self, text: str) -> int:
        return len(self._read(lambda record: record.page(Filters(text=text))).turns)

    def revealed(self, turn_id: int) -> str | None:
        return self._read(lambda record: record.reveal(turn_id))


@pytest.fixture
def reading(assistant: Assistant, masking: Masking) -> Reading:
    return Reading(assistant, masking)


def recorder(assistant: Assistant) -> psutil.Process:
    for process in psutil.Process(assistant.running.pid).children(recursive=True):
        if process.cmdline()[-2:] == ["-m", "bot.background"]:
            return process
    raise AssertionError("the recorder is not running; see log/background.log in the data folder")


def test_a_turn_is_recorded_whole(delegate: Delegate, reading: Reading, until: Until) -> None:
    delegate.say("My name is Grace Wanjiru from Kenya. What is a TISC?")
    turn = delegate.say("And who can use one?")
    until(lambda: reading.complete(delegate, 2), "both turns are in the record")
    first, second = reading.turns(delegate)
    assert "Grace" not in first.turn.text
    assert "What is a TISC?" in first.turn.text
    assert reading.revealed(first.turn.id) == "My name is Grace Wanjiru from Kenya. What is a TISC?"
    assert (first.turn.language, first.turn.outcome) == (Language.EN, Outcome.ANSWER)
    assert first.turn.entry == first.reasons.entries[0] == second.reasons.focus
    assert first.turn.area == "innovation_support"
    assert first.turn.confidence is not None
    assert len(first.reasons.requests) > 1
    assert first.reasons.facts
    assert "KE" in first.reasons.member_states
    assert (first.reasons.action, first.reasons.policy) == ("action_answer", "RulePolicy")
    assert first.reasons.understanding_milliseconds is not None
    assert first.turn.milliseconds is not None
    assert second.replies[0].text == turn["replies"][0]["text"]
    reply = turn["replies"][0]["id"]
    assert delegate.call("POST", "/feedback", {"reply_id": reply, "helpful": False, "comment": "too long"})[0] == 204
    until(lambda: reading.turns(delegate)[1].turn.helpful is False, "the feedback is in the record")
    assert reading.turns(delegate)[1].turn.comment == "too long"


def test_what_the_handoff_form_is_told_is_masked_and_its_case_is_named(
    delegate: Delegate, reading: Reading, until: Until
) -> None:
    delegate.say("I want to talk to a person")
    said = ("Amina Otieno", "Kenya", "amina.otieno@example.org", "Could a trainer visit our office in March?", "no")
    for text in said:
        delegate.say(text)
    sent = delegate.say("send it")
    assert sent["outcome"] == "handoff"
    until(lambda: reading.complete(delegate, len(said) + 2), "the form's turns are in the record")
    turns = reading.turns(delegate)
    shown = "\n".join([*(w.turn.text for w in turns), *(r.text for w in turns for r in w.replies)])
    assert "Amina" not in shown
    assert "Otieno" not in shown
    assert "amina.otieno" not in shown
    assert turns[1].turn.text == "[name]"
    assert [whole.turn.case is not None for whole in turns] == [False] * (len(turns) - 1) + [True]
    assert all(whole.reasons.form for whole in turns[:-1])


def test_what_is_asked_while_the_recorder_is_dead_is_recorded_when_it_is_back(
    assistant: Assistant, delegate: Delegate, reading: Reading, until: Until
) -> None:
    killed = recorder(assistant)
    killed.kill()
    for text in ("What is ARDI?", "Who can apply?", "What does it cost?"):
        delegate.say(text)
    until(lambda: reading.complete(delegate, 3), "what was asked meanwhile is in the record")
    assert recorder(assistant).pid != killed.pid
    assert [whole.turn.text for whole in reading.turns(delegate)] == [
        "What is ARDI?",
        "Who can apply?",
        "What does it cost?",
    ]


def test_a_message_asked_while_the_engine_is_dead_is_one_turn(
    assistant: Assistant, delegate: Delegate, reading: Reading, until: Until
) -> None:
    delegate.say("What is mediation?")
    assistant.engine().kill()
    delegate.say("What does it cost?")
    until(lambda: reading.complete(delegate, 2), "both turns are in the record")


def test_erasing_takes_a_conversation_out_of_the_record(delegate: Delegate, reading: Reading, until: Until) -> None:
    mark = "quetzalcoatlus"
    delegate.say(f"our project is called {mark}, what is a TISC?")
    until(lambda: reading.found(mark) == 1, "the turn is found")
    assert delegate.call("DELETE")[0] == 204
    assert reading.found(mark) == 0
    assert reading.turns(delegate) == []
    data = delegate.assistant.data
    left = [path.name for path in data.rglob("*") if path.is_file() and mark.encode() in path.read_bytes()]
    assert left == []
