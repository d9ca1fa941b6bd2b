"""How long the record's pages take, with few turns and with many."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
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


Page = Callable[[], Awaitable[object]]


async def pages(sessions: Sessions, base: KnowledgeBase) -> dict[str, Sequence[Page]]:
    """Each kind of page, in the variants that it is asked for in."""
    record, figuring = Record(sessions, Masking(base)), Figuring(sessions)

    def listed(*variants: Filters) -> Sequence[Page]:
        async def page(filters: Filters) -> None:
            await record.page(filters)
            await record.count(filters)

        return [lambda chosen=one: page(chosen) for one in variants]  # type: ignore[misc]

    conversation = (await record.page(Filters())).turns[0].conversation
    middle = (await record.page(Filters(until=NOW.date() - timedelta(days=180)))).turns[0].id
    entries = list(base.entries)[:60:10]
    return {
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


@dataclass(frozen=True)
class Took:
    """Milliseconds that a kind of page took each time."""

    waited: list[float]
    worked: list[float]
    """Of processor time, which other work on the machine adds little to."""


async def _take(page: Page, took: Took) -> None:
    begun, before = time.perf_counter(), time.process_time()
    await page()
    took.waited.append((time.perf_counter() - begun) * 1000)
    took.worked.append((time.process_time() - before) * 1000)


async def compare(folder: Path, base: KnowledgeBase, sizes: Sequence[int]) -> list[str]:
    """The figures of records of these sizes, side by side, as lines; each is made in `folder` if need be.

    The records are asked in turn, so that what else the machine does falls on all of them.
    """
    notes = []
    async with contextlib.AsyncExitStack() as stack:
        records = []
        for turns in sizes:
            path = folder / f"{turns}.db"
            made = not path.exists()
            engine = connect(f"sqlite+aiosqlite:///{path}")
            stack.push_async_callback(engine.dispose)
            await migrate(engine)
            begun = time.perf_counter()
            if made:
                await load_turns(sessions(engine), base, turns, NOW)
                notes.append(f"{turns:,} turns loaded in {time.perf_counter() - begun:.0f} s")
            notes.append(f"{turns:,} turns take {path.stat().st_size / 2**20:.0f} MiB")
            records.append(await pages(sessions(engine), base))
        times: dict[str, list[Took]] = {}
        for name in records[0]:
            times[name] = [Took([], []) for _ in records]
            for number in range(-len(records[0][name]), TIMES):
                for record, took in zip(records, times[name]):
                    page = record[name][number % len(record[name])]
                    # The first time of each variant reads the file, and is not counted.
                    await (_take(page, took) if number >= 0 else page())
    return [
        "Milliseconds waited:",
        *_table(sizes, {name: [took.waited for took in row] for name, row in times.items()}),
        "",
        "Milliseconds of processor time:",
        *_table(sizes, {name: [took.worked for took in row] for name, row in times.items()}),
        "",
        *notes,
    ]


def _table(sizes: Sequence[int], rows: Mapping[str, Sequence[Sequence[float]]]) -> Iterator[str]:
    yield f"| | {' | '.join(f'{size:,} p50 | p95' for size in sizes)} | ratio p50 | ratio p95 |"
    yield "|---" * (len(sizes) * 2 + 3) + "|"
    for name, row in rows.items():
        quantiles = [(statistics.median(times), statistics.quantiles(times, n=20)[-1]) for times in row]
        cells = " | ".join(f"{p50:.1f} | {p95:.1f}" for p50, p95 in quantiles)
        (few, few_95), (many, many_95) = quantiles[0], quantiles[-1]
        yield f"| {name} | {cells} | {many / few:.1f} | {many_95 / few_95:.1f} |"
