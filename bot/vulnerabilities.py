"""`python -m bot.vulnerabilities`: the known weaknesses of every locked package, and which of them nobody accepted.

Asks the OSV database (https://osv.dev, its `querybatch`) by name and version; nothing else leaves this machine.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

import aiohttp
from pydantic import BaseModel, ConfigDict

from bot.settings import ROOT
from knowledge.reading import ContentError, File, read

OSV = "https://api.osv.dev"
LOCKS = ("engine", "desk", "window")
ACCEPTED = ROOT / "environments/accepted-vulnerabilities.yml"
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
_AT_ONCE = 500
"""Packages in one question; OSV takes a thousand."""


class Accepted(BaseModel):
    """A weakness that we live with, why, and until when that is to be thought over."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    package: str
    why: str
    until: date


class _Accepted(File):
    accepted: tuple[Accepted, ...]


Package = tuple[str, str]
"""Name and version."""


def locked(root: Path = ROOT) -> dict[Package, list[str]]:
    """Every package that is locked, with the environments it is in."""
    found: dict[Package, list[str]] = {}
    for world in LOCKS:
        text = (root / "environments" / world / "requirements.lock").read_text(encoding="utf-8")
        for name, version in _PINNED.findall(text):
            found.setdefault((name.lower().replace("_", "-"), version), []).append(world)
    return found


async def known(packages: Sequence[Package], osv: str = OSV) -> dict[Package, list[str]]:
    """The ids of the weaknesses of each package that has any.

    Raises:
        aiohttp.ClientError: OSV cannot be reached, or does not answer as it should.
    """
    found: dict[Package, list[str]] = {}
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60), raise_for_status=True) as session:
        for at in range(0, len(packages), _AT_ONCE):
            some = packages[at : at + _AT_ONCE]
            asked = [{"package": {"name": name, "ecosystem": "PyPI"}, "version": version} for name, version in some]
            async with session.post(f"{osv}/v1/querybatch", json={"queries": asked}) as response:
                answers = (await response.json())["results"]
            for package, answer in zip(some, answers, strict=True):
                if weaknesses := answer.get("vulns"):
                    found[package] = sorted(one["id"] for one in weaknesses)
    return found


def report(
    found: Mapping[Package, Iterable[str]], worlds: Mapping[Package, Sequence[str]], accepted: Path, today: date
) -> tuple[list[str], int]:
    """What there is to say, a line each, and how many weaknesses are to be decided on.

    Raises:
        ContentError: the file of accepted ones cannot be used.
    """
    decisions = {(one.package, one.id): one for one in read(accepted, _Accepted).accepted}
    lines, open_ones, seen = [], 0, set()
    for (name, version), ids in sorted(found.items()):
        for weakness in ids:
            decision = decisions.get((name, weakness))
            seen.add((name, weakness))
            where = f"{name} {version} ({', '.join(worlds[name, version])}): {weakness}"
            if decision is None:
                lines.append(f"{where}: NOT ACCEPTED; raise it with scripts/lock, or say why not in {accepted.name}")
            elif decision.until < today:
                lines.append(f"{where}: accepted until {decision.until}, which is over; decide anew")
            else:
                lines.append(f"{where}: accepted until {decision.until}: {decision.why}")
                continue
            open_ones += 1
    lines += [f"{name}: {weakness} is accepted and no longer there; remove it from {accepted.name}"
              for name, weakness in sorted(decisions.keys() - seen)]  # fmt: skip
    return lines, open_ones


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns the exit status: 0 where every weakness is accepted."""
    parser = argparse.ArgumentParser(prog="bot.vulnerabilities", description=__doc__)
    parser.add_argument("--osv", default=OSV, help="where the OSV database or a mirror of it answers")
    parser.add_argument("--accepted", type=Path, default=ACCEPTED)
    chosen = parser.parse_args(arguments)
    worlds = locked()
    try:
        found = asyncio.run(known(list(worlds), chosen.osv))
        lines, open_ones = report(found, worlds, chosen.accepted, date.today())  # noqa: DTZ011 - a day is a day
    except (aiohttp.ClientError, TimeoutError, KeyError, ValueError) as error:
        sys.stderr.write(f"{chosen.osv} did not tell ({type(error).__name__}); try again where it can be reached\n")
        return 2
    except ContentError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.write(f"{len(worlds)} packages, {len(found)} with known weaknesses, {open_ones} to be decided on\n")
    return 1 if open_ones else 0


if __name__ == "__main__":
    sys.exit(main())
