"""The first process says why the assistant did not start, and ends with what it started."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bot.launch.preflight import free_loopback_port
from bot.settings import ROOT

CONFIGURATION = """[supervisord]
nodaemon=true
logfile={folder}/supervisor.log
pidfile={folder}/supervisor.pid
"""


def watched(configuration: Path, folder: Path) -> list[str]:
    told = ["127.0.0.1", str(free_loopback_port()), str(folder / "engine.log"), str(folder / "supervisor.log")]
    return [sys.executable, "-m", "bot.launch.watching", str(configuration), *told]


def test_a_supervisor_that_ends_is_told_with_where_to_look(tmp_path: Path) -> None:
    done = subprocess.run(watched(tmp_path / "none", tmp_path), cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert f"cannot start: the supervisor ended with status 2; see {tmp_path}/supervisor.log" in done.stderr


def test_who_tells_it_to_end_ends_the_supervisor_too(tmp_path: Path) -> None:
    configuration, pid = tmp_path / "supervisord.conf", tmp_path / "supervisor.pid"
    configuration.write_text(CONFIGURATION.format(folder=tmp_path))
    with subprocess.Popen(watched(configuration, tmp_path), cwd=ROOT, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stdout.readline(), "supervisord says what it does"
        while not pid.exists():
            assert running.poll() is None
        running.terminate()
        assert running.wait(timeout=20) == 0
    assert not pid.exists(), "the supervisor takes its own number away when it ends in order"
