"""`python -m tests.fuzz [--seconds N] [TARGET …]`: feeds each target for so many seconds; `make fuzz` ten minutes."""

from __future__ import annotations

import argparse
import random
import sys
import time

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.targets import TARGETS

ROUND = 200
"""Inputs between two looks at the clock."""


def feed(name: str, seconds: float) -> int:
    """How many inputs were tried; the first that breaks something is shrunk, shown and raised."""
    inputs, check = TARGETS[name]
    tried, end = 0, time.monotonic() + seconds

    def late(_: object) -> bool:
        return time.monotonic() < end

    while time.monotonic() < end:

        @seed(random.getrandbits(64))
        @settings(
            max_examples=ROUND,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        )
        @given(inputs)
        def try_one(given_one: object) -> None:
            nonlocal tried
            if late(given_one):
                tried += 1
                check(given_one)

        try_one()
    return tried


def main() -> int:
    """Feeds the targets; returns the exit status."""
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("targets", nargs="*", choices=[[], *TARGETS], default=[])
    chosen = parser.parse_args()
    for name in chosen.targets or TARGETS:
        print(f"{name}: {feed(name, chosen.seconds)} inputs in {chosen.seconds:g} s, nothing broke", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
