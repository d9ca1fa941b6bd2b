"""The overview's tables, made of the figures of a period and of the one before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from itertools import pairwise
from typing import TypeVar

from bot.console.naming import Naming
from bot.console.rendering import number
from bot.console.sheets import Column, Plot, Share, Sheet, Value
from bot.console.texts import Texts
from bot.conversation.outcome import Outcome
from bot.log.overview import Figures, Overview
from bot.log.rollups import CONFIDENCES

K = TypeVar("K", bound=Hashable)


class OverviewSheets:
    """Makes them. `query` is the period as an address says it."""

    def __init__(self, overview: Overview, texts: Texts, naming: Naming, query: Mapping[str, str]) -> None:
        self._present, self._before, self._waiting = overview.present, overview.before, overview.waiting
        self._t, self._naming, self._query = texts, naming, query

    def all(self) -> list[Sheet]:
        """Every table, in the order of the page."""
        return [
            self.key_figures(),
            self.volume(),
            self.outcomes(),
            self.languages(),
            self.areas(),
            self.entries(),
            self.unanswered(),
            self.helpfulness(),
            self.cases(),
            self.case_ages(),
            self.confidence(),
            self.response_times(),
        ]

    def key_figures(self) -> Sheet:
        """What matters most, in numbers."""
        t = self._t
        now, before = self._present, self._before
        rows: tuple[tuple[Value, ...], ...] = (
            (t("overview.turns"), now.turns, before.turns),
            (t("overview.conversations"), now.conversations, before.conversations),
            (t("overview.answered_share"), _answered(now.outcomes), _answered(before.outcomes)),
            (t("overview.helpful_share"), _helpful(now), _helpful(before)),
            (t("overview.median_ms"), now.response_times.median, before.response_times.median),
            (t("overview.p95_ms"), now.response_times.p95, before.response_times.p95),
            (t("overview.cases_submitted"), now.cases.submitted, before.cases.submitted),
            (t("overview.case_hours"), now.cases.median_hours, before.cases.median_hours),
        )
        columns = (Column(t("overview.figure")), Column(t("overview.now")), Column(t("overview.before")))
        return Sheet("key-figures", t("overview.key_figures"), columns, rows)

    def volume(self) -> Sheet:
        """Turns and conversations by day or by week, beside those of the period before."""
        t, present = self._t, self._present
        rows = tuple(
            (one.since, one.turns, before.turns, one.conversations, before.conversations)
            for one, before in zip(present.volume, self._before.volume)
        )
        columns = (
            Column(t("overview.day") if present.period.step == 1 else t("overview.week")),
            Column(t("overview.turns"), drawn=True),
            Column(t("overview.turns_before"), drawn=True),
            Column(t("overview.conversations")),
            Column(t("overview.conversations_before")),
        )
        leads = {at: {"since": str(one.since), "until": str(one.until)} for at, one in enumerate(present.volume)}
        return Sheet("volume", t("overview.volume"), columns, rows, Plot.LINE, leads=leads)

    def outcomes(self) -> Sheet:
        """How turns ended."""
        t, now, before = self._t, self._present, self._before
        kinds = sorted({*now.outcomes, *before.outcomes}, key=lambda one: -now.outcomes.get(one, 0))
        rows = tuple(
            (
                t.of("outcome", kind),
                *_counted(now.outcomes, now.turns, kind),
                *_counted(before.outcomes, before.turns, kind),
            )
            for kind in kinds
        )
        leads = {at: self._lead(outcome=str(kind)) for at, kind in enumerate(kinds)}
        columns = self._shared(t("overview.outcome"))
        return Sheet("outcomes", t("overview.outcomes"), columns, rows, Plot.BARS, leads=leads)

    def languages(self) -> Sheet:
        """By language."""
        t = self._t
        return self._by_outcomes(
            "languages",
            t("overview.languages"),
            t("overview.language"),
            self._present.languages,
            self._before.languages,
            lambda language: t.of("language", language),
            lambda language: self._lead(language=language),
        )

    def areas(self) -> Sheet:
        """By area; small talk and what is out of scope have none."""
        t = self._t
        return self._by_outcomes(
            "areas",
            t("overview.areas"),
            t("overview.area"),
            self._present.areas,
            self._before.areas,
            self._area,
            lambda area: self._lead(area=area) if area else {},
        )

    def entries(self) -> Sheet:
        """What was answered most."""
        t, before = self._t, dict(self._before.top_entries)
        rows = tuple(
            (self._naming.entry(entry), entry, turns, before.get(entry, 0))
            for entry, turns in self._present.top_entries
        )
        columns = (
            Column(t("overview.entry")),
            Column(t("overview.id")),
            Column(t("overview.turns"), drawn=True),
            Column(t("overview.turns_before"), drawn=True),
        )
        leads = {at: self._lead(entry=str(row[1])) for at, row in enumerate(rows)}
        return Sheet("entries", t("overview.entries"), columns, rows, Plot.BARS, leads=leads)

    def unanswered(self) -> Sheet:
        """What got no answer, by theme: the areas with most of it first, in each what it was taken for."""
        t = self._t
        before = {one.request: one.turns for one in self._before.unanswered}
        themes = [(*self._naming.theme(one.request), one) for one in self._present.unanswered]
        of_area: Counter[str | None] = Counter()
        for area, _, one in themes:
            of_area[area] += one.turns
        themes.sort(key=lambda theme: (-of_area[theme[0]], theme[0] or "", -theme[2].turns))
        rows = tuple(
            (
                title or t("overview.nothing_named"),
                self._area(area),
                one.turns,
                before.get(one.request, 0),
                " | ".join(one.examples),
            )
            for area, title, one in themes
        )
        columns = (
            Column(t("overview.taken_for")),
            Column(t("overview.area")),
            Column(t("overview.turns"), drawn=True),
            Column(t("overview.turns_before"), drawn=True),
            Column(t("overview.examples")),
        )
        leads = {
            at: self._lead(request=one.request, outcome=str(Outcome.REFER))
            for at, (_, _, one) in enumerate(themes)
            if one.request
        }
        return Sheet("unanswered", t("overview.unanswered"), columns, rows, Plot.BARS, leads=leads)

    def helpfulness(self) -> Sheet:
        """What delegates said of replies."""
        t, now, before = self._t, self._present, self._before
        given = {"helpful": (now.helpful, before.helpful), "unhelpful": (now.unhelpful, before.unhelpful)}
        all_now, all_before = (sum(one) for one in zip(*given.values()))
        rows = tuple(
            (t.of("feedback", kind), n, _share(n, all_now), b, _share(b, all_before)) for kind, (n, b) in given.items()
        )
        leads = {at: self._lead(feedback=kind) for at, kind in enumerate(given)}
        columns = self._shared(t("overview.feedback"))
        return Sheet("helpfulness", t("overview.helpfulness"), columns, rows, Plot.BARS, leads=leads)

    def cases(self) -> Sheet:
        """Questions handed to a person, and answered."""
        t = self._t
        rows: tuple[tuple[Value, ...], ...] = tuple(
            (name, one.cases.submitted, one.cases.answered, one.cases.median_hours)
            for name, one in ((t("overview.before"), self._before), (t("overview.now"), self._present))
        )
        columns = (
            Column(t("overview.period")),
            Column(t("overview.cases_submitted"), drawn=True),
            Column(t("overview.cases_answered"), drawn=True),
            Column(t("overview.case_hours")),
        )
        return Sheet("cases", t("overview.cases"), columns, rows, Plot.COLUMNS)

    def case_ages(self) -> Sheet:
        """How long cases have waited that wait now."""
        t, waiting = self._t, self._waiting
        rows = tuple(
            (
                t("overview.days_above", start=start) if end is None else t("overview.days", start=start, end=end),
                cases,
            )
            for start, (end, cases) in zip(_starts(waiting.by_age), waiting.by_age)
        )
        notes = (
            t("overview.waiting", count=number(waiting.waiting), overdue=number(waiting.overdue)),
            t("overview.failed", count=number(waiting.failed)),
        )
        columns = (Column(t("overview.age")), Column(t("overview.cases_waiting"), drawn=True))
        return Sheet("case-ages", t("overview.case_ages"), columns, rows, Plot.COLUMNS, notes)

    def confidence(self) -> Sheet:
        """How sure the engine was of what was typed."""
        t, now, before = self._t, self._present.confidences, self._before.confidences
        bounds = [at / CONFIDENCES for at in range(CONFIDENCES + 1)]
        rows = tuple(
            (f"{low:.0%} – {high:.0%}", n, _share(n, sum(now)), b, _share(b, sum(before)))
            for low, high, n, b in zip(bounds, bounds[1:], now, before)
        )
        leads = {
            at: self._lead(confidence_from=str(low), confidence_to=str(high))
            for at, (low, high) in enumerate(pairwise(bounds))
        }
        columns = self._shared(t("overview.confidence"))
        return Sheet("confidence", t("overview.confidences"), columns, rows, Plot.COLUMNS, leads=leads)

    def response_times(self) -> Sheet:
        """How long delegates waited."""
        t, now, before = self._t, self._present.response_times.bins, self._before.response_times.bins
        rows = tuple(
            (
                t("overview.milliseconds_above", start=number(start))
                if end is None
                else t("overview.milliseconds", start=number(start), end=number(end)),
                *(n, _share(n, _sum(now))),
                *(b, _share(b, _sum(before))),
            )
            for start, (end, n), (_, b) in zip(_starts(now), now, before)
        )
        columns = self._shared(t("overview.took"))
        return Sheet("response-times", t("overview.response_times"), columns, rows, Plot.COLUMNS)

    def _shared(self, first: str) -> tuple[Column, ...]:
        """The columns of what is counted and has shares."""
        t = self._t
        return (
            Column(first),
            Column(t("overview.turns")),
            Column(t("overview.share"), drawn=True, in_percent=True),
            Column(t("overview.turns_before")),
            Column(t("overview.share_before"), drawn=True, in_percent=True),
        )

    def _by_outcomes(
        self,
        name: str,
        title: str,
        first: str,
        present: Mapping[K, Mapping[Outcome, int]],
        before: Mapping[K, Mapping[Outcome, int]],
        named: Callable[[K], str],
        lead: Callable[[K], Mapping[str, str]],
    ) -> Sheet:
        t = self._t
        now, then = _totals(present), _totals(before)
        kinds = sorted({*now, *then}, key=lambda one: (-now[one], str(one)))
        rows = tuple(
            (
                named(kind),
                *_counted(now, now.total(), kind),
                *_counted(then, then.total(), kind),
                _answered(present.get(kind, {})),
                _answered(before.get(kind, {})),
            )
            for kind in kinds
        )
        columns = (
            *self._shared(first),
            Column(t("overview.answered_share")),
            Column(t("overview.answered_share_before")),
        )
        return Sheet(name, title, columns, rows, Plot.BARS, leads={at: lead(kind) for at, kind in enumerate(kinds)})

    def _area(self, area: str | None) -> str:
        t = self._t
        return self._naming.area(area) if area else t("overview.no_area")

    def _lead(self, **filters: str) -> dict[str, str]:
        return {**filters, **self._query}


def _totals(by_outcome: Mapping[K, Mapping[Outcome, int]]) -> Counter[K]:
    return Counter({kind: sum(shares.values()) for kind, shares in by_outcome.items()})


def _counted(counts: Mapping[K, int], total: int, kind: K) -> tuple[int, Share | None]:
    return counts.get(kind, 0), _share(counts.get(kind, 0), total)


def _starts(bins: Iterable[tuple[int | None, int]]) -> list[int]:
    """Where each bin begins."""
    return [0, *(end for end, _ in bins if end is not None)]


def _sum(bins: Iterable[tuple[int | None, int]]) -> int:
    return sum(turns for _, turns in bins)


def _share(part: int, whole: int) -> Share | None:
    return Share(part / whole) if whole else None


def _answered(outcomes: Mapping[Outcome, int]) -> Share | None:
    return _share(outcomes.get(Outcome.ANSWER, 0), sum(outcomes.values()))


def _helpful(figures: Figures) -> Share | None:
    return _share(figures.helpful, figures.helpful + figures.unhelpful)
