"""What a delegate typed, made fit to store."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.question import LONGEST, QuestionError, clean


@pytest.mark.parametrize("text", ["", "  ", "\u200b", " \n\t ", "\u202e\u2066", "\x00\x07", "\ufeff", "\u200d"])
def test_nothing_visible_is_no_question(text: str) -> None:
    with pytest.raises(QuestionError) as caught:
        clean(text)
    assert caught.value.reason == "empty"


def test_the_longest_question_is_taken_and_one_more_character_is_not() -> None:
    assert len(clean("a" * LONGEST)) == LONGEST
    with pytest.raises(QuestionError) as caught:
        clean("a" * (LONGEST + 1))
    assert caught.value.reason == "too_long"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\u202eevil\u2066 bidi", "evil bidi"),
        ("\x00\x01 bell\x07", "bell"),
        ("one\r\ntwo\r\n\r\n\r\nthree", "one\ntwo\n\nthree"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("/restart", "/restart"),
        ("ما هي الويبو؟", "ما هي الويبو؟"),
        ("👩\u200d⚕️ doctor", "👩\u200d⚕️ doctor"),
        ("\ud800 half", "half"),
    ],
)
def test_what_is_visible_is_kept_as_typed(typed: str, kept: str) -> None:
    assert clean(typed) == kept


@given(st.text(max_size=300))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    try:
        once = clean(text)
    except QuestionError:
        return
    assert clean(once) == once
    once.encode("utf-8")
