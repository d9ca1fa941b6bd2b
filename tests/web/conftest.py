"""The public application over a real database file and a real, if fake, engine."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient
from pytest_aiohttp import AiohttpClient

from bot.conversation.compose import Composer
from bot.publishing.served import Served
from bot.settings import Settings
from bot.web.app import public_app
from knowledge.base import KnowledgeBase
from tests.database import database_of
from tests.web.engine import FakeEngine, listening

Client = TestClient[Any, Any]
Start = Callable[..., Awaitable[Client]]


@pytest.fixture
async def engine(composer: Composer) -> AsyncIterator[FakeEngine]:
    fake = FakeEngine(composer)
    async with listening(fake) as server:
        fake.url = str(server.make_url("")).rstrip("/")
        yield fake


@pytest.fixture
def start(engine: FakeEngine, base: KnowledgeBase, tmp_path: Path, aiohttp_client: AiohttpClient) -> Start:
    async def start_app(**settings: Any) -> Client:
        places = {"data_dir": tmp_path, "database_url": database_of(tmp_path), "engine_url": engine.url}
        chosen = Settings(**{**places, "answer_seconds": 2, **settings})
        return await aiohttp_client(public_app(chosen, Served.at(base, chosen.engine_url)))

    return start_app


@pytest.fixture
async def client(start: Start) -> Client:
    return await start()


class Conversation:
    def __init__(self, client: Client, opened: dict[str, Any]) -> None:
        self.client, self.id, self.token = client, opened["id"], opened["token"]
        self.welcome = opened["replies"]

    async def call(self, method: str, path: str = "", **options: Any) -> ClientResponse:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return await self.client.request(method, f"/api/v1/conversations/{self.id}{path}", headers=headers, **options)

    async def say(self, text: str, message_id: str | None = None) -> ClientResponse:
        body = {"text": text, "client_message_id": message_id or str(uuid.uuid4())}
        return await self.call("POST", "/messages", json=body)

    async def history(self, **query: str) -> list[dict[str, Any]]:
        response = await self.call("GET", "/messages", params=query)
        assert response.status == 200, await response.text()
        return (await response.json())["messages"]  # type: ignore[no-any-return]


async def open_conversation(client: Client, **body: Any) -> Conversation:
    response = await client.post("/api/v1/conversations", json=body)
    assert response.status == 201, await response.text()
    return Conversation(client, await response.json())


@pytest.fixture
async def conversation(client: Client) -> Conversation:
    return await open_conversation(client)
