"""The dates of sources, as each language writes them."""

from __future__ import annotations

from datetime import date
from typing import Literal

import pytest

from bot.conversation.source_date import day_in_words, in_words
from knowledge.base import KnowledgeBase
from knowledge.records import Dated, Language, Source


def _source(date: str | None, dated: Dated | None = None) -> Source:
    return Source(id="one", title="A page", url="https://example.org/", date=date, dated=dated, publisher="WIPO")


@pytest.mark.parametrize(
    ("language", "day", "month", "none"),
    [
        (Language.EN, "15 July 2024", "May 2020", "undated"),
        (Language.FR, "15 juillet 2024", "mai 2020", "sans date"),
        (Language.ES, "15 de julio de 2024", "mayo de 2020", "sin fecha"),
        (Language.AR, "15 يوليو 2024", "مايو 2020", "بلا تاريخ"),
        (Language.ZH, "2024年7月15日", "2020年5月", "无日期"),
        (Language.RU, "15 июля 2024\u202fг.", "май 2020\u202fг.", "без даты"),
    ],
)
def test_days_months_and_no_date(base: KnowledgeBase, language: Language, day: str, month: str, none: str) -> None:
    phrases = base.phrases[language]
    assert in_words(_source("2024-07-15"), phrases) == day
    assert in_words(_source("2020-05"), phrases) == month
    assert in_words(_source(None), phrases) == none


def test_years_and_what_is_only_known_about(base: KnowledgeBase) -> None:
    phrases = base.phrases[Language.EN]
    assert in_words(_source("2023"), phrases) == "2023"
    assert in_words(_source("2014/2023"), phrases) == "2014 – 2023"
    assert in_words(_source("2022-12-16", Dated.EVENT), phrases) == "event of 16 December 2022"
    assert in_words(_source("2022-03-10", Dated.BEFORE), phrases) == "undated, before 10 March 2022"


@pytest.mark.parametrize("language", list(Language))
def test_every_kind_of_date_has_words(base: KnowledgeBase, language: Language) -> None:
    for dated in Dated:
        assert "2022" in in_words(_source("2022", dated), base.phrases[language])


@pytest.mark.parametrize("language", Language)
def test_a_day_can_end_a_sentence(language: Language) -> None:
    forms: tuple[Literal["long", "full"], ...] = ("long", "full")
    for form in forms:
        assert not day_in_words(date(2026, 3, 10), language, form).endswith((".", "。"))


def test_a_russian_year_is_written_out() -> None:
    assert day_in_words(date(2026, 3, 10), Language.RU).split() == ["10", "марта", "2026", "года"]


def test_the_first_of_a_month_is_an_ordinal_in_french(base: KnowledgeBase) -> None:
    assert day_in_words(date(2026, 12, 1), Language.FR) == "1er décembre 2026"
    assert day_in_words(date(2026, 12, 1), Language.FR, "full") == "mardi 1er décembre 2026"
    assert in_words(_source("2021-09-01"), base.phrases[Language.FR]) == "1er septembre 2021"


@pytest.mark.parametrize("number", [10, 11, 21, 31])
def test_other_days_in_french_are_numbers(number: int) -> None:
    assert day_in_words(date(2026, 12, number), Language.FR) == f"{number} décembre 2026"


@pytest.mark.parametrize("language", [one for one in Language if one is not Language.FR])
def test_no_other_language_has_the_french_ordinal(language: Language) -> None:
    assert "1er" not in day_in_words(date(2026, 12, 1), language, "full")
