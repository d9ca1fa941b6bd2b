"""Set-up on a machine that lacks something: one line that says what to install or free, and status 1."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.settings import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout without environments, on a machine with the system's tools but neither uv nor Python."""
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    shutil.copytree(ROOT / "environments", tmp_path / "environments")
    (tmp_path / "bin").mkdir()
    for tool in ("sh", "dirname", "df", "awk", "cmp", "rm", "cp", "printf"):
        found = shutil.which(tool)
        assert found, f"this machine has no {tool}"
        (tmp_path / "bin" / tool).symlink_to(found)
    return tmp_path


def install(checkout: Path, name: str, script: str) -> None:
    path = checkout / "bin" / name
    path.unlink(missing_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def set_up(checkout: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": str(checkout / "bin")}
    return subprocess.run(
        [checkout / "scripts/setup"], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_neither_uv_nor_python(checkout: Path) -> None:
    done = set_up(checkout)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "neither uv nor python3 was found on PATH" in done.stderr


def test_no_python_3_10_anywhere(checkout: Path) -> None:
    install(checkout, "uv", "exit 2")
    done = set_up(checkout)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "Python 3.10 is missing" in done.stderr
    assert "pyenv install 3.10" in done.stderr


def test_a_full_disk(checkout: Path) -> None:
    install(checkout, "df", "echo header; echo /dev/x 9 9 1024 99% /")
    done = set_up(checkout)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "the disk has 1 MiB free" in done.stderr
    assert "Free some space" in done.stderr
