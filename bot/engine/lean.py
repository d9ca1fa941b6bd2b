"""`python -m bot.engine.lean <module> …`: runs a program of ours without what it never needs (bot/engine/absent.py).

To import TensorFlow alone takes longer than to correct a model.
"""

from __future__ import annotations

import importlib
import sys

from bot.engine.absent import leave_out, seal


def main() -> int:
    """Runs the module's `main` with the arguments behind its name; returns the exit status."""
    name = sys.argv.pop(1)
    leave_out()
    program = importlib.import_module(name)
    seal()
    status: int = program.main()
    return status


if __name__ == "__main__":
    sys.exit(main())
