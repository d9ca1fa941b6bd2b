"""What Rasa is told of other servers: the repository's endpoints.yml, changed by the settings.

Addresses, which may have passwords in them, stay in the environment; the file names the variables.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from bot.log.queue import QUEUE
from bot.settings import ROOT, Settings
from bot.store.database import address


def write_endpoints(settings: Settings) -> Path:
    """Writes the file below the data folder; returns its path."""
    path = settings.data / "run/endpoints.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    yaml = YAML(typ="safe", pure=True)
    # Rasa puts in a variable only where its name stands without quotes, and in the short form YAML quotes a brace.
    yaml.default_flow_style = False
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(endpoints(settings), file)
    return path


def endpoints(settings: Settings) -> dict[str, Any]:
    """The endpoints as Rasa reads them."""
    told: dict[str, Any] = YAML(typ="safe", pure=True).load((ROOT / "endpoints.yml").read_text(encoding="utf-8"))
    if settings.is_shared:
        told["tracker_store"] = {"type": told["tracker_store"]["type"], "url": "${TRACKER_URL}"}
        told["event_broker"] = {"type": "bot.engine.event_table.EventTable", "url": "${TRACKER_URL}"}
    if settings.redis_url is not None:
        told["lock_store"] = {"type": "bot.engine.lock_store.LockStore", "url": "${REDIS_URL}"}
    if settings.broker_url is not None:
        told["event_broker"] = {
            "type": "bot.engine.event_queue.EventQueue",
            "url": "${BROKER_URL}",
            "queues": [QUEUE],
        }
    return told


def variables(settings: Settings) -> dict[str, str]:
    """The variables that the file names."""
    named = {}
    if settings.is_shared:
        # Rasa's SQLAlchemy knows its driver by this name.
        url = address(settings.database).set(drivername="postgresql")
        named["TRACKER_URL"] = url.render_as_string(hide_password=False)
    if settings.redis_url is not None:
        named["REDIS_URL"] = settings.redis_url.get_secret_value()
    if settings.broker_url is not None:
        named["BROKER_URL"] = settings.broker_url.get_secret_value()
    return named
