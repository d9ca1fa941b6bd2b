"""An address says which turns are shown, and gives the same filters again."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.outcome import Outcome
from bot.log.filters import Filters, UnreadableFilter
from knowledge.records import Language

EVERY_ONE = Filters(
    text='TISC "in Geneva" & more',
    since=date(2026, 1, 1),
    until=date(2026, 1, 31),
    language=Language.AR,
    area="innovation_support",
    outcome=Outcome.REFER,
    confidence_from=0.1,
    confidence_to=0.75,
    feedback="unhelpful",
    entry="inn_tisc_what",
    request="open_question/inn_tisc_dates",
    member_state="KE",
    model="3776ee03bc7012d7",
    reviewed=False,
    case=True,
)


def test_an_address_gives_its_filters_again() -> None:
    assert set(EVERY_ONE.to_query()) == set(Filters.model_fields)
    assert Filters.from_query(dict(parse_qsl(EVERY_ONE.query_string))) == EVERY_ONE


@given(st.text(max_size=200), st.sampled_from(Language), st.booleans(), st.floats(0, 1))
def test_so_does_any_other(text: str, language: Language, reviewed: bool, least: float) -> None:
    chosen = Filters.from_query({"text": text, "language": language, "reviewed": str(reviewed)})
    chosen = chosen.model_copy(update={"confidence_from": least})
    assert Filters.from_query(dict(parse_qsl(chosen.query_string))) == chosen


def test_what_is_empty_or_belongs_to_the_page_is_passed_over() -> None:
    assert Filters.from_query({"text": "  ", "language": "", "before": "7", "token": "x"}) == Filters()
    assert Filters().query_string == ""


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"language": "xx"}, "language"),
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-02-01", "until": "2026-01-01"}, "since"),
        ({"confidence_from": "1.5"}, "confidence_from"),
        ({"confidence_from": "0.5", "confidence_to": "0.4"}, "confidence_from"),
        ({"entry": "'; drop table turns"}, "entry"),
        ({"member_state": "Kenya"}, "member_state"),
        ({"reviewed": "maybe"}, "reviewed"),
        ({"text": "x" * 201}, "text"),
    ],
)
def test_what_cannot_be_looked_for_is_refused_by_its_name(query: dict[str, str], name: str) -> None:
    with pytest.raises(UnreadableFilter) as refused:
        Filters.from_query(query)
    assert refused.value.name == name
    assert refused.value.why
