"""Turned off, the assistant says so in the delegate's language and asks no engine; turned on, it goes on at once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.store.database import Sessions
from bot.switch import Switch, main
from knowledge.records import Language
from tests.database import database_of
from tests.web.conftest import Client, Conversation, open_conversation
from tests.web.engine import FakeEngine


@pytest.fixture
def switch(tmp_path: Path, store: Sessions) -> Switch:
    return Switch(tmp_path, store)


@pytest.mark.parametrize("language", list(Language))
async def test_the_notice_stands_in_the_place_of_the_welcome_and_of_every_answer(
    client: Client, engine: FakeEngine, switch: Switch, language: Language
) -> None:
    await switch.turn_off()
    conversation = await open_conversation(client, language=language.value)
    turn = await (await conversation.say("What is a TISC?")).json()
    (reply,) = turn["replies"]
    assert reply["text"] == conversation.welcome[0]["text"]
    assert reply["language"] == language
    assert reply["contact"]["id"] == "focal_point"
    assert turn["outcome"] == "error"
    assert engine.heard == []
    assert (await client.get("/readyz")).status == 200
    assert "desk_off 1.0" in await (await client.get("/metrics")).text()


async def test_it_goes_on_when_it_is_turned_on(conversation: Conversation, switch: Switch) -> None:
    await switch.turn_off()
    assert (await (await conversation.say("What is a TISC?")).json())["outcome"] == "error"
    await switch.turn_on()
    assert (await (await conversation.say("What is a TISC?")).json())["outcome"] == "answer"


async def test_what_waits_for_an_engine_that_is_away_is_told_the_notice(
    conversation: Conversation, engine: FakeEngine, switch: Switch
) -> None:
    engine.dial = "starts"
    assert (await conversation.say("What is a TISC?")).status == 503
    await switch.turn_off()
    async with asyncio.timeout(20):
        while len(said := await conversation.history()) < 3:
            await asyncio.sleep(0.05)
    assert said[-1]["reply"]["contact"]["id"] == "focal_point"


def test_the_command_says_what_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_of(tmp_path))
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    for to in ("off", "off", "status", "on", "on", "status"):
        assert main([to]) == 0
    told = [f"the assistant is {to}" for to in ("off", "off", "off", "on", "on", "on")]
    assert capsys.readouterr().out.splitlines() == told


def test_the_command_says_that_it_cannot_reach_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", f"postgresql://nobody@/nothing?host={tmp_path}")
    assert main(["off"]) == 1
    assert "DATABASE_URL" in capsys.readouterr().err
