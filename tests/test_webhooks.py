"""The loopback port of the actions answers the engine alone."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr

from bot.desk import Webhooks
from bot.publishing.served import Served
from knowledge.base import KnowledgeBase
from tests.actions.case_desk import MemoryDesk

TOKEN = "t" * 43


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 401), ({"Authorization": "Bearer " + "u" * 43}, 401), ({"Authorization": f"Bearer {TOKEN}"}, 404)],
)
async def test_only_the_engine_may_call_the_actions(base: KnowledgeBase, headers: dict[str, str], status: int) -> None:
    webhooks = Webhooks(MemoryDesk(), SecretStr(TOKEN))
    served = Served.at(base, "http://127.0.0.1:1")
    webhooks.take(served)
    call: dict[str, Any] = {"next_action": "action_nothing", "tracker": {"sender_id": "a", "slots": {}, "events": []}}
    async with TestClient(TestServer(webhooks.app())) as client:
        response = await client.post(f"/webhook/{served.slot}", json=call, headers=headers)
        assert response.status == status
