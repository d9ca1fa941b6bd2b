"""Ready means: what is written finds its place, and the engine has understood something."""

from __future__ import annotations

import shutil
import sqlite3
from collections import namedtuple
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.database import allow_connections, database_of, on_postgresql
from tests.web.conftest import Client, Conversation, Start, open_conversation
from tests.web.engine import FakeEngine


async def test_a_disk_without_room_is_not_ready_and_says_how_much_it_has(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await client.get("/readyz")).status == 200
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9 - 2**20, 2**20))
    response = await client.get("/readyz")
    assert response.status == 503
    assert "1 MiB free" in (await response.json(content_type=None))["detail"]
    assert (await client.get("/healthz")).status == 200


@contextmanager
def unwritable(folder: Path) -> Iterator[None]:
    """The database of the folder takes nothing: another writes and does not end, or the server lets nobody in."""
    if on_postgresql():
        allow_connections(database_of(folder), allowed=False)
        yield
        allow_connections(database_of(folder), allowed=True)
        return
    with closing(sqlite3.connect(folder / "assistant.db")) as other:
        other.execute("begin immediate")
        yield
        other.rollback()


async def test_a_database_that_cannot_be_written_is_not_ready(client: Client, tmp_path: Path) -> None:
    with unwritable(tmp_path):
        response = await client.get("/readyz")
        assert response.status == 503
        assert "cannot be written" in (await response.json(content_type=None))["detail"]
    assert (await client.get("/readyz")).status == 200


async def test_metrics_tell_what_waits_and_how_turns_ended(start: Start, engine: FakeEngine, tmp_path: Path) -> None:
    client = await start(answer_seconds=0.1)
    conversation = await open_conversation(client)
    assert (await conversation.say("What is a TISC?")).status in {200, 503}
    engine.dial = "hangs"
    assert (await conversation.say("and then?")).status == 503
    text = await (await client.get("/metrics")).text()
    assert 'desk_turns_total{outcome="answer"} 1.0' in text
    assert "desk_messages_waiting 1.0" in text
    assert "desk_database_up 1.0" in text
    assert "desk_engine_ready 1.0" in text
    assert ("desk_backup_timestamp_seconds 0.0" in text) is not on_postgresql()


async def test_a_turn_is_written_down_by_its_outcome(
    conversation: Conversation, capsys: pytest.CaptureFixture[str]
) -> None:
    await conversation.say("my secret project")
    out = capsys.readouterr().out
    assert "turn.answered" in out
    assert "secret" not in out
