"""What Rasa is told of other servers, by the settings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from ruamel.yaml import YAML

from bot.launch.endpoints import endpoints, variables, write_endpoints
from bot.settings import ROOT, Settings

SERVERS: dict[str, Any] = {
    "database_url": "postgresql://assistant:secret@database.example.org/assistant",
    "redis_url": SecretStr("redis://:secret@redis.example.org/0"),
    "broker_url": SecretStr("amqp://assistant:secret@broker.example.org/"),
}


def test_on_one_machine_rasa_reads_what_the_repository_says(tmp_path: Path) -> None:
    told = YAML(typ="safe", pure=True).load(write_endpoints(Settings(data_dir=tmp_path)))
    assert told == YAML(typ="safe", pure=True).load(ROOT / "endpoints.yml")


@pytest.mark.parametrize("names", [["database_url"], ["redis_url"], ["broker_url"], list(SERVERS)], ids=" ".join)
def test_each_server_is_named_by_variables_that_are_set_and_no_password_is_in_the_file(
    names: list[str], tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path, **{name: SERVERS[name] for name in names})
    text = write_endpoints(settings).read_text(encoding="utf-8")
    assert "secret" not in text
    named = re.findall(r": (?:Bearer )?\$\{(\w+)\}$", text, re.MULTILINE)
    assert len(named) == text.count("${"), "Rasa fills in a variable only where it stands without quotes"
    of_the_supervisor = {"ACTIONS_URL", "ENGINE_TOKEN", "TRACKER_DB", "SPOOL_DB"}
    assert set(named) - of_the_supervisor <= set(variables(settings))


def test_the_events_go_by_the_broker_where_there_is_one() -> None:
    assert endpoints(Settings(**SERVERS))["event_broker"]["type"].endswith("EventQueue")
    assert endpoints(Settings(**{**SERVERS, "broker_url": None}))["event_broker"]["type"].endswith("EventTable")
