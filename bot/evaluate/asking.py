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
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.conversation.outcome import Outcome
from bot.evaluate.dialogues import Dialogue, Line
from bot.evaluate.figures import Turn
from bot.evaluate.questions import Asked
from bot.launch.preflight import free_loopback_port
from bot.settings import ROOT, Settings
from knowledge.records import Language

SHARED = ("DATABASE_URL", "REDIS_URL", "BROKER_URL", "NODE_NAME")
"""Settings that would have a second assistant keep its records with the first's."""


@dataclass(frozen=True)
class Running:
    """An assistant that was started apart: its public port, its data and its first process."""

    port: int
    data: Path
    pid: int


@contextmanager
def assistant(data: Path, **settings: object) -> Iterator[Running]:
    """A running assistant that keeps its records in `data` and uses the installation's models.

    `settings` are those of bot.settings, by their names.

    Raises:
        RuntimeError: it did not start; it has said why on the standard error stream.
    """
    port = free_loopback_port()
    own = {"port": port, "data_dir": data, "models_dir": Settings().models, **settings}
    # What is said to it must not be said to the installation that this runs beside.
    inherited = {name: value for name, value in os.environ.items() if name not in SHARED}
    environment = {**inherited, **{name.upper(): str(value) for name, value in own.items()}}
    command = [sys.executable, "-m", "bot.launch", "run"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            if process.stdout is None or not process.stdout.readline().startswith("ready"):
                raise RuntimeError(f"the assistant did not start; see {data / 'log'}")
            yield Running(port, data, process.pid)
        finally:
            process.send_signal(signal.SIGTERM)


class Speaking:
    """A conversation with a running assistant."""

    def __init__(self, running: Running, language: str) -> None:
        self._running = running
        self._connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
        opened = _call(self._connection, "/api/v1/conversations", {"language": language}, None)
        self._path, self._token = f"/api/v1/conversations/{opened['id']}/messages", opened["token"]

    def say(self, asked: Asked) -> Turn:
        """What the assistant makes of a message."""
        message_id = str(uuid.uuid4())
        body = {"text": asked.question.text, "client_message_id": message_id}
        turn = _call(self._connection, self._path, body, self._token)
        with closing(sqlite3.connect(self._running.data / "assistant.db")) as database:
            query = "select trace from messages where client_message_id = ?"
            (recorded,) = database.execute(query, (message_id,)).fetchone()
        trace = json.loads(recorded or "{}")
        return Turn(
            asked=asked,
            outcome=Outcome(turn["outcome"]),
            facts=frozenset(fact for reply in turn["replies"] for fact in reply["facts"]),
            entry=trace.get("entry"),
            confidence=float(trace.get("confidence") or 0),
            language=Language(turn["replies"][-1]["language"]),
            text=" ".join(reply["text"] for reply in turn["replies"]),
        )

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()


def ask(running: Running, questions: Sequence[Asked]) -> list[Turn]:
    """What the assistant makes of each question, asked in a conversation of its own that began in another language."""
    turns = []
    for asked in questions:
        with closing(Speaking(running, Language.EN if asked.language is not Language.EN else Language.FR)) as speaking:
            turns.append(speaking.say(asked))
    return turns


def converse(running: Running, dialogues: Sequence[Dialogue]) -> list[tuple[Line, Turn]]:
    """What the assistant makes of each line of each dialogue, with what was expected."""
    turns = []
    for dialogue in dialogues:
        with closing(Speaking(running, dialogue.language)) as speaking:
            turns += [(line, speaking.say(line.asked(dialogue))) for line in dialogue.turns]
    return turns


def _call(connection: http.client.HTTPConnection, path: str, body: dict[str, Any], token: str | None) -> Any:
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    connection.request("POST", path, json.dumps(body), headers)
    response = connection.getresponse()
    said = json.loads(response.read())
    if response.status == http.HTTPStatus.SERVICE_UNAVAILABLE and (wait := response.getheader("Retry-After")):
        # The message is kept; the same client_message_id gets its answer.
        time.sleep(float(wait))
        return _call(connection, path, body, token)
    if response.status >= http.HTTPStatus.BAD_REQUEST:
        raise RuntimeError(f"the assistant answered {response.status} to {path}: {said}")
    return said
