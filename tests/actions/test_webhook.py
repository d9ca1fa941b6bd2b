"""The action webhook as Rasa calls it."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from pytest_aiohttp import AiohttpClient

from actions.webhook import Webhook
from bot.conversation.compose import Composer
from bot.conversation.language import Languages
from knowledge.records import Language


@pytest.fixture
async def rasa(
    composers: dict[Language, Composer], languages: Languages, aiohttp_client: AiohttpClient
) -> TestClient[Any, Any]:
    return await aiohttp_client(Webhook(composers, languages).app())


def call(action: str, **message: Any) -> dict[str, Any]:
    tracker = {
        "sender_id": "someone",
        "slots": {},
        "latest_message": message,
        "events": [],
        "paused": False,
        "followup_action": None,
        "active_loop": {},
        "latest_action_name": "action_listen",
    }
    return {"next_action": action, "sender_id": "someone", "tracker": tracker, "version": "3.6.21"}


async def test_runs_the_action_it_names(rasa: TestClient[Any, Any]) -> None:
    response = await rasa.post(
        "/webhook", json=call("action_small_talk", requests=[{"name": "small_talk/thanks", "confidence": 0.9}])
    )
    (said,) = (await response.json())["responses"]
    assert said["custom"]["reply"]["text"] == "You are welcome."


async def test_an_unknown_action_is_404(rasa: TestClient[Any, Any]) -> None:
    response = await rasa.post("/webhook", json=call("action_no_such"))
    assert response.status == 404
    assert (await response.json())["action_name"] == "action_no_such"


async def test_a_failing_action_becomes_an_apology_with_an_incident_the_log_also_has(
    rasa: TestClient[Any, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    response = await rasa.post("/webhook", json=call("action_answer", entities=[{"entity": "entry"}]))
    assert response.status == 200
    (said,) = (await response.json())["responses"]
    assert said["custom"]["reply"]["outcome"] == "error"
    incident = said["custom"]["incident"]
    assert incident in said["custom"]["reply"]["text"]
    assert incident in capsys.readouterr().out


async def test_a_call_that_is_no_json_is_answered_all_the_same(rasa: TestClient[Any, Any]) -> None:
    response = await rasa.post("/webhook", data=b"{")
    (said,) = (await response.json())["responses"]
    assert said["custom"]["reply"]["outcome"] == "error"
