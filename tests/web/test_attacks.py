"""What somebody might try on the public port: guessing, posting from another site, holding all places."""

from __future__ import annotations

import asyncio
import json
import secrets
import uuid
import zlib
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse
from pytest_aiohttp import AiohttpClient
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from bot.publishing.served import Served
from bot.settings import Settings
from bot.web.app import public_app
from knowledge.base import KnowledgeBase
from tests.web.conftest import Client, Conversation, Start, open_conversation
from tests.web.engine import FakeEngine


async def test_guessing_tokens_is_slowed_down_and_hits_nobody_who_shares_the_address(start: Start) -> None:
    client = await start(limit_refusals="3/minute")
    conversation = await open_conversation(client)

    async def guess() -> ClientResponse:
        headers = {"Authorization": f"Bearer {secrets.token_urlsafe(32)}"}
        return await client.get(f"/api/v1/conversations/{conversation.id}/messages", headers=headers)

    assert [(await guess()).status for _ in range(4)] == [401, 401, 401, 429]
    assert int((await guess()).headers["Retry-After"]) > 0
    assert (await conversation.call("GET", "/messages")).status == 200


@pytest.mark.parametrize(
    "given", ["Bearer \udcff\udcfe", "Bearer", "Bearer  ", "Basic YTpi", "Bearer a b", "Bearer ' OR 1=1 --", "\udcff"]
)
async def test_a_token_that_is_none_is_401(client: Client, conversation: Conversation, given: str) -> None:
    reader, writer = await asyncio.open_connection(client.host, client.port)
    path = f"/api/v1/conversations/{conversation.id}/messages"
    head = f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: {given}\r\n\r\n"
    writer.write(head.encode("utf-8", "surrogateescape"))
    assert (await reader.read()).startswith(b"HTTP/1.1 401 ")
    writer.close()


async def test_a_token_in_the_address_opens_nothing(client: Client, conversation: Conversation) -> None:
    path = f"/api/v1/conversations/{conversation.id}/messages"
    for name in ("token", "access_token", "authorization"):
        assert (await client.get(path, params={name: conversation.token})).status == 401


async def test_a_stolen_token_is_worth_nothing_once_its_conversation_is_erased(conversation: Conversation) -> None:
    assert (await conversation.call("DELETE")).status == 204
    for method, path in (("GET", "/messages"), ("GET", "/transcript"), ("DELETE", "")):
        assert (await conversation.call(method, path)).status == 401


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_another_sites_page_can_post_nothing(client: Client, engine: FakeEngine, site: str) -> None:
    headers = {"Sec-Fetch-Site": site}
    assert (await client.post("/plain", data={"text": "a"}, headers=headers)).status == 403
    assert (await client.post("/api/v1/conversations", json={}, headers=headers)).status == 403
    assert engine.heard == []


@pytest.mark.parametrize("path", ["/api/v1/conversations", "/", "/plain", "/widget/frame", "/api/v1/openapi.json"])
async def test_no_other_origin_is_let_in(client: Client, path: str) -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for method in ("OPTIONS", "GET", "POST"):
        response = await client.request(method, path, headers=headers)
        assert [name for name in response.headers if name.startswith("Access-Control-")] == []


@pytest.mark.parametrize("path", ["/", "/plain", "/widget/frame", "/api/v1/openapi.json", "/nothing", "/healthz"])
async def test_every_answer_has_the_headers_that_bind_browsers_and_none_that_tells_what_we_are(
    client: Client, path: str
) -> None:
    response = await client.get(path)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in response.headers["Permissions-Policy"]
    assert "Cross-Origin-Resource-Policy" in response.headers
    assert not {"Server", "X-Powered-By", "Set-Cookie", "Strict-Transport-Security"} & set(response.headers)


async def test_the_api_is_never_cached(conversation: Conversation) -> None:
    for path in ("/messages", "/transcript"):
        assert (await conversation.call("GET", path)).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "PUT", "PATCH"])
async def test_methods_that_nothing_has_are_405(client: Client, method: str) -> None:
    assert (await client.request(method, "/api/v1/conversations")).status == 405


async def waiting(client: Client, calls: int) -> None:
    """Until so many calls wait."""
    async with asyncio.timeout(20):
        while f"desk_streams {float(calls)}" not in await (await client.get("/metrics")).text():
            await asyncio.sleep(0.01)


async def test_a_conversation_has_so_many_waiting_calls_and_gives_their_places_back(start: Start) -> None:
    client = await start(streams_conversation=2)
    conversation, other = await open_conversation(client), await open_conversation(client)
    path = f"/messages?after={conversation.welcome[0]['id']}&wait=20"
    listening = [asyncio.create_task(conversation.call("GET", path)) for _ in range(2)]
    await waiting(client, 2)
    refused = await conversation.call("GET", path)
    assert refused.status == 429
    assert int(refused.headers["Retry-After"]) > 0
    # Without waiting, and elsewhere, all goes on.
    assert (await conversation.call("GET", "/messages")).status == 200
    assert await other.history(after=other.welcome[0]["id"], wait="1") == []
    await conversation.say("What is a TISC?")
    assert [(await one).status for one in listening] == [200, 200]
    await waiting(client, 0)
    assert (await conversation.call("GET", path)).status == 200


async def test_an_address_has_so_many_waiting_calls(start: Start) -> None:
    client = await start(streams_address=3)
    *several, last = [await open_conversation(client) for _ in range(4)]

    def listen(one: Conversation) -> asyncio.Task[ClientResponse]:
        return asyncio.create_task(one.call("GET", f"/messages?after={one.welcome[0]['id']}&wait=20"))

    listening = [listen(one) for one in several]
    await waiting(client, 3)
    assert (await listen(last)).status == 429
    for one in several:
        await one.call("DELETE")
    assert [(await one).status for one in listening] == [401, 401, 401]


async def test_two_clients_behind_a_proxy_do_not_share_a_limit_and_none_can_pretend(start: Start) -> None:
    client = await start(trusted_proxies=1, limit_openings="1/minute")

    async def opening(forwarded: str) -> int:
        return (await client.post("/api/v1/conversations", json={}, headers={"X-Forwarded-For": forwarded})).status

    assert await opening("192.0.2.1") == 201
    assert await opening("192.0.2.2") == 201
    assert await opening("198.51.100.7, 192.0.2.1") == 429
    assert await opening("2001:db8::1") == 201
    assert await opening("2001:db8::2") == 429


@pytest.mark.parametrize(
    "body",
    [
        b'{"text":"\\ud800","client_message_id":"%s"}',
        b'{"text":"a\\u0000b","client_message_id":"%s"}',
        b'{"text":"' + "\u202e".encode() + b'a","client_message_id":"%s"}',
        b'{"text":1e400,"client_message_id":"%s"}',
        b'{"text":' + b"9" * 5000 + b',"client_message_id":"%s"}',
        b'{"text":NaN,"client_message_id":"%s"}',
        b'{"text":"a","text":"b","client_message_id":"%s"}',
        b'{"__proto__":{"a":1},"text":"a","client_message_id":"%s"}',
        b'{"text":"a","client_message_id":"%s","conversation_id":"x","outcome":"answer","state":"answered"}',
    ],
)
async def test_odd_json_is_taken_as_text_or_refused_and_never_breaks_anything(
    conversation: Conversation, body: bytes
) -> None:
    sent = body.replace(b"%s", str(uuid.uuid4()).encode())
    response = await conversation.call("POST", "/messages", data=sent, headers={"Content-Type": "application/json"})
    assert response.status in {200, 400, 422}
    assert (await conversation.call("GET", "/messages")).status == 200


async def test_a_body_that_unpacks_to_much_is_413(conversation: Conversation) -> None:
    packed = zlib.compress(json.dumps({"text": "a" * 10_000_000}).encode())
    headers = {"Content-Type": "application/json", "Content-Encoding": "deflate"}
    assert len(packed) < 65536
    assert (await conversation.call("POST", "/messages", data=packed, headers=headers)).status == 413


async def test_a_form_with_a_file_is_not_taken(client: Client) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=a"}
    assert (await client.post("/plain", data=b"--a--\r\n", headers=headers)).status == 415


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/%2e%2e/app.py", "/widget/assets/..%2fwindow.py", "//"])
async def test_no_file_but_the_published_ones_is_given(client: Client, path: str) -> None:
    reader, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    assert (await reader.read()).split(b" ", 2)[1] in {b"403", b"404"}
    writer.close()


async def test_a_request_has_an_id_which_reaches_the_engine_and_the_log(
    conversation: Conversation, engine: FakeEngine
) -> None:
    given = uuid.uuid4().hex
    body: dict[str, Any] = {"text": "my secret project", "client_message_id": str(uuid.uuid4())}
    with capture_logs(processors=[merge_contextvars]) as logged:
        response = await conversation.call("POST", "/messages", json=body, headers={"X-Request-ID": given})
    assert response.headers["X-Request-ID"] == given
    assert engine.heard[-1]["metadata"]["request"] == given
    lines = {line["event"]: line for line in logged if line["request"] == given}
    assert lines.keys() == {"request", "turn.answered"}
    line = lines["request"]
    assert line["status"] == 200
    assert line["route"] == "/api/v1/conversations/{conversation}/messages"
    assert "secret" not in json.dumps(list(lines.values()))


@pytest.mark.parametrize("given", ["", "short", "delegate@example.org", "a" * 65, "Amina-Diallo-0001"])
async def test_an_id_in_which_something_could_hide_is_replaced(client: Client, given: str) -> None:
    made = (await client.get("/healthz", headers={"X-Request-ID": given})).headers["X-Request-ID"]
    assert made != given
    assert len(made) == 32


async def test_browsers_are_told_to_come_by_https_alone_where_they_do(
    base: KnowledgeBase, tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    settings = Settings(data_dir=tmp_path)
    client = await aiohttp_client(public_app(settings, Served.at(base, settings.engine_url), https=True))
    for path in ("/", "/widget/frame", "/nothing", "/api/v1/openapi.json"):
        told = (await client.get(path)).headers["Strict-Transport-Security"]
        assert told == "max-age=31536000; includeSubDomains"
