"""What is kept, where and how long, as the settings of this installation have it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.launch.supervision import LOG_BYTES, LOG_FILES
from bot.settings import ConsoleSettings, HandoffSettings, Settings
from knowledge.reading import File, read

_MEGABYTE = 1024 * 1024


class Processing(File):
    """One kind of data."""

    kind: str
    what: str
    where: str
    why: str
    who: str
    """Who may see it."""
    kept: str
    """How long."""
    enforced: str
    """By which process."""


class _Content(File):
    processing: tuple[Processing, ...]


def processing(settings: Settings, handoff: HandoffSettings, console: ConsoleSettings) -> Sequence[Processing]:
    """All kinds of data, with the periods of these settings.

    Raises:
        ContentError: processing.yml does not fit its schema.
        KeyError: it names a setting that there is not.
    """
    values = {name: _number(value) for kind in (settings, handoff, console) for name, value in kind}
    values["aside_megabytes"] = _number(handoff.aside_total / _MEGABYTE)
    # The file that is written to, and those before it.
    values["log_megabytes"] = _number(LOG_BYTES * (LOG_FILES + 1) / _MEGABYTE)
    content = read(Path(__file__).with_name("processing.yml"), _Content)
    return [one.model_copy(update={"kept": one.kept.format_map(values)}) for one in content.processing]


def record_of_processing(settings: Settings, handoff: HandoffSettings, console: ConsoleSettings) -> str:
    """The same as a table in Markdown."""
    lines = ["| kind | what | where | why | who sees it | kept | enforced by |", "|---|---|---|---|---|---|---|"]
    lines += [
        f"| {one.kind} | {one.what} | {one.where} | {one.why} | {one.who} | {one.kept} | {one.enforced} |"
        for one in processing(settings, handoff, console)
    ]
    return "".join(f"{line}\n" for line in lines)


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)
