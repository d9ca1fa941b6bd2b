"""What a delegate sees of a case: that it is open, and the person's answer, which another process wrote."""

from __future__ import annotations

import asyncio
import html
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_aiohttp import AiohttpClient

from bot.cases.replies import read
from bot.publishing.served import Served
from bot.settings import Settings
from bot.store.database import connect, sessions
from bot.web.app import public_app
from knowledge.base import KnowledgeBase
from tests.cases.conftest import FOCAL_POINT, Clock, House
from tests.database import database_of
from tests.web.conftest import Conversation, open_conversation
from tests.web.engine import FakeEngine


@pytest.fixture
async def house(tmp_path: Path, base: KnowledgeBase, conversation: Conversation) -> AsyncIterator[House]:
    """The courier's process over the same database."""
    engine = connect(database_of(tmp_path))
    options = {"address_focal_point": FOCAL_POINT, "mail_from": "assistant@example.org", "smtp_host": None}
    yield House(tmp_path, base, sessions(engine), options, Clock(datetime.now(UTC)))
    await engine.dispose()


async def answered(house: House, reference: str, text: str) -> None:
    case = await house.cases.by_reference(reference)
    token = (await house.outbox.of_case(case.key))[0].token
    message = f"From: {FOCAL_POINT}\r\nTo: assistant+{token}@example.org\r\nMessage-ID: <a@b>\r\n\r\n{text}\r\n"
    assert read(message.encode(), house.settings.replies_to).tokens == (token,)
    await house.post.intake.take(message.encode())


async def test_an_open_case_is_told_and_its_answer_arrives_while_the_window_waits(
    conversation: Conversation, house: House
) -> None:
    path = {"after": conversation.welcome[0]["id"]}
    assert (await (await conversation.call("GET", "/messages")).json())["case"] is None
    receipt = await house.ask(conversation_id=conversation.id)
    history = await (await conversation.call("GET", "/messages")).json()
    assert history["case"] == {
        "reference": receipt.reference,
        "state": "queued",
        "contact": history["case"]["contact"],
        "answer_by": receipt.answer_by.isoformat(),
    }
    assert history["case"]["contact"]["name"] == "Mr. Sherif Saadallah"
    listening = asyncio.create_task(conversation.call("GET", "/messages", params={**path, "wait": "20"}))
    await answered(house, receipt.reference, "Yes, in March.")
    history = await (await asyncio.wait_for(listening, 15)).json()
    (said,) = history["messages"]
    assert (said["role"], said["text"]) == ("person", "Yes, in March.")
    assert said["reply"]["person"] == {"name": "Mr. Sherif Saadallah", "reference": receipt.reference}
    assert said["reply"]["outcome"] == "handoff"
    assert history["case"] is None


async def test_the_transcript_names_the_person(conversation: Conversation, house: House) -> None:
    receipt = await house.ask(conversation_id=conversation.id)
    await answered(house, receipt.reference, "Yes, in March.")
    text = await (await conversation.call("GET", "/transcript")).text()
    marked = f"Answer from a person, reference {receipt.reference}"
    assert f"Mr. Sherif Saadallah ({marked}): Yes, in March." in text


async def test_without_javascript_the_open_case_is_told_and_the_person_is_named(
    conversation: Conversation, house: House
) -> None:
    receipt = await house.ask(conversation_id=conversation.id)
    waiting = f"Your question {receipt.reference} awaits a person's answer: Mr. Sherif Saadallah, by "
    form = {"token": conversation.token, "show": "1"}
    assert waiting in html.unescape(await (await conversation.client.post("/plain", data=form)).text())
    await answered(house, receipt.reference, "<b>Yes</b>")
    text = html.unescape(raw := await (await conversation.client.post("/plain", data=form)).text())
    assert waiting not in text
    assert f"Answer from a person, reference {receipt.reference}" in text
    assert "&lt;b&gt;Yes&lt;/b&gt;" in raw


async def test_who_speaks_in_a_conversation_is_told_to_what_counts_cases(
    engine: FakeEngine, base: KnowledgeBase, tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    seen: list[tuple[str, str]] = []
    settings = Settings(data_dir=tmp_path, database_url=database_of(tmp_path), engine_url=engine.url, trusted_proxies=1)
    client = await aiohttp_client(
        public_app(settings, Served.at(base, settings.engine_url), lambda *told: seen.append(told))
    )
    conversation = await open_conversation(client)
    await client.post(
        f"/api/v1/conversations/{conversation.id}/messages",
        json={"text": "What is a TISC?", "client_message_id": str(uuid.uuid4())},
        headers={"Authorization": f"Bearer {conversation.token}", "X-Forwarded-For": "192.0.2.7"},
    )
    assert seen == [(conversation.id, "192.0.2.7")]
