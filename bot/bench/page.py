"""The figures as a page that stands by itself."""

from __future__ import annotations

from pathlib import Path

import jinja2

from bot.bench.figures import BARS, Figures, Spread
from bot.bench.stages import Stage

TEMPLATES = Path(__file__).parent / "templates"
WIDTH = 640
"""Of the plots, in pixels."""
WIDEST = 2.0
"""The ratio at the right edge; what is beyond is drawn there."""


def page(figures: Figures, stages: list[Stage], about: str) -> str:
    """HTML with a plot of the ratios, the table of all figures and that of the stages."""
    templates = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True)
    rows = [(one, Spread.of(one.ratios) if one.ratios else None, BARS.get(one.name)) for one in figures.all.values()]
    spent = sum(stage.milliseconds for stage in stages)
    return templates.get_template("bench.html").render(
        rows=rows, stages=stages, spent=spent, about=about, x=_across, width=WIDTH, spread=Spread.of
    )


def _across(ratio: float) -> float:
    return round(WIDTH * min(ratio, WIDEST) / WIDEST, 1)
