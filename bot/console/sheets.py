"""A table of figures, as the overview shows it, draws it and gives it away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Share(float):
    """A share of one, shown in percent."""


Value = str | int | float | Share | date | None


class Plot(StrEnum):
    """How a table is drawn."""

    LINE = "line"
    """By day."""
    COLUMNS = "columns"
    """Columns side by side, for what has an order."""
    BARS = "bars"
    """Bars below each other, for names."""


@dataclass(frozen=True)
class Column:
    """A column; the first names the rows."""

    title: str
    drawn: bool = False
    """Whether the plot shows it; at most two are, the second being the period before."""
    in_percent: bool = False


@dataclass(frozen=True)
class Sheet:
    """A table. `name` stands in addresses and names of files."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    plot: Plot | None = None
    notes: tuple[str, ...] = ()
    """Sentences on the whole."""
    leads: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    """Filters of the record that show a row's turns, by the number of the row."""
