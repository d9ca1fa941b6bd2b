"""The date of a source in the words of a language."""

from __future__ import annotations

import re
from datetime import date
from typing import Literal

from babel.dates import format_date, format_skeleton

from knowledge.phrases import Phrases
from knowledge.records import Language, Source

_LOCALES = {Language.EN: "en_GB"}
"""The United Nations write English dates as the British do."""


def in_words(source: Source, phrases: Phrases) -> str:
    """The day, month or year in the form of the phrases' language (CLDR), and what kind of date it is."""
    if source.date is None:
        return phrases("source.undated")
    locale = _LOCALES.get(phrases.language, phrases.language)
    written = " – ".join(_first(_written(each, locale), phrases.language) for each in source.date.split("/"))
    return phrases(f"source.{source.dated}", date=written) if source.dated else written


def day_in_words(day: date, language: Language, form: Literal["long", "full"] = "long") -> str:
    """A day as it stands in a sentence of the language (CLDR); in the full form with the day of the week."""
    written = _first(format_date(day, form, locale=_LOCALES.get(language, language)), language)
    # The full stop of the abbreviation would meet that of the sentence.
    return written.removesuffix("г.") + "года" if language is Language.RU else written


def _first(written: str, language: Language) -> str:
    """French writes the first of a month as an ordinal, which CLDR does not."""
    return re.sub(r"\b1(?=\s\D)", "1er", written) if language is Language.FR else written


def _written(day: str, locale: str) -> str:
    year, month, number = (*map(int, day.split("-")), 0, 0)[:3]
    if number:
        return format_date(date(year, month, number), "long", locale=locale)
    if month:
        return format_skeleton("yMMMM", date(year, month, 1), locale=locale)
    return format_skeleton("y", date(year, 1, 1), locale=locale)
