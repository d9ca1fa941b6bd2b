"""How two contents differ, as a unified diff."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.publishing.content import files_of


@dataclass(frozen=True)
class FileDiff:
    """A file that differs, with the lines of its diff."""

    path: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """As `patch` takes it."""
        return "".join(f"{line}\n" for line in self.lines)


def difference(before: Path, after: Path) -> list[FileDiff]:
    """What of the content below `before` is otherwise below `after`: the files that people write first."""
    found = list(_differing(before, after))
    return sorted(found, key=lambda one: (one.path.startswith("data/"), one.path))


def _differing(before: Path, after: Path) -> Iterator[FileDiff]:
    for path in files_of(after):
        name = path.relative_to(after).as_posix()
        old = before / name
        if old.exists() and old.samefile(path):
            continue
        was, now = (one.read_text(encoding="utf-8").splitlines() if one.exists() else [] for one in (old, path))
        lines = difflib.unified_diff(was, now, f"a/{name}", f"b/{name}", lineterm="")
        if shown := tuple(lines):
            yield FileDiff(name, shown)
