"""One conversation whose messages land at two desks: in order, answered once, heard of at both, and never lost."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.store import nodes
from bot.store.conversations import Conversations
from bot.store.database import Sessions
from bot.switch import Switch
from bot.web import api, turns
from tests.database import allow_connections
from tests.servers.conftest import Client, StartDesk
from tests.web.conftest import Conversation, open_conversation
from tests.web.engine import FakeEngine

pytestmark = pytest.mark.slow

Engines = dict[str, FakeEngine]


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.02)


def at(client: Client, conversation: Conversation) -> Conversation:
    """The same conversation, spoken with at another desk."""
    return Conversation(client, {"id": conversation.id, "token": conversation.token, "replies": []})


async def test_what_one_desk_answers_is_heard_at_the_other(desk: StartDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "LOOK_AGAIN", 1000.0)
    here = await open_conversation(await desk("first"))
    there = at(await desk("second"), here)
    cursor = (await there.history())[-1]["cursor"]
    waiting = asyncio.create_task(there.history(after=cursor, wait="25"))
    await asyncio.sleep(0.2)
    assert (await here.say("What is a TISC?")).status == 200
    async with asyncio.timeout(10):
        assert (await waiting)[0]["text"] == "What is a TISC?"


async def test_messages_at_two_desks_are_asked_in_the_order_they_were_accepted(
    desk: StartDesk, engines: Engines
) -> None:
    here = await open_conversation(await desk("first"))
    there = at(await desk("second"), here)
    engines["first"].dial = "hangs"
    one = asyncio.create_task(here.say("one"))
    await until(lambda: len(engines["first"].heard) == 1)
    two = asyncio.create_task(there.say("two"))
    while len(await here.history()) < 3:
        await asyncio.sleep(0.02)
    await asyncio.sleep(1.0)
    assert engines["second"].heard == [], "the first is not answered yet"
    engines["first"].go_on.set()
    assert (await one).status == (await two).status == 200
    told = [(m["role"], m["text"]) for m in await here.history() if m["role"] == "delegate"]
    assert told == [("delegate", "one"), ("delegate", "two")]
    assert [m["message"] for m in engines["second"].heard] == ["two"]


async def test_turned_off_by_one_command_every_desk_is_off_from_the_next_message_on(
    desk: StartDesk, engines: Engines, store: Sessions, tmp_path: Path
) -> None:
    desks = [await open_conversation(await desk(name)) for name in ("first", "second")]
    switch = Switch(tmp_path, store)
    for is_off, outcome in ((True, "error"), (False, "answer")):
        await (switch.turn_off() if is_off else switch.turn_on())
        for one in desks:
            assert (await (await one.say("What is a TISC?")).json())["outcome"] == outcome
            assert f"desk_off {float(is_off)}" in await (await one.client.get("/metrics")).text()
    assert [len(engine.heard) for engine in engines.values()] == [1, 1]


async def test_a_desk_that_had_lost_the_database_knows_that_it_was_turned_off_meanwhile(
    desk: StartDesk, engines: Engines, store: Sessions, url: str, tmp_path: Path
) -> None:
    here = await open_conversation(await desk("first"))
    allow_connections(url, allowed=False)
    assert (await here.say("What is a TISC?")).status == 503
    allow_connections(url, allowed=True)
    await Switch(tmp_path, store).turn_off()
    assert (await (await here.say("What is a TISC?")).json())["outcome"] == "error"
    assert engines["first"].heard == []


async def test_a_message_sent_again_at_another_desk_is_answered_once(desk: StartDesk, engines: Engines) -> None:
    here = await open_conversation(await desk("first"))
    there = at(await desk("second"), here)
    engines["first"].dial = "hangs"
    message = str(uuid.uuid4())
    one = asyncio.create_task(here.say("What is a TISC?", message))
    await until(lambda: len(engines["first"].heard) == 1)
    again = asyncio.create_task(there.say("What is a TISC?", message))
    await asyncio.sleep(0.5)
    engines["first"].go_on.set()
    first, second = await one, await again
    assert (first.status, second.status) == (200, 200)
    assert await first.json() == await second.json()
    assert len(engines["first"].heard) + len(engines["second"].heard) == 1


async def test_a_desk_that_stops_finishes_what_the_engine_is_at_and_leaves_the_rest_to_the_other(
    desk: StartDesk, engines: Engines
) -> None:
    first = await desk("first")
    here = await open_conversation(first)
    there = at(await desk("second"), here)
    engines["first"].dial = "hangs"
    said = [asyncio.create_task(here.say(text)) for text in ("one", "two")]
    await until(lambda: len(engines["first"].heard) == 1)
    while len(await there.history()) < 3:
        await asyncio.sleep(0.02)
    stopping = asyncio.create_task(first.close())
    await asyncio.sleep(0.3)
    engines["first"].go_on.set()
    await stopping
    await asyncio.gather(*said, return_exceptions=True)
    async with asyncio.timeout(20):
        while [m["role"] for m in await there.history()].count("assistant") < 3:
            await asyncio.sleep(0.1)
    assert [m["message"] for m in engines["first"].heard] == ["one"]
    assert [m["message"] for m in engines["second"].heard] == ["two"]


async def test_what_a_desk_that_died_had_accepted_is_answered_by_the_other(
    desk: StartDesk, engines: Engines, store: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nodes, "SILENT", timedelta(seconds=1))
    monkeypatch.setattr(turns, "BEAT_SECONDS", 0.2)
    there = await open_conversation(await desk("second"))
    died = Conversations(store, "a desk that died")
    await died.accept(there.id, str(uuid.uuid4()), "What is a TISC?", None)
    async with asyncio.timeout(20):
        while len(await there.history()) < 3:
            await asyncio.sleep(0.1)
    assert [m["message"] for m in engines["second"].heard] == ["What is a TISC?"]


async def test_a_database_that_is_cut_off_while_the_engine_answers_gets_the_answer_when_it_is_back(
    desk: StartDesk, engines: Engines, url: str
) -> None:
    here = await open_conversation(await desk("first"))
    engines["first"].dial = "hangs"
    message = str(uuid.uuid4())
    one = asyncio.create_task(here.say("What is a TISC?", message))
    await until(lambda: len(engines["first"].heard) == 1)
    allow_connections(url, allowed=False)
    engines["first"].go_on.set()
    assert (await one).status == 503
    ready = await here.client.get("/readyz")
    assert (ready.status, ready.headers["Retry-After"]) == (503, "5")
    allow_connections(url, allowed=True)
    async with asyncio.timeout(30):
        while (answered := await here.say("What is a TISC?", message)).status == 503:
            await asyncio.sleep(0.1)
    assert answered.status == 200
    assert len(engines["first"].heard) == 1, "the engine is not asked again"


async def test_erased_at_one_desk_while_the_other_answers_it_leaves_nothing(
    desk: StartDesk, engines: Engines, store: Sessions
) -> None:
    here = await open_conversation(await desk("first"))
    there = at(await desk("second"), here)
    engines["first"].dial = "hangs"
    one = asyncio.create_task(here.say("What is a TISC?"))
    await until(lambda: len(engines["first"].heard) == 1)
    assert (await there.call("DELETE")).status == 204
    engines["first"].go_on.set()
    await asyncio.gather(one, return_exceptions=True)
    messages, replies = await Conversations(store).history(here.id)
    assert (list(messages), list(replies)) == ([], [])
    assert (await (await open_conversation(here.client)).say("What is a TISC?")).status == 200
