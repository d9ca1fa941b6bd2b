"""When the engine fails, hangs, starts or is gone: never silence, never an internal name, and nothing is lost."""

from __future__ import annotations

import asyncio
import re
import time
import uuid

import pytest

from bot.conversation.compose import Composer
from bot.launch.preflight import free_loopback_port
from tests.web.conftest import Conversation, Start, open_conversation
from tests.web.engine import Dial, FakeEngine, listening

INCIDENT = re.compile(r"\b[2-9A-HJ-NP-Z]{8}\b")


@pytest.mark.parametrize("dial", ["fails", "is silent", "talks nonsense"])
async def test_a_failing_engine_becomes_an_apology_with_an_incident(
    conversation: Conversation, engine: FakeEngine, dial: Dial, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.dial = dial
    turn = await (await conversation.say("my secret project")).json()
    (reply,) = turn["replies"]
    assert turn["outcome"] == reply["outcome"] == "error"
    assert reply["contact"]["id"] == "focal_point"
    log = capsys.readouterr().out
    (incident,) = INCIDENT.findall(reply["text"])
    assert incident in log
    assert "secret" not in log


async def test_an_engine_that_is_gone_gives_503_at_once_and_the_message_is_answered_when_it_is_back(
    start: Start, composer: Composer
) -> None:
    port = free_loopback_port()
    conversation = await open_conversation(await start(engine_url=f"http://127.0.0.1:{port}", answer_seconds=10))
    message_id = str(uuid.uuid4())
    began = time.monotonic()
    refused = await conversation.say("What is a TISC?", message_id)
    assert refused.status == 503
    assert time.monotonic() - began < 3
    assert int(refused.headers["Retry-After"]) > 0
    assert [m["state"] for m in await conversation.history() if m["role"] == "delegate"] == ["waiting"]
    async with listening(FakeEngine(composer), port):
        async with asyncio.timeout(20):
            while (answered := await conversation.say("What is a TISC?", message_id)).status == 503:
                await asyncio.sleep(0.1)
        assert answered.status == 200
    assert [m["role"] for m in await conversation.history()] == ["assistant", "delegate", "assistant"]


async def test_an_engine_that_cannot_take_a_message_now_is_asked_again_until_it_can(
    conversation: Conversation, engine: FakeEngine
) -> None:
    engine.dial = "takes nothing"
    message_id = str(uuid.uuid4())
    assert (await conversation.say("What is a TISC?", message_id)).status == 503
    asked = len(engine.heard)
    engine.dial = "answers"
    async with asyncio.timeout(20):
        while (answered := await conversation.say("What is a TISC?", message_id)).status == 503:
            await asyncio.sleep(0.1)
    assert (await answered.json())["outcome"] == "answer"
    assert asked < 5, "not without a pause"


async def test_a_slow_answer_is_not_lost_when_the_client_was_told_to_come_back(
    start: Start, engine: FakeEngine
) -> None:
    conversation = await open_conversation(await start(answer_seconds=0.2))
    engine.dial = "hangs"
    message_id = str(uuid.uuid4())
    assert (await conversation.say("What is a TISC?", message_id)).status == 503
    engine.dial = "answers"
    engine.go_on.set()
    async with asyncio.timeout(20):
        while (answered := await conversation.say("What is a TISC?", message_id)).status == 503:
            await asyncio.sleep(0.05)
    assert (await answered.json())["outcome"] == "answer"
    assert len(engine.heard) == 1


async def test_a_message_accepted_before_a_restart_of_the_desk_is_answered_after_it(
    start: Start, engine: FakeEngine
) -> None:
    engine.dial = "starts"
    before = await start()
    conversation = await open_conversation(before)
    assert (await conversation.say("What is a TISC?")).status == 503
    await before.close()
    engine.dial = "answers"
    conversation.client = await start()
    async with asyncio.timeout(20):
        while len(await conversation.history()) < 3:
            await asyncio.sleep(0.05)
    assert [m["role"] for m in await conversation.history()] == ["assistant", "delegate", "assistant"]


async def test_messages_of_one_conversation_keep_their_order(start: Start, engine: FakeEngine) -> None:
    conversation = await open_conversation(await start(answer_seconds=0.1))
    engine.dial = "hangs"
    for text in ("first", "second", "third"):
        assert (await conversation.say(text)).status == 503
    assert [m["message"] for m in engine.heard] == ["first"]
    engine.dial = "answers"
    engine.go_on.set()
    async with asyncio.timeout(20):
        while sum(m["role"] == "assistant" for m in await conversation.history()) < 4:
            await asyncio.sleep(0.05)
    assert [m["message"] for m in engine.heard] == ["first", "second", "third"]


async def test_a_conversation_erased_while_it_waits_stays_erased(start: Start, engine: FakeEngine) -> None:
    conversation = await open_conversation(await start(answer_seconds=0.1))
    engine.dial = "hangs"
    assert (await conversation.say("What is a TISC?")).status == 503
    assert (await conversation.call("DELETE")).status == 204
    assert (await conversation.call("GET", "/messages")).status == 401


async def test_an_erased_conversation_does_not_leave_the_engine_for_away(start: Start, engine: FakeEngine) -> None:
    client = await start()
    engine.dial = "starts"
    erased = await open_conversation(client)
    assert (await erased.say("What is a TISC?")).status == 503
    assert (await erased.call("DELETE")).status == 204
    engine.dial = "answers"
    other, message_id = await open_conversation(client), str(uuid.uuid4())
    async with asyncio.timeout(20):
        while (await other.say("What is a TISC?", message_id)).status == 503:
            await asyncio.sleep(0.05)
    assert (await other.say("and another?")).status == 200


async def test_readiness_waits_for_the_engine_and_liveness_does_not(start: Start, engine: FakeEngine) -> None:
    client = await start()
    assert (await client.get("/readyz")).status == 200
    engine.dial = "starts"
    assert (await client.get("/readyz")).status == 503
    assert (await client.get("/healthz")).status == 200
