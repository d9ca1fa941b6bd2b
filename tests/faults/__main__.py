"""`python -m tests.faults`: every fault under load, on one machine and on two, and what became of every message."""

from __future__ import annotations

import argparse
import asyncio
import itertools
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.faults.faults import FAULTS, Fault
from tests.faults.installation import Needs, one_machine, two_machines
from tests.faults.report import table, write
from tests.faults.trial import Outcome, Trial

PLACES = {"sqlite": one_machine, "servers": two_machines}


async def run(names: Sequence[str], on: Sequence[str], seconds: float) -> list[Outcome]:
    """The outcomes; each is also said when it is there."""
    outcomes: list[Outcome] = []
    for kind in on:
        faults = [FAULTS[name]() for name in names]
        fitting = [one for one in faults if kind == "servers" or not one.servers_only]
        for needs, group in itertools.groupby(fitting, key=lambda one: one.needs):
            outcomes += await _group(kind, list(group), needs, seconds)
    return outcomes


async def _group(kind: str, faults: Sequence[Fault], needs: frozenset[Needs], seconds: float) -> list[Outcome]:
    outcomes = []
    async with PLACES[kind](needs) as place:
        for fault in faults:
            print(f"{kind}: {fault.name} …", file=sys.stderr, flush=True)
            outcome = await Trial(place, kind, fault, seconds).run()
            print(table([outcome]).splitlines()[-1], file=sys.stderr, flush=True)
            for why in (*outcome.account.why, f"met {outcome.met}", f"{outcome.first_answer} {outcome.all_ready}"):
                print(f"  {why}", file=sys.stderr, flush=True)
            outcomes.append(outcome)
    return outcomes


def main() -> int:
    """Returns the exit status: 0 where all is right."""
    parser = argparse.ArgumentParser(prog="tests.faults", description=__doc__)
    parser.add_argument("--seconds", type=float, default=120, help="of each fault")
    parser.add_argument("--faults", default=",".join(FAULTS), help=f"of {', '.join(FAULTS)}")
    parser.add_argument("--on", choices=list(PLACES), action="append", help="one machine, or two and servers")
    parser.add_argument("--report", type=Path, action="append", default=[], help="a page with a place, or a .json")
    chosen = parser.parse_args()
    names = chosen.faults.split(",")
    if unknown := sorted(set(names) - set(FAULTS)):
        parser.error(f"there is no fault {', '.join(unknown)}")
    outcomes = asyncio.run(run(names, chosen.on or list(PLACES), chosen.seconds))
    for report in chosen.report:
        write(report, outcomes)
    print(table(outcomes))
    wrong = [f"{one.on}: {one.fault}" for one in outcomes if not one.is_right]
    print(f"not right: {', '.join(wrong)}" if wrong else "all is right")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
