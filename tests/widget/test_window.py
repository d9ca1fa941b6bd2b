"""The window's own tests and types, as its own tools see them."""

from __future__ import annotations

import subprocess

from bot.settings import ROOT


def run(*command: str) -> str:
    done = subprocess.run([ROOT / "scripts/window", *command], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_states_its_warnings_and_its_texts_hold() -> None:
    assert "# fail 0" in run("node", "--test", "--test-reporter=tap", "tests/*.test.ts")


def test_its_types_hold() -> None:
    run("tsc")
