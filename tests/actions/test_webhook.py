"""The action webhook as Rasa calls it."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from pytest_aiohttp import AiohttpClient
from ruamel.yaml import YAML

from actions.webhook import ANSWERED_BY, Webhook
from bot.cases.request import DeskAway, Receipt
from bot.conversation.compose import Composer
from bot.conversation.language import Languages
from bot.settings import ROOT
from knowledge.records import Language
from tests.actions.case_desk import MemoryDesk


@pytest.fixture
async def rasa(
    composers: dict[Language, Composer], languages: Languages, aiohttp_client: AiohttpClient
) -> TestClient[Any, Any]:
    return await aiohttp_client(Webhook(composers, languages, MemoryDesk()).app())


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


class AwayDesk(MemoryDesk):
    """Its database is away."""

    async def open_in(self, conversation_id: str) -> Receipt | None:
        raise DeskAway from OSError()


async def test_while_cases_cannot_be_taken_the_message_may_come_again(
    composers: dict[Language, Composer], languages: Languages, aiohttp_client: AiohttpClient
) -> None:
    rasa = await aiohttp_client(Webhook(composers, languages, AwayDesk()).app())
    response = await rasa.post("/webhook", json=call("validate_handoff_form", intent={"name": "ask_for_person"}))
    assert response.status == 503


async def test_a_call_that_is_no_json_is_answered_all_the_same(rasa: TestClient[Any, Any]) -> None:
    response = await rasa.post("/webhook", data=b"{")
    (said,) = (await response.json())["responses"]
    assert said["custom"]["reply"]["outcome"] == "error"


async def test_a_form_that_fails_stays_open(rasa: TestClient[Any, Any]) -> None:
    failing = call("validate_handoff_form", intent={"name": "ask_for_person"}) | {"tracker": None}
    said = await (await rasa.post("/webhook", json=failing)).json()
    assert said["responses"][0]["custom"]["reply"]["outcome"] == "error"
    assert [event["event"] for event in said["events"]] == ["slot"]


def test_a_question_in_the_form_is_answered_as_the_rules_have_it() -> None:
    yaml = YAML(typ="safe")
    rules = [rule for path in (ROOT / "data/stories").glob("*.yml") for rule in yaml.load(path)["rules"]]
    by_rule = {
        rule["steps"][0]["intent"]: rule["steps"][1]["action"]
        for rule in rules
        if "intent" in rule["steps"][0] and rule["steps"][1]["action"] != "handoff_form"
    }
    in_form = {intent: action.NAME for intent, action in ANSWERED_BY.items()}
    areas = {intent: action for intent, action in by_rule.items() if intent not in in_form}
    assert set(areas.values()) == {"action_answer"}
    assert {intent: action for intent, action in by_rule.items() if intent in in_form} == in_form
