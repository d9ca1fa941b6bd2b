"""The memory of processes, as Linux counts it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

PROC = Path("/proc")
KIB = 1024


def tree(root: int) -> dict[int, str]:
    """A process and all that descend from it, with what each is called."""
    parents: dict[int, int] = {}
    for folder in PROC.glob("[0-9]*"):
        try:
            # The name stands in parentheses and may hold any character.
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return {pid: name for pid in found if (name := _name(pid))}


def memory(pid: int) -> float:
    """MiB that a process holds: its own pages, and of those it shares its share (PSS)."""
    try:
        rollup = (PROC / str(pid) / "smaps_rollup").read_text()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) / KIB for line in rollup.splitlines() if line.startswith("Pss:"))


def _name(pid: int) -> str:
    try:
        words = (PROC / str(pid) / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return ""
    if "-m" in words:
        return words[words.index("-m") + 1]
    return Path(words[1] if len(words) > 1 and words[1] else words[0]).name


def processor_seconds(pids: Iterable[int]) -> float:
    """The processor's time that these processes have used, of which other programs on the machine take nothing."""
    ticks = 0
    for pid in pids:
        try:
            fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
