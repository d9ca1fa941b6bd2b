"""What is masked of a set that others wrote (masking_set/README.md): by language and kind, in either half."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bot.log.masking.mask import Masking
from knowledge.base import load

SET = Path(__file__).parent / "masking_set"
LANGUAGES = sorted(path.stem for path in SET.glob("*.yml"))
DEVELOPMENT, HELD_OUT = "development", "held out"
HALVES = (DEVELOPMENT, HELD_OUT)

RECALL = {"en": 0.83, "fr": 0.88, "es": 0.73, "ar": 0.64, "zh": 0.66, "ru": 0.80}
"""At least so much of the half that is held out is masked,"""
PRECISION = {"en": 0.90, "fr": 0.93, "es": 0.88, "ar": 0.89, "zh": 0.95, "ru": 0.90}
"""and so much of what is masked in it is personal."""


@dataclass
class Figures:
    """Counts over some messages."""

    values: Counter[str] = field(default_factory=Counter)
    """By kind."""
    found: Counter[str] = field(default_factory=Counter)
    """Values of which no letter and no digit can be read any more."""
    touched: Counter[str] = field(default_factory=Counter)
    """Values of which some cannot."""
    hits: int = 0
    """Places masked that have something of a value."""
    false: int = 0
    """Places masked in clean messages."""
    clean: int = 0
    clean_touched: int = 0
    missed: list[tuple[str, str, str]] = field(default_factory=list)
    """Kind, value and what the message became."""

    @property
    def recall(self) -> float:
        return self.found.total() / self.values.total()

    @property
    def precision(self) -> float:
        return self.hits / (self.hits + self.false)


@cache
def masking() -> Masking:
    return Masking(load())


@cache
def items(language: str) -> Sequence[dict[str, Any]]:
    return YAML(typ="safe").load(SET / f"{language}.yml")  # type: ignore[no-any-return]


def half(language: str, which: str) -> Iterator[dict[str, Any]]:
    """Every second message of either kind."""
    for personal in (True, False):
        kind = [item for item in items(language) if bool(item["personal"]) is personal]
        yield from kind[HALVES.index(which) :: 2]


@cache
def measured(language: str, which: str) -> Figures:
    figures, mask = Figures(), masking()
    for item in half(language, which):
        text, places = item["text"], mask.find(item["text"])
        covered = {at for one in places for at in range(one.start, one.end)}
        of_values: set[int] = set()
        for one in item["personal"]:
            kind, value = one["kind"], str(one["value"])
            start = text.index(value)
            letters = {at for at in range(start, start + len(value)) if text[at].isalnum()}
            of_values |= letters
            figures.values[kind] += 1
            figures.found[kind] += letters <= covered
            figures.touched[kind] += bool(letters & covered)
            if not letters <= covered:
                figures.missed.append((kind, value, mask(text)))
        hits = sum(any(at in of_values for at in range(one.start, one.end)) for one in places)
        figures.hits += hits
        if not item["personal"]:
            figures.clean += 1
            figures.clean_touched += bool(places)
            figures.false += len(places)
            if places:
                figures.missed.append(("clean", text, mask(text)))
    return figures


def test_the_set_is_large_enough() -> None:
    assert set(LANGUAGES) == set(RECALL)
    for language in LANGUAGES:
        clean = sum(not item["personal"] for item in items(language))
        assert clean >= 50
        assert len(items(language)) - clean >= 50


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_others_wrote_is_masked(language: str) -> None:
    figures = measured(language, HELD_OUT)
    assert figures.recall >= RECALL[language]
    assert figures.precision >= PRECISION[language]


def main(arguments: Sequence[str]) -> None:
    for language in arguments or LANGUAGES:
        for which in HALVES:
            one = measured(language, which)
            print(
                f"{language} {which:11}: {one.found.total()} of {one.values.total()}, recall {one.recall:.3f}, "
                f"touched {one.touched.total()}, precision {one.precision:.3f}, "
                f"clean touched {one.clean_touched} of {one.clean}"
            )
            print("  ", ", ".join(f"{kind} {one.found[kind]}/{n}" for kind, n in sorted(one.values.items())))
        if arguments:
            for kind, value, became in measured(language, DEVELOPMENT).missed:
                print(f"{kind}: {value!r}\n    {became!r}")


if __name__ == "__main__":
    main(sys.argv[1:])
