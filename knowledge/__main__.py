"""`python -m knowledge check` and `python -m knowledge derive`: the content's own commands."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from knowledge import rules, training_data
from knowledge.base import CONTENT, KnowledgeBase, load
from knowledge.reading import ContentError

ROOT = CONTENT.parent


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="knowledge", description=__doc__)
    parser.add_argument("command", choices=["check", "derive"])
    command = parser.parse_args(arguments).command
    try:
        base = load()
    except ContentError as error:
        print(error, file=sys.stderr)
        return 1
    return _check(base, ROOT) if command == "check" else _derive(base, ROOT)


def _check(base: KnowledgeBase, root: Path) -> int:
    findings = [str(finding) for finding in rules.check(base)]
    stale = training_data.out_of_date(training_data.derive(base, root))
    findings += [f"{path}: not what knowledge/ says; run `make derive` and commit it" for path in stale]
    for finding in findings:
        print(finding, file=sys.stderr)
    used, known = rules.coverage(base)
    entries = sum(entry.answered for entry in base.entries.values())
    print(f"{entries} entries and {len(base.entries) - entries} gaps; {used} of {known} facts used")
    return 1 if findings else 0


def _derive(base: KnowledgeBase, root: Path) -> int:
    for path in training_data.write(training_data.derive(base, root)):
        print(f"wrote {path.relative_to(root)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
