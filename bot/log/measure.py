"""How long the record's pages take, with few turns and with many."""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.conversation.outcome import Outcome
from bot.log.filters import Filters
from bot.log.masking.mask import Masking
from bot.log.overview import Figuring, Period
from bot.log.record import Record
from bot.log.synthetic import load_turns
from bot.store.database import Sessions, connect, migrate, sessions
from knowledge.base import KnowledgeBase
from knowledge.records import Language

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
TIMES = 40
"""How often each is asked for, in several variants."""

SEARCHES = {
    "common words": ("what", "cours", "patente", "the", "de", "how"),
    "words": ("mediation", "tisc", "bourse", "вебинар", "modération", "ARDI"),
    "Chinese and Arabic": ("调解", "产权组织", "课程", "وساطة", "دورة", "الويبو"),
    "two words": ("mediation cost", "tisc network", "cours gratuit", "curso general", "курс бесплатно", "how apply"),
    "a phrase": ('"how much"', '"what is"', '"qui peut"', '"quién puede"', '"как получить"', '"is there"'),
    "nothing found": ("xylophone", "zeppelin", "кварк", "鲸鱼", "quetzal", "mediation zeppelin"),
}


@dataclass(frozen=True)
class Took:
    """Milliseconds of one kind of page."""

    name: str
    p50: float
    p95: float


async def measured(sessions: Sessions, base: KnowledgeBase) -> list[Took]:
    """How long each kind of page takes."""
    record, figuring = Record(sessions, Masking(base)), Figuring(sessions)

    def listed(*variants: Filters) -> Sequence[Callable[[], Awaitable[object]]]:
        async def page(filters: Filters) -> None:
            await record.page(filters)
            await record.count(filters)

        return [lambda chosen=one: page(chosen) for one in variants]  # type: ignore[misc]

    conversation = (await record.page(Filters())).turns[0].conversation
    middle = (await record.page(Filters(until=NOW.date() - timedelta(days=180)))).turns[0].id
    entries = list(base.entries)[:60:10]
    kinds: dict[str, Sequence[Callable[[], Awaitable[object]]]] = {
        "first page": listed(Filters()),
        "a page of last winter": [lambda: record.page(Filters(), before=middle)],
        "one language": listed(*(Filters(language=language) for language in Language)),
        "one outcome": listed(*(Filters(outcome=outcome) for outcome in Outcome)),
        "area and outcome": listed(*(Filters(area=area, outcome=Outcome.REFER) for area in base.areas)),
        "thumbs down": listed(Filters(feedback="unhelpful"), Filters(feedback="unhelpful", language=Language.FR)),
        "low confidence": listed(Filters(confidence_to=0.3), Filters(confidence_to=0.5, language=Language.ES)),
        "not reviewed": listed(Filters(reviewed=False), Filters(reviewed=True)),
        "with a case": listed(Filters(case=True)),
        "one entry": listed(*(Filters(entry=entry) for entry in entries)),
        "one member state": listed(*(Filters(member_state=state) for state in ("KE", "FR", "BR"))),
        "one month": listed(Filters(since=date(2026, 2, 1), until=date(2026, 2, 28))),
        "one model": listed(Filters(model="model-0"), Filters(model="model-1")),
        "transcript": [lambda: record.transcript(conversation)],
        **{f"search: {name}": listed(*(Filters(text=t) for t in texts)) for name, texts in SEARCHES.items()},
        "search in one language": listed(
            Filters(text="tisc", language=Language.FR), Filters(text="cours", outcome=Outcome.REFER)
        ),
        **{
            f"overview of {days} days": [
                lambda days=days: figuring.overview(  # type: ignore[misc]
                    Period(NOW.date() - timedelta(days=days - 1), NOW.date()), NOW
                )
            ]
            for days in (7, 30, 90)
        },
    }
    return [await _took(name, variants) for name, variants in kinds.items()]


async def _took(name: str, variants: Sequence[Callable[[], Awaitable[object]]]) -> Took:
    for one in variants:
        await one()
    times = []
    for number in range(TIMES):
        begun = time.perf_counter()
        await variants[number % len(variants)]()
        times.append((time.perf_counter() - begun) * 1000)
    return Took(name, statistics.median(times), statistics.quantiles(times, n=20)[-1])


async def compare(folder: Path, base: KnowledgeBase, sizes: Sequence[int]) -> Iterator[str]:
    """The figures of records of these sizes, side by side, as lines of a table; each is made in `folder` if need be."""
    columns: list[list[Took]] = []
    notes = []
    for turns in sizes:
        path = folder / f"{turns}.db"
        made = not path.exists()
        engine = connect(f"sqlite+aiosqlite:///{path}")
        try:
            await migrate(engine)
            begun = time.perf_counter()
            if made:
                await load_turns(sessions(engine), base, turns, NOW)
                notes.append(f"{turns} turns loaded in {time.perf_counter() - begun:.0f} s")
            notes.append(f"{turns} turns take {path.stat().st_size / 2**20:.0f} MiB")
            columns.append(await measured(sessions(engine), base))
        finally:
            await engine.dispose()
    return iter([*_table(sizes, columns), "", *notes])


def _table(sizes: Sequence[int], columns: Sequence[Sequence[Took]]) -> Iterator[str]:
    heads = [f"{size:,} p50 | {size:,} p95" for size in sizes]
    yield f"| ms | {' | '.join(heads)} | ratio p50 | ratio p95 |"
    yield "|---" * (len(sizes) * 2 + 3) + "|"
    for row in zip(*columns):
        cells = [f"{took.p50:.1f} | {took.p95:.1f}" for took in row]
        ratio = f"{row[-1].p50 / row[0].p50:.1f} | {row[-1].p95 / row[0].p95:.1f}"
        yield f"| {row[0].name} | {' | '.join(cells)} | {ratio} |"
