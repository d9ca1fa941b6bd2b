"""Clocks that jump: what a process takes for the time, by libfaketime, which Debian has as `libfaketime`."""

from __future__ import annotations

from pathlib import Path

LIBRARIES = "/usr/lib/*/faketime/libfaketimeMT.so.1"


def library() -> Path:
    """The library.

    Raises:
        RuntimeError: it is not installed.
    """
    found = next(Path("/").glob(LIBRARIES.lstrip("/")), None)
    if found is None:
        raise RuntimeError("no libfaketime; start with `make faults`, which finds or installs it")
    return found


class Clock:
    """One machine's. Its steady clock goes on as ever, as it does where an administrator sets the time."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self.set(0)

    def set(self, ahead: int) -> None:
        """So many seconds before the true time, or behind it."""
        part = self._file.with_suffix(".part")
        part.write_text(f"{ahead:+d}\n")
        part.replace(self._file)

    def environment(self) -> dict[str, str]:
        """Of the processes that go by it."""
        return {
            "LD_PRELOAD": str(library()),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_CACHE_DURATION": "1",
        }
