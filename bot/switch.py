"""`python -m bot.switch off` turns the assistant off with a notice, without a restart; `on` turns it on again."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bot.settings import Settings

FILE = "off"


class Switch:
    """A file in the data folder: while it is there, every message is answered with the notice and reaches no engine."""

    def __init__(self, data: Path) -> None:
        self._file = data / FILE

    @property
    def is_off(self) -> bool:
        """Looked up each time: it takes microseconds."""
        return self._file.exists()

    def turn_off(self) -> None:
        """From the next message on."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.touch()

    def turn_on(self) -> None:
        """From the next message on."""
        self._file.unlink(missing_ok=True)


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="bot.switch", description=__doc__)
    parser.add_argument("to", choices=["off", "on", "status"])
    to = parser.parse_args(arguments).to
    switch = Switch(Settings().data)
    if to == "off":
        switch.turn_off()
    elif to == "on":
        switch.turn_on()
    sys.stdout.write(f"the assistant is {'off' if switch.is_off else 'on'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
