"""Delegates talk through the balancer while one machine after the other is restarted: nothing is lost or answered
twice, and every conversation stays in order."""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from tests.database import new_postgresql, plain
from tests.servers.machines import Machine, balanced
from tests.servers.redis_server import redis_server

DELEGATES = 4
PATIENCE = 120.0
"""Seconds in which a message is answered, whatever is restarted meanwhile."""


@pytest.fixture(scope="module")
def database() -> str:
    return new_postgresql(migrated=False)


@pytest.fixture(scope="module")
def machines(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Machine, Machine]]:
    with redis_server(tmp_path_factory.mktemp("redis")) as redis, contextlib.ExitStack() as stack:
        keys = tmp_path_factory.mktemp("keys") / "contact.keys"
        settings = {"database_url": database, "redis_url": redis.url, "contact_keys_file": keys}
        both = tuple(Machine(name, tmp_path_factory.mktemp(name), **settings) for name in ("first", "second"))
        for machine in both:
            stack.callback(machine.stop)
        with ThreadPoolExecutor() as pool:
            # At once, as machines that come back after a power cut: their tables are made by one of them.
            list(pool.map(Machine.start, both))
        yield both  # type: ignore[misc]


class Delegate(threading.Thread):
    """Says one thing after the other until it is told to stop, and sends again what got no answer."""

    def __init__(self, port: int, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self._port, self._stop_event = port, stop
        self.said: list[str] = []
        self.problem: str | None = None
        opened = self._call("POST", "/api/v1/conversations", {"language": "en"})
        self.id, self._token = opened["id"], opened["token"]

    def run(self) -> None:
        try:
            while not self._stop_event.is_set():
                text = f"What is a TISC? {len(self.said)}"
                body = {"text": text, "client_message_id": str(uuid.uuid4())}
                self.said.append(text)
                self._call("POST", f"/api/v1/conversations/{self.id}/messages", body, self._token)
        except (AssertionError, KeyError, ValueError) as error:
            self.problem = repr(error)

    def history(self) -> list[dict[str, Any]]:
        path = f"/api/v1/conversations/{self.id}/messages"
        return self._call("GET", path, None, self._token)["messages"]  # type: ignore[no-any-return]

    def _call(self, method: str, path: str, body: Any, token: str | None = None) -> dict[str, Any]:
        deadline, last = time.monotonic() + PATIENCE, ""
        while time.monotonic() < deadline:
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=40)) as connection:
                headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
                try:
                    connection.request(method, path, None if body is None else json.dumps(body), headers)
                    response = connection.getresponse()
                    answer = response.read()
                except (OSError, http.client.HTTPException) as error:
                    last = repr(error)
                else:
                    if response.status < 300:
                        return json.loads(answer)  # type: ignore[no-any-return]
                    last = f"{response.status} {answer[:200]!r}"
                    assert response.status in (502, 503, 504), last
            time.sleep(0.1)
        raise AssertionError(f"no answer within {PATIENCE:g} s; last: {last}")


@pytest.mark.servers
def test_nothing_is_lost_while_one_machine_after_the_other_is_restarted(
    machines: tuple[Machine, Machine], database: str
) -> None:
    stop = threading.Event()
    with balanced(*machines) as port:
        delegates = [Delegate(port, stop) for _ in range(DELEGATES)]
        for delegate in delegates:
            delegate.start()
        for machine in machines:
            before = sum(len(delegate.said) for delegate in delegates)
            machine.stop()
            machine.start()
            assert sum(len(delegate.said) for delegate in delegates) > before, "the other machine goes on meanwhile"
        stop.set()
        for delegate in delegates:
            delegate.join(PATIENCE)
        assert [delegate.problem for delegate in delegates] == [None] * DELEGATES
        for delegate in delegates:
            told = delegate.history()
            asked = [one for one in told if one["role"] == "delegate"]
            assert [one["text"] for one in asked] == delegate.said
            answers = Counter(one["in_reply_to"] for one in told if one["role"] == "assistant" and one["in_reply_to"])
            assert answers == Counter(one["cursor"] for one in asked), "every message has one answer"
            order = [one.get("in_reply_to") for one in told if one["role"] == "assistant" and one.get("in_reply_to")]
            assert order == [one["cursor"] for one in asked]
    said = sum(len(delegate.said) for delegate in delegates)
    with psycopg.connect(plain(database), autocommit=True) as connection:
        errors = connection.execute("SELECT count(*) FROM messages WHERE outcome = 'error'").fetchone()
        assert errors == (0,)
        deadline = time.monotonic() + PATIENCE
        while (recorded := connection.execute("SELECT count(*) FROM turns").fetchone()) != (said,):
            assert time.monotonic() < deadline, f"{recorded} of {said} turns are in the record"
            time.sleep(0.2)
        heard = connection.execute("SELECT count(*) FROM events WHERE type_name = 'user'").fetchone()
        nodes = connection.execute("SELECT count(DISTINCT node) FROM messages").fetchone()
    assert heard == (said,), "the engines heard every message once"
    assert nodes == (2,), "both machines answered"
