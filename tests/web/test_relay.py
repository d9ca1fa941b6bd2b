"""What a turn of several replies comes to."""

from __future__ import annotations

import pytest

from bot.conversation.outcome import Outcome
from bot.conversation.reply import ReplyBody
from bot.web.relay import Relayed
from knowledge.records import Language


@pytest.mark.parametrize(
    ("outcomes", "turn"),
    [
        (["answer"], "answer"),
        (["answer", "out_of_scope"], "answer"),
        (["out_of_scope", "refer"], "refer"),
        (["handoff"], "handoff"),
        (["answer", "handoff"], "answer"),
        (["refer", "handoff"], "refer"),
        (["clarify", "handoff"], "clarify"),
        (["small_talk", "handoff"], "small_talk"),
        (["out_of_scope", "answer", "handoff"], "answer"),
        (["error", "handoff"], "error"),
    ],
)
def test_a_step_asked_again_below_an_answer_does_not_count(outcomes: list[str], turn: str) -> None:
    replies = tuple(
        ReplyBody(text="x", language=Language.EN, direction="ltr", outcome=Outcome(outcome)) for outcome in outcomes
    )
    assert Relayed(replies, None, {}).outcome == turn
