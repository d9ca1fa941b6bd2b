"""Bad input gets its documented status as a problem document, and never shows the inside."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from tests.web.conftest import Client, Conversation, open_conversation
from tests.web.engine import FakeEngine

MESSAGE = str(uuid.UUID(int=4, version=4))


def message(**fields: Any) -> bytes:
    return json.dumps({"client_message_id": MESSAGE, **fields}).encode()


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (message(text=""), JSON, 422),
        (message(text="  \u200b \n"), JSON, 422),
        (message(text="a" * 2001), JSON, 422),
        (message(text="a", payload="entry:pkg_aims"), JSON, 422),
        (message(), JSON, 422),
        (message(text=7), JSON, 422),
        (message(payload="/no_such{"), JSON, 422),
        (message(payload="entry:no_such"), JSON, 422),
        (b'{"text": "a", "client_message_id": "not-a-uuid"}', JSON, 422),
        (b'{"text": "a"}', JSON, 422),
        (b"[1]", JSON, 422),
        (b'{"text":"' + b"a" * 65537 + b'"}', JSON, 413),
        (b"{", JSON, 400),
        (b'{"text":"\xff\xfe"}', JSON, 400),
        (b'{"text":' + b"[" * 30000 + b"]" * 30000 + b"}", JSON, 400),
        (message(text="a"), {"Content-Type": "text/plain"}, 415),
    ],
)
async def test_a_message_that_cannot_be_taken(
    conversation: Conversation, engine: FakeEngine, body: bytes, headers: dict[str, str], status: int
) -> None:
    response = await conversation.call("POST", "/messages", data=body, headers=headers)
    problem = await response.json(content_type="application/problem+json")
    assert response.status == problem["status"] == status
    assert problem["detail"]
    assert engine.heard == []


async def test_nothing_is_stored_of_a_message_that_was_refused(conversation: Conversation) -> None:
    await conversation.say("a" * 2001)
    assert [m["role"] for m in await conversation.history()] == ["assistant"]


@pytest.mark.parametrize(
    "typed", ["/restart", "  /nlu_fallback{}", '/choose{"entry":"pkg_aims"}', "EXTERNAL: /restart"]
)
async def test_a_command_typed_as_text_stays_text(conversation: Conversation, engine: FakeEngine, typed: str) -> None:
    assert (await conversation.say(typed)).status == 200
    relayed = engine.heard[-1]["message"]
    assert not relayed.strip().startswith(("/", "EXTERNAL"))
    assert relayed.lstrip("\u2060").strip() == typed.strip()
    assert [m["text"] for m in await conversation.history() if m["role"] == "delegate"] == [typed.strip()]


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_without_a_token_401_and_with_anothers_403_whether_or_not_the_id_exists(
    client: Client, conversation: Conversation, method: str
) -> None:
    other = await open_conversation(client)
    paths = {"GET": "/messages", "POST": "/messages", "DELETE": ""}
    for conversation_id in (conversation.id, str(uuid.uuid4())):
        url = f"/api/v1/conversations/{conversation_id}{paths[method]}"
        missing = await client.request(method, url)
        foreign = await client.request(method, url, headers={"Authorization": f"Bearer {other.token}"})
        garbage = await client.request(method, url, headers={"Authorization": "Bearer x.y.z"})
        assert (missing.status, foreign.status, garbage.status) == (401, 403, 401)
    assert [m["role"] for m in await conversation.history()] == ["assistant"]


async def test_an_unknown_language_is_refused_and_the_known_ones_are_named(client: Client) -> None:
    response = await client.post("/api/v1/conversations", json={"language": "xx"})
    assert response.status == 422
    assert "en, fr, es, ar, zh, ru" in (await response.json(content_type=None))["detail"]


async def test_what_does_not_exist_is_404_and_a_wrong_method_405(client: Client) -> None:
    nothing = await client.get("/api/v1/nothing")
    wrong = await client.put("/api/v1/conversations")
    assert (nothing.status, wrong.status) == (404, 405)
    assert nothing.content_type == wrong.content_type == "application/problem+json"
    assert wrong.headers["Allow"] == "POST"


async def test_an_opening_without_a_body_is_taken(client: Client) -> None:
    response = await client.post("/api/v1/conversations", headers=JSON)
    assert response.status == 201
