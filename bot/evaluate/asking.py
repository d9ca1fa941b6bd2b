"""Starts the assistant apart, asks it every question in a conversation of its own, and reads what the record says."""

from __future__ import annotations

import http
import http.client
import json
import os
import signal
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.conversation.outcome import Outcome
from bot.evaluate.figures import Turn
from bot.evaluate.questions import Asked
from bot.launch.preflight import free_loopback_port
from bot.settings import ROOT, Settings


@dataclass(frozen=True)
class Running:
    """An assistant that was started apart: its public port, its data and its first process."""

    port: int
    data: Path
    pid: int


@contextmanager
def assistant(data: Path) -> Iterator[Running]:
    """A running assistant that keeps its records in `data` and uses the installation's models.

    Raises:
        RuntimeError: it did not start; it has said why on the standard error stream.
    """
    port = free_loopback_port()
    environment = {**os.environ, "PORT": str(port), "DATA_DIR": str(data), "MODELS_DIR": str(Settings().models)}
    command = [sys.executable, "-m", "bot.launch", "run"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            if process.stdout is None or not process.stdout.readline().startswith("ready"):
                raise RuntimeError(f"the assistant did not start; see {data / 'log'}")
            yield Running(port, data, process.pid)
        finally:
            process.send_signal(signal.SIGTERM)


def ask(running: Running, questions: Sequence[Asked]) -> list[Turn]:
    """What the assistant makes of each question."""
    return [_ask(running, asked) for asked in questions]


def _ask(running: Running, asked: Asked) -> Turn:
    message_id = str(uuid.uuid4())
    with closing(http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)) as connection:
        opened = _call(connection, "/api/v1/conversations", {"language": asked.language}, None)
        path = f"/api/v1/conversations/{opened['id']}/messages"
        body = {"text": asked.question.text, "client_message_id": message_id}
        turn = _call(connection, path, body, opened["token"])
    with closing(sqlite3.connect(running.data / "assistant.db")) as database:
        query = "select trace from messages where client_message_id = ?"
        (recorded,) = database.execute(query, (message_id,)).fetchone()
    trace = json.loads(recorded or "{}")
    return Turn(
        asked=asked,
        outcome=Outcome(turn["outcome"]),
        facts=frozenset(fact for reply in turn["replies"] for fact in reply["facts"]),
        entry=trace.get("entry"),
        confidence=float(trace.get("confidence") or 0),
        text=" ".join(reply["text"] for reply in turn["replies"]),
    )


def _call(connection: http.client.HTTPConnection, path: str, body: dict[str, Any], token: str | None) -> Any:
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    connection.request("POST", path, json.dumps(body), headers)
    response = connection.getresponse()
    said = json.loads(response.read())
    if response.status >= http.HTTPStatus.BAD_REQUEST:
        raise RuntimeError(f"the assistant answered {response.status} to {path}: {said}")
    return said
