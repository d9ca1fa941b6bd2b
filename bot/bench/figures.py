"""What was measured, of both subjects round by round, and the ratios of the two."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Spread:
    """The least, the middle and the most of some values."""

    minimum: float
    median: float
    maximum: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of at least one value."""
        return cls(min(values), statistics.median(values), max(values))


@dataclass(frozen=True)
class Bar:
    """What a ratio has to keep to."""

    limit: float
    at_least: bool = False

    def held(self, ratio: float) -> bool:
        """Whether this ratio does."""
        return ratio >= self.limit if self.at_least else ratio <= self.limit

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.limit:g}"


BARS = {
    "reply, 1 client, p50": Bar(0.5),
    "reply, 1 client, p95": Bar(0.9),
    "answers a second, 8 clients": Bar(2.5, at_least=True),
    "start to first answer": Bar(0.35),
    "resident memory": Bar(0.85),
    "message 500 to message 5": Bar(1.2),
    "memory at the end to that after a tenth": Bar(1.03),
    "knowledge base 100 times": Bar(1.5),
    "log of 1000000 turns": Bar(1.1),
}
"""By the name of the figure; of those that are ratios already, ours has to keep to it."""


@dataclass
class Figure:
    """One quantity: what was measured of each subject, in the order of the rounds."""

    name: str
    unit: str
    of: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @property
    def ratios(self) -> list[float]:
        """Ours to stock, of the same round; ours alone where the figure has no unit, as it is a ratio already."""
        ours, stock = self.of.get("ours", []), self.of.get("stock", [])
        if not self.unit:
            return list(ours)
        return [one / other for one, other in zip(ours, stock) if other]

    @property
    def held(self) -> bool | None:
        """Whether the middle ratio keeps to the bar; nothing where there is no bar or no ratio."""
        bar, ratios = BARS.get(self.name), self.ratios
        return bar.held(statistics.median(ratios)) if bar and ratios else None


class Figures:
    """All figures of a run, in the order they were first measured."""

    def __init__(self) -> None:
        self.all: dict[str, Figure] = {}

    def add(self, subject: str, measured: Mapping[tuple[str, str], float]) -> None:
        """What was measured of a subject in one round, by name and unit."""
        for (name, unit), value in measured.items():
            self.all.setdefault(name, Figure(name, unit)).of[subject].append(value)

    def as_json(self) -> list[dict[str, object]]:
        """For other programs."""
        return [
            {"name": one.name, "unit": one.unit, **one.of, "ratios": one.ratios, "held": one.held}
            for one in self.all.values()
        ]

    def as_text(self) -> str:
        """A line a figure: the middle of each subject, and minimum, median and maximum of the ratio."""
        lines = [f"{'':36} {'ours':>12} {'stock':>12}   {'ratio: min':>10} {'median':>8} {'max':>8}   bar"]
        for one in self.all.values():
            middles = [_middle(one.of.get(subject, []), one.unit) for subject in ("ours", "stock")]
            ratios = Spread.of(one.ratios) if one.ratios else None
            spread = f"{ratios.minimum:10.2f} {ratios.median:8.2f} {ratios.maximum:8.2f}" if ratios else " " * 28
            bar = f"{BARS[one.name]} {'held' if one.held else 'not held'}" if one.held is not None else ""
            lines.append(f"{one.name:36} {middles[0]:>12} {middles[1]:>12}   {spread}   {bar}".rstrip())
        return "\n".join(lines)


def percentile(values: Sequence[float], share: float) -> float:
    """The least of the values that this share of them does not exceed."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]


def _middle(values: Sequence[float], unit: str) -> str:
    return f"{statistics.median(values):.4g} {unit}".strip() if values else ""
