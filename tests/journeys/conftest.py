"""The whole assistant, started as `make run` starts it, and a delegate who talks to it over the chat API."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from bot.launch.preflight import free_loopback_port
from bot.settings import ROOT, Settings

STARTING_SECONDS = 900
"""Training included, where no model fits."""


@dataclass
class Assistant:
    """The running assistant: its port, its data and its processes."""

    port: int
    data: Path
    process: subprocess.Popen[str]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def call(
        self, method: str, path: str, body: Any = None, token: str | None = None
    ) -> tuple[int, Any, http.client.HTTPMessage]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        raw = response.read()
        connection.close()
        kind = response.headers.get_content_type()
        return response.status, json.loads(raw) if raw and kind.endswith("json") else raw.decode(), response.headers

    def engine(self) -> psutil.Process:
        """Rasa's process."""
        for process in psutil.Process(self.process.pid).children(recursive=True):
            if "rasa" in process.cmdline():
                return process
        raise AssertionError("the engine is not running; see log/engine.log in the data folder")


class Delegate:
    """Somebody in a conversation of their own."""

    def __init__(self, assistant: Assistant, language: str = "en") -> None:
        self.assistant = assistant
        status, opened, _ = assistant.call("POST", "/api/v1/conversations", {"language": language})
        assert status == 201, opened
        self.path, self.token = f"/api/v1/conversations/{opened['id']}", opened["token"]

    def call(self, method: str, path: str = "", body: Any = None) -> tuple[int, Any, http.client.HTTPMessage]:
        return self.assistant.call(method, self.path + path, body, self.token)

    def send(self, message_id: str | None = None, **what: str) -> tuple[int, Any, http.client.HTTPMessage]:
        return self.call("POST", "/messages", {"client_message_id": message_id or str(uuid.uuid4()), **what})

    def say(self, text: str) -> dict[str, Any]:
        status, turn, _ = self.send(text=text)
        assert status == 200, turn
        return turn  # type: ignore[no-any-return]

    def press(self, payload: str) -> dict[str, Any]:
        status, turn, _ = self.send(payload=payload)
        assert status == 200, turn
        return turn  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    data, port = tmp_path_factory.mktemp("data"), free_loopback_port()
    environment = {**os.environ, "PORT": str(port), "DATA_DIR": str(data), "MODELS_DIR": str(Settings().models)}
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.launch", "run"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line == f"ready: http://127.0.0.1:{port}/\n", f"it did not start; see {data}/log"
        yield Assistant(port, data, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        process.stdout.close()


@pytest.fixture
def delegate(assistant: Assistant) -> Delegate:
    return Delegate(assistant)


@pytest.fixture
def until() -> Callable[[Callable[[], bool], str], None]:
    """Waits until something holds, or fails saying what did not."""

    def wait(holds: Callable[[], bool], what: str, seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
            time.sleep(0.1)

    return wait
