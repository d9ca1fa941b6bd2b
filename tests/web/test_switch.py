"""Turned off, the assistant says so in the delegate's language and asks no engine; turned on, it goes on at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.switch import Switch, main
from knowledge.records import Language
from tests.web.conftest import Client, Conversation, open_conversation
from tests.web.engine import FakeEngine


@pytest.mark.parametrize("language", list(Language))
async def test_the_notice_stands_in_the_place_of_the_welcome_and_of_every_answer(
    client: Client, engine: FakeEngine, tmp_path: Path, language: Language
) -> None:
    Switch(tmp_path).turn_off()
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


async def test_it_goes_on_when_it_is_turned_on(conversation: Conversation, tmp_path: Path) -> None:
    Switch(tmp_path).turn_off()
    assert (await (await conversation.say("What is a TISC?")).json())["outcome"] == "error"
    Switch(tmp_path).turn_on()
    assert (await (await conversation.say("What is a TISC?")).json())["outcome"] == "answer"


def test_the_command_says_what_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    for to in ("off", "status", "on", "status"):
        assert main([to]) == 0
    assert capsys.readouterr().out.split("\n")[:4] == [f"the assistant is {to}" for to in ("off", "off", "on", "on")]
