"""Clocks that jump: what the processes of one machine take for the time of day."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("clock.c")


class Clock:
    """One machine's. Its steady clock goes on as ever, as it does where an administrator sets the time.

    Raises:
        RuntimeError: there is no C compiler.
    """

    def __init__(self, folder: Path) -> None:
        self._library, self._file = folder / "clock.so", folder / "clock"
        compiler = shutil.which("cc")
        if compiler is None:
            raise RuntimeError("no C compiler; start with `make faults`, which finds or installs it")
        subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", str(self._library), str(SOURCE)], check=True)
        self._file.touch()
        self.set(0)

    def set(self, ahead: int) -> None:
        """So many seconds before the true time, or behind it."""
        with self._file.open("r+b", buffering=0) as file:
            file.write(struct.pack("l", ahead))

    def environment(self) -> dict[str, str]:
        """Of the processes that go by it."""
        return {"LD_PRELOAD": str(self._library), "CLOCK_FILE": str(self._file)}
