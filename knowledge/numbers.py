"""The numbers and months a text states, as the same values from six languages.

`1 667`, `1.667` and `1,667` are one number where a language writes it so, and so are `3 million` and `300万`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from functools import cache

from knowledge.addresses import without_addresses
from knowledge.records import Language

EN, FR, ES, AR, ZH, RU = Language

_NAMES = re.compile(
    r"كوفيد[-‑ ]?19|2019冠状病毒病|(?<![A-Za-z])[A-Za-z]*[A-Z][A-Za-z]*[-‑/]?\d+(?:/\d+)*[A-Za-z]*(?![.,]\d|\d|年)"
)
"""Names with digits in them, which state no number: COVID-19, Research4Life, DL-101, CDIP/12/7."""

_SPACES = " \u00a0\u202f"
_GROUPS = {EN: ",", FR: _SPACES, ES: "." + _SPACES, AR: ",٬", ZH: ",", RU: _SPACES}
"""What may stand between thousands."""

_POINTS = {EN: ".", FR: ",", ES: ",", AR: ".٫", ZH: ".", RU: ","}
"""What stands before the decimals of a number with thousands apart; without them point and comma are both read."""

_MULTIPLIERS: Mapping[Language, Mapping[str, int]] = {
    EN: {r"thousand\b": 10**3, r"million\b": 10**6, r"billion\b": 10**9},
    FR: {r"mille\b": 10**3, r"millions?\b": 10**6, r"milliards?\b": 10**9},
    ES: {r"mil\s+millones\b": 10**9, r"mil\b": 10**3, r"mill(?:ón|ones)\b": 10**6, r"millardos?\b": 10**9},
    AR: {r"(?:ألف|آلاف)": 10**3, r"(?:مليون|ملايين)": 10**6, r"(?:مليار|بليون|بلايين)": 10**9},
    ZH: {"(?:多|余)?万亿": 10**12, "(?:多|余)?亿": 10**8, "(?:多|余)?万": 10**4},
    RU: {r"(?:тыс\b|тысяч)": 10**3, r"(?:млн|миллион)": 10**6, r"(?:млрд|миллиард)": 10**9},
}
"""Words after a number that multiply it, each longer word before those it starts with."""

_MONTHS: Mapping[Language, str] = {
    EN: "January February March April May June July August September October November December",
    FR: "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    ES: "enero febrero marzo abril mayo junio julio agosto sep?tiembre octubre noviembre diciembre",
    AR: "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
    RU: (
        "январ[ьяею] феврал[ьяею] март[ауе]? апрел[ьяею] ма[йяюе] июн[ьяею] "
        "июл[ьяею] август[ауе]? сентябр[ьяею] октябр[ьяею] ноябр[ьяею] декабр[ьяею]"
    ),
}
"""The months as words, patterns in their order; Chinese writes them as numbers."""

_CHINESE_MONTH = re.compile(r"(?<!\d)(1[0-2]|0?[1-9])月")


def stated(text: str, language: Language) -> Counter[str]:
    """The numbers, in plain decimal, and the months, in English, that the text states, and how often."""
    text = _NAMES.sub(" ", without_addresses(text))
    found: Counter[str] = Counter()
    if language is ZH:
        found.update(_MONTHS[EN].split()[int(month) - 1] for month in _CHINESE_MONTH.findall(text))
        text = _CHINESE_MONTH.sub(" ", text)
    else:
        for name, pattern in zip(_MONTHS[EN].split(), _month_patterns(language)):
            found[name] += len(pattern.findall(text))
    for match in _number_pattern(language).finditer(text):
        found[_value(match, language)] += 1
    return +found


@cache
def _month_patterns(language: Language) -> list[re.Pattern[str]]:
    if language is EN:  # "May" is a month beside a number only.
        words = [r"(?:(?<=\d )May|May(?= \d))" if word == "May" else word for word in _MONTHS[EN].split()]
        return [re.compile(rf"\b{word}\b") for word in words]
    before = r"(?<!\w)[وفبلك]?" if language is AR else r"\b"  # Arabic writes "and", "in" and "for" onto the word.
    return [re.compile(rf"{before}{word}\b", re.IGNORECASE) for word in _MONTHS[language].split()]


@cache
def _number_pattern(language: Language) -> re.Pattern[str]:
    group, point = re.escape(_GROUPS[language]), re.escape(_POINTS[language])
    grouped = rf"\d{{1,3}}(?:[{group}]\d{{3}}(?!\d))+(?:[{point}]\d+)?"
    multiplier = "|".join(f"(?:{word})" for word in _MULTIPLIERS[language])
    return re.compile(
        rf"(?<!\d)(?:(?P<grouped>{grouped})|(?P<plain>\d+(?:[.,٫]\d+)?))(?:\s*(?P<multiplier>{multiplier}))?",
        re.IGNORECASE,
    )


def _value(match: re.Match[str], language: Language) -> str:
    grouped, plain, multiplier = match["grouped"], match["plain"], match["multiplier"]
    digits = re.sub(rf"[{re.escape(_GROUPS[language])}]", "", grouped) if grouped else plain
    value = Decimal(re.sub("[,٫]", ".", digits))
    if multiplier:
        words = _MULTIPLIERS[language]
        value *= next(times for word, times in words.items() if re.fullmatch(word, multiplier, re.IGNORECASE))
    return format(value.normalize(), "f")
