"""Numbers, amounts and months are the same values in six languages; names with digits state none."""

from __future__ import annotations

from collections import Counter

import pytest

from knowledge.numbers import stated
from knowledge.records import Language


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "1,667 centers in 93 countries"),
        ("fr", "1\u202f667 centres dans 93 pays"),
        ("fr", "1 667 centres dans 93 pays"),
        ("es", "1.667 centros en 93 países"),
        ("ar", "1,667 مركزا في 93 بلدا"),
        ("ar", "١٬٦٦٧ مركزا في ٩٣ بلدا"),
        ("zh", "93个国家的1,667个中心"),
        ("ru", "1\xa0667 центров в 93 странах"),
    ],
)
def test_thousands(language: str, text: str) -> None:
    assert stated(text, Language(language)) == Counter(["1667", "93"])


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "790.8 million francs, 3 million, 1 billion"),
        ("fr", "790,8 millions de francs, 3 millions, 1 milliard"),
        ("es", "790,8 millones de francos, 3 millones, 1.000 millones"),
        ("es", "790,8 millones de francos, 3 millones, 1 mil millones"),
        ("ar", "790.8 مليون فرنك، 3 ملايين، 1 مليار"),
        ("zh", "7.908亿瑞士法郎，300万，10亿"),
        ("ru", "790,8 млн франков, 3 миллиона, 1 млрд"),
        ("ru", "790,8 миллиона франков, 3 млн, 1 миллиард"),
    ],
)
def test_amounts(language: str, text: str) -> None:
    assert stated(text, Language(language)) == Counter(["790800000", "3000000", "1000000000"])


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "on 1 May 2020 and in September 2021"),
        ("fr", "le 1er mai 2020 et en septembre 2021"),
        ("es", "el 1 de mayo de 2020 y en septiembre de 2021"),
        ("ar", "في 1 مايو 2020 وسبتمبر 2021"),
        ("zh", "2020年5月1日和2021年9月"),
        ("ru", "1 мая 2020 года и в сентябре 2021 года"),
    ],
)
def test_dates(language: str, text: str) -> None:
    assert stated(text, Language(language)) == Counter(["1", "May", "2020", "September", "2021"])


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "COVID-19, Research4Life, DL-101 and CDIP/12/7; you may write to a.b2@wipo.int or +41 22 338 8247"),
        ("ar", "حزمة كوفيد-19 وResearch4Life"),
        ("zh", "2019冠状病毒病和DL-101"),
    ],
)
def test_a_name_or_an_address_states_no_number(language: str, text: str) -> None:
    assert stated(text, Language(language)) == Counter()


def test_a_year_is_not_grouped_with_the_number_after_it() -> None:
    assert stated("En 2024 450 participants", Language.FR) == Counter(["2024", "450"])


def test_a_year_written_onto_a_name_is_a_number() -> None:
    assert stated("TISC2024年处理了", Language.ZH) == Counter(["2024"])


def test_the_duration_of_some_months_is_no_date() -> None:
    assert stated("3个月", Language.ZH) == Counter(["3"])
