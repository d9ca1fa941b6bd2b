"""The form for those without JavaScript: a whole conversation by plain pages."""

from __future__ import annotations

import re
from typing import Any

from tests.web.conftest import Client, Start
from tests.web.engine import FakeEngine


def fields(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)"', page))


async def send(client: Client, page: str = "", **more: Any) -> str:
    page = page or await (await client.get("/plain?language=en")).text()
    response = await client.post("/plain?language=en", data={**fields(page), **more})
    assert response.status == 200
    assert "Set-Cookie" not in response.headers
    return await response.text()


async def test_asks_and_reads_the_answer_with_its_sources(client: Client) -> None:
    page = await send(client, text="What is a TISC?")
    assert "Technology and Innovation Support Center" in page
    assert "<summary>Sources (" in page


async def test_goes_on_in_the_same_conversation_by_text_and_by_button(client: Client) -> None:
    first = await send(client, text="What is a TISC?")
    second = await send(client, first, text="and who hosts it?")
    (payload, *_) = re.findall(r'name="payload" value="([^"]+)"', second)
    third = await send(client, second, payload=payload)
    assert third.count('class="said delegate"') == 3
    assert fields(first)["token"] == fields(third)["token"]


async def test_sending_the_same_page_twice_asks_once(client: Client, engine: FakeEngine) -> None:
    first = await send(client, text="What is a TISC?")
    await send(client, first, text="and who hosts it?")
    page = await send(client, first, text="and who hosts it?")
    assert page.count('class="said delegate"') == 2
    assert len(engine.heard) == 2


async def test_an_answer_that_is_late_can_be_shown_later(start: Start, engine: FakeEngine) -> None:
    client = await start(answer_seconds=0.1)
    engine.dial = "hangs"
    page = await send(client, text="What is a TISC?")
    assert "The answer is not ready yet." in page
    engine.dial = "answers"
    engine.go_on.set()
    for _ in range(50):
        page = await send(client, page, show="1")
        if "Technology and Innovation" in page:
            break
    assert "Technology and Innovation" in page
    assert 'name="show"' not in page


async def test_what_cannot_be_taken_is_said_and_stays_in_the_field(client: Client) -> None:
    page = await send(client, text="a" * 2001)
    assert "too long" in page
    assert f">{'a' * 2001}</textarea>" in page
    assert "could not be taken" in await send(client, text="   ")


async def test_markup_stays_text(client: Client) -> None:
    page = await send(client, text="<script>alert(1)</script>")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


async def test_erases_and_then_knows_nothing(client: Client) -> None:
    page = await send(client, text="What is a TISC?")
    assert "has been erased" in await send(client, page, erase="1")
    assert "no longer available" in await send(client, page, text="What is a TISC?")


async def test_too_many_questions_are_said_in_plain_words(start: Start) -> None:
    client = await start(limit_conversation="1/minute")
    page = await send(client, text="What is a TISC?")
    assert "Too many questions" in await send(client, page, text="and again?")
