"""The outcomes as a table: on the terminal, and as the page docs/faults.md has it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.faults.trial import Outcome

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
"""Between these lines of a page stands the table."""
_HEAD = (
    "on",
    "fault",
    "s",
    "messages",
    "cases",
    "lost",
    "twice",
    "order broken",
    "failed",
    "untold",
    "letters again",
    "first answer, s",
    "all ready, s",
    "quiet, s",
    "memory, MB",
)


def table(outcomes: Iterable[Outcome]) -> str:
    """In Markdown."""
    lines = [_HEAD, ("---",) * len(_HEAD), *(_row(one) for one in outcomes)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def write(path: Path, outcomes: Sequence[Outcome]) -> None:
    """Puts the table into a page that has a place for it, or all figures into a file of JSON."""
    if path.suffix == ".json":
        path.write_text(json.dumps([one.figures() for one in outcomes], indent=1) + "\n", encoding="utf-8")
        return
    page = path.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    path.write_text(f"{before}{BEGIN}\n{table(outcomes)}{END}{after}", encoding="utf-8")


def _row(one: Outcome) -> tuple[str, ...]:
    account = one.account
    counts = (account.messages, account.cases, account.lost, account.twice, account.disordered + account.unheard)
    return (
        one.on,
        one.fault,
        f"{one.seconds:g}",
        *(str(count) for count in counts),
        str(account.failed),
        str(account.untold),
        str(account.letters_again),
        _worst(one.first_answer),
        _worst(one.all_ready),
        "not" if one.quiet is None else f"{one.quiet:g}",
        _memory(one),
    )


def _worst(seconds: Sequence[float | None]) -> str:
    known = [one for one in seconds if one is not None]
    return "never" if len(known) < len(seconds) else f"{max(known, default=0):g}"


def _memory(one: Outcome) -> str:
    """Of the process that has grown most."""
    grown = {name: most - before for name, (before, most) in one.memory.items() if before}
    if not grown:
        return ""
    name = max(grown, key=lambda each: grown[each])
    before, most = one.memory[name]
    return f"{name} {before} → {most}"
