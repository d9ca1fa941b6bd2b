"""What the application says of itself: its calls, its counts, its page."""

from __future__ import annotations

from tests.web.conftest import Client, open_conversation


async def test_the_document_names_every_call(client: Client) -> None:
    document = await (await client.get("/api/v1/openapi.json")).json()
    calls = {
        (method.upper(), path) for path, item in document["paths"].items() for method in item if method != "parameters"
    }
    one = "/conversations/{conversation}"
    assert calls == {
        ("POST", "/conversations"),
        ("POST", f"{one}/messages"),
        ("GET", f"{one}/messages"),
        ("POST", f"{one}/feedback"),
        ("GET", f"{one}/transcript"),
        ("DELETE", one),
    }


async def test_metrics_count_requests_and_tell_nothing_of_them(client: Client) -> None:
    conversation = await open_conversation(client)
    await conversation.say("my secret project")
    text = await (await client.get("/metrics")).text()
    assert 'route="POST /api/v1/conversations/{conversation}/messages",status="200"' in text
    assert conversation.id not in text
    assert "secret" not in text


async def test_the_page_has_a_strict_policy_and_its_sentences(client: Client) -> None:
    response = await client.get("/")
    text = await response.text()
    policy = response.headers["Content-Security-Policy"]
    assert response.status == 200
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "not a person" in text
    assert "<noscript><p>The chat window needs JavaScript." in text
    for asset in ("page.css", "icon.svg"):
        assert (await client.get(f"/static/{asset}")).status == 200
