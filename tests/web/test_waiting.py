"""A call that waits for what is said next: it ends as soon as there is something, and with the conversation."""

from __future__ import annotations

import asyncio
import time
import uuid

import pytest

from tests.web.conftest import Client, Conversation, Start, open_conversation
from tests.web.engine import FakeEngine


async def test_what_is_said_meanwhile_arrives_at_once(conversation: Conversation) -> None:
    welcome = conversation.welcome[0]["id"]
    listening = asyncio.create_task(conversation.history(after=welcome, wait="20"))
    await asyncio.sleep(0)
    question = str(uuid.uuid4())
    await conversation.say("What is a TISC?", question)
    heard = await asyncio.wait_for(listening, 5)
    assert heard[0]["cursor"] == question
    rest = heard[1:] or await conversation.history(after=question, wait="20")
    assert rest[0]["in_reply_to"] == question


async def test_nothing_said_ends_the_wait_when_it_was_to_end(conversation: Conversation) -> None:
    began = time.monotonic()
    assert await conversation.history(after=conversation.welcome[0]["id"], wait="1") == []
    # Far below the longest wait there is, on a busy machine too.
    assert 0.9 < time.monotonic() - began < 20


async def test_an_answer_that_comes_after_the_engine_is_back_arrives(start: Start, engine: FakeEngine) -> None:
    conversation = await open_conversation(await start())
    engine.dial = "starts"
    question = str(uuid.uuid4())
    assert (await conversation.say("What is a TISC?", question)).status == 503
    listening = asyncio.create_task(conversation.history(after=question, wait="20"))
    engine.dial = "answers"
    assert (await asyncio.wait_for(listening, 15))[0]["in_reply_to"] == question


async def test_erasing_ends_the_wait(conversation: Conversation) -> None:
    path = f"/messages?after={conversation.welcome[0]['id']}&wait=20"
    listening = asyncio.create_task(conversation.call("GET", path))
    await asyncio.sleep(0.1)
    assert (await conversation.call("DELETE")).status == 204
    assert (await asyncio.wait_for(listening, 5)).status == 401


@pytest.mark.parametrize("wait", ["-1", "26", "1.5", "soon", "", "٣"])
async def test_a_wait_that_is_none_is_refused(conversation: Conversation, wait: str) -> None:
    assert (await conversation.call("GET", "/messages", params={"wait": wait})).status == 422


async def test_the_application_ends_while_somebody_waits(client: Client) -> None:
    conversation = await open_conversation(client)
    path = f"/messages?after={conversation.welcome[0]['id']}&wait=20"
    listening = asyncio.create_task(conversation.call("GET", path))
    await asyncio.sleep(0.1)
    began = time.monotonic()
    await client.server.close()
    assert time.monotonic() - began < 5
    await asyncio.gather(listening, return_exceptions=True)
