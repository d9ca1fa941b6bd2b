"""`python -m bot.publishing export FOLDER`: what is published, as files for the repository and as a patch."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bot.publishing.desk import published_content
from bot.publishing.export import export
from bot.publishing.pointer import Damaged
from bot.settings import ROOT, Settings


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="bot.publishing", description=__doc__)
    command = parser.add_subparsers(required=True).add_parser("export", help="write what differs from the repository")
    command.add_argument("folder", type=Path)
    folder = parser.parse_args(arguments).folder
    try:
        content = published_content(Settings())
        written = export(ROOT, content, folder) if content != ROOT else []
    except (Damaged, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    for path in written:
        print(path)
    if len(written) <= 1:
        print("nothing is published that the repository has not")
    return 0


if __name__ == "__main__":
    sys.exit(main())
