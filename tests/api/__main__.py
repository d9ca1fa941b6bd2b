"""`python -m tests.api [--cases N]`: calls a running desk until so many calls were checked; `make fuzz-api`."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from pathlib import Path

import structlog

from knowledge.base import load
from tests.api.harness import Caller, running


def main() -> int:
    """Calls; returns the exit status."""
    parser = argparse.ArgumentParser(prog="tests.api", description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    wanted = parser.parse_args().cases
    # A line for each request would be all there is to see.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as data, running(load(), Path(data)) as address:
        caller = Caller(address)
        while caller.cases < wanted:
            caller.in_turn(30)
            caller.one_by_one(60)
            by_status = ", ".join(f"{status}: {count}" for status, count in sorted(caller.statuses.items()))
            print(f"{caller.cases} calls in {time.monotonic() - began:.0f} s ({by_status})", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
