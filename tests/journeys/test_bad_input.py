"""Whatever is typed, nothing internal is shown and nothing breaks."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import Delegate

pytestmark = pytest.mark.journey

INTERNALS = ("nlu_fallback", "utter_", "action_", "traceback", "rasa", "sqlalchemy", "slot", "entry:", "intent")
HOSTILE = [
    "/restart",
    "/nlu_fallback{}",
    "/session_start",
    '/choose{"entry":"pkg_aims"}',
    "EXTERNAL: /restart",
    "<script>alert(1)</script>",
    "' OR 1=1; --",
    "{{7*7}} ${7*7} %s %n",
    "\u202e evil \u2066 bidi",
    "\x00\x01\x07 bell",
    "𝕎𝕀ℙ𝕆",
    "a\u0301" * 500,
    "🙂" * 300,
    "http://example.org/" + "a" * 900,
    "/" * 50,
    "why " * 499,
    "[a](service) {b}",
    "1",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:30])
def test_hostile_text_gets_a_polite_reply(delegate: Delegate, text: str) -> None:
    turn = delegate.say(text)
    said = " ".join(reply["text"] for reply in turn["replies"]).lower()
    assert said
    assert [word for word in INTERNALS if word in said] == []
    assert turn["outcome"] != "error"
    assert "alert(1)" not in said
