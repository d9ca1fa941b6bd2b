"""The chat API as documented: opening, saying, reading, feedback, transcript, erasing."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Self

import pytest

from bot.store import conversations
from tests.database import ask, on_postgresql
from tests.web.conftest import Client, Conversation, Start, open_conversation
from tests.web.engine import FakeEngine


async def test_a_conversation_begins_with_a_welcome_that_says_it_is_no_person(client: Client) -> None:
    conversation = await open_conversation(client, language="en")
    (welcome,) = conversation.welcome
    assert "not a person" in welcome["text"]
    assert welcome["outcome"] == "small_talk"
    assert len(welcome["buttons"]) == 3


async def test_a_question_is_answered_with_facts_and_sources(conversation: Conversation) -> None:
    response = await conversation.say("What is a TISC?")
    turn = await response.json()
    assert response.status == 200
    assert turn["outcome"] == "answer"
    (reply,) = turn["replies"]
    assert set(reply) == {
        *("id", "text", "language", "direction", "outcome", "area", "facts", "sources", "contact", "buttons")
    }
    assert "INN07" in reply["facts"]
    assert all(set(source) == {"title", "url", "date"} for source in reply["sources"])


async def test_a_button_is_relayed_as_the_choice_of_its_entry(conversation: Conversation, engine: FakeEngine) -> None:
    body = {"payload": "entry:inn_tisc_what", "client_message_id": str(uuid.uuid4())}
    response = await conversation.call("POST", "/messages", json=body)
    assert response.status == 200
    assert engine.heard[-1]["message"] == '/choose{"entry":"inn_tisc_what"}'
    assert [m["text"] for m in await conversation.history() if m["role"] == "delegate"] == ["What a TISC is"]


async def test_the_same_message_twice_is_handled_once(conversation: Conversation, engine: FakeEngine) -> None:
    message_id = str(uuid.uuid4())
    first = await (await conversation.say("What is a TISC?", message_id)).json()
    again = await (await conversation.say("What is a TISC?", message_id)).json()
    assert first == again
    assert len(engine.heard) == 1


class SetBack(datetime):
    """A clock that was set back since the conversation was opened."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return super().now(tz) - timedelta(hours=1)


async def test_a_clock_that_is_set_back_changes_nothing_in_the_order(
    conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    await conversation.say("one")
    cursor = (await conversation.history())[-1]["cursor"]
    monkeypatch.setattr(conversations, "datetime", SetBack)
    await conversation.say("two")
    history = await conversation.history()
    assert [m["role"] for m in history] == ["assistant", "delegate", "assistant", "delegate", "assistant"]
    assert [m["text"] for m in history if m["role"] == "delegate"] == ["one", "two"]
    assert [m["role"] for m in await conversation.history(after=cursor)] == ["delegate", "assistant"]


async def test_the_history_is_oldest_first_and_can_be_read_from_a_cursor(conversation: Conversation) -> None:
    await conversation.say("one")
    await conversation.say("two")
    history = await conversation.history()
    assert [m["role"] for m in history] == ["assistant", "delegate", "assistant", "delegate", "assistant"]
    assert [m["text"] for m in history if m["role"] == "delegate"] == ["one", "two"]
    assert await conversation.history(after=history[2]["cursor"]) == history[3:]
    unknown = await conversation.call("GET", "/messages", params={"after": "nowhere"})
    assert unknown.status == 422


async def test_feedback_is_kept_and_the_last_word_counts(conversation: Conversation, tmp_path: Path) -> None:
    reply = (await (await conversation.say("What is a TISC?")).json())["replies"][0]
    for helpful in (True, False):
        body = {"reply_id": reply["id"], "helpful": helpful, "comment": "a word"}
        assert (await conversation.call("POST", "/feedback", json=body)).status == 204
    assert ask(tmp_path, "select helpful, comment from feedback") == [(False, "a word")]


async def test_feedback_on_another_conversations_reply_is_404(client: Client, conversation: Conversation) -> None:
    reply = (await (await conversation.say("What is a TISC?")).json())["replies"][0]
    other = await open_conversation(client)
    response = await other.call("POST", "/feedback", json={"reply_id": reply["id"], "helpful": True})
    assert response.status == 404


async def test_the_transcript_tells_who_said_what_with_sources(conversation: Conversation) -> None:
    await conversation.say("What is a TISC?")
    response = await conversation.call("GET", "/transcript")
    text = await response.text()
    assert response.content_type == "text/plain"
    assert "You: What is a TISC?" in text
    assert "Assistant: A TISC is" in text
    assert "https://" in text


async def test_erasing_leaves_nothing_and_closes_the_conversation(conversation: Conversation, tmp_path: Path) -> None:
    await conversation.say("our project is called quetzalcoatl, what is a TISC?")
    assert (await conversation.call("DELETE")).status == 204
    assert (await conversation.call("GET", "/messages")).status == 401
    left = [p.name for p in tmp_path.rglob("*") if p.is_file() and b"quetzalcoatl" in p.read_bytes()]
    assert left == []


async def test_erasing_reaches_the_engines_own_record(conversation: Conversation, tmp_path: Path) -> None:
    if not on_postgresql():
        columns = "id integer primary key, sender_id text, type_name text, data text"
        ask(tmp_path, f"create table events ({columns})", file="tracker.db")
    add = "insert into events (id, sender_id, type_name, data) values (?, ?, 'user', ?)"
    ask(tmp_path, add, 1, conversation.id, "quetzalcoatl", file="tracker.db")
    ask(tmp_path, add, 2, "somebody else", "stays", file="tracker.db")
    assert (await conversation.call("DELETE")).status == 204
    assert ask(tmp_path, "select data from events", file="tracker.db") == [("stays",)]
    assert on_postgresql() or b"quetzalcoatl" not in (tmp_path / "tracker.db").read_bytes()


async def test_a_token_opens_its_conversation_only_until_it_expires(conversation: Conversation, tmp_path: Path) -> None:
    ask(tmp_path, "update conversations set expires_at = '2020-01-01 00:00:00.000000'")
    assert (await conversation.call("GET", "/messages")).status == 401


async def test_too_many_messages_are_told_when_to_come_back(start: Start) -> None:
    conversation = await open_conversation(await start(limit_conversation="2/minute"))
    statuses = [(await conversation.say("What is a TISC?")).status for _ in range(2)]
    refused = await conversation.say("What is a TISC?")
    assert statuses == [200, 200]
    assert refused.status == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60


async def test_one_conversations_limit_does_not_touch_another(start: Start) -> None:
    client = await start(limit_conversation="1/minute")
    first, second = await open_conversation(client), await open_conversation(client)
    assert (await first.say("one")).status == (await second.say("one")).status == 200
