"""The engine is killed in the middle: the delegate is told at once, and gets the answer when it is back."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

import pytest

from tests.journeys.conftest import Assistant, Delegate

pytestmark = pytest.mark.journey


def test_a_killed_engine_comes_back_and_the_message_asked_meanwhile_is_answered(
    assistant: Assistant, delegate: Delegate, until: Callable[..., None]
) -> None:
    killed = assistant.engine()
    killed.kill()
    message_id = str(uuid.uuid4())
    began = time.monotonic()
    status, turn, headers = delegate.send(message_id, text="What is a TISC?")
    assert time.monotonic() - began < 3
    assert status == 503 or turn["outcome"] == "error"
    assert status != 503 or int(headers["Retry-After"]) > 0
    until(lambda: delegate.send(message_id, text="What is a TISC?")[0] == 200, "the message is answered")
    assert assistant.engine().pid != killed.pid
    messages = delegate.call("GET", "/messages")[1]["messages"]
    assert [m["role"] for m in messages] == ["assistant", "delegate", "assistant"]
    assert messages[-1]["reply"]["outcome"] == "answer"


def test_erasing_leaves_nothing_in_any_file(assistant: Assistant, delegate: Delegate) -> None:
    mark = "quetzalcoatl" + uuid.uuid4().hex
    delegate.say(f"our project is called {mark}, what is a TISC?")
    assert any(mark.encode() in p.read_bytes() for p in assistant.data.rglob("*") if p.is_file()), "nothing was stored"
    assert delegate.call("DELETE")[0] == 204
    left = [p.name for p in assistant.data.rglob("*") if p.is_file() and mark.encode() in p.read_bytes()]
    assert left == []
