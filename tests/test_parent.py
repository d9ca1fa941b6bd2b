"""Who is killed takes along what it has started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import psutil
import pytest

from bot.settings import ROOT

CHILD = (
    "import time; from bot.parent import end_with_supervisor as end; end(); print('on', flush=True); time.sleep(600)"
)
PARENT = f"""
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", {CHILD!r}])
print(child.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("supervised", [True, False])
def test_what_a_supervisor_started_ends_with_it_and_what_was_started_by_hand_does_not(supervised: bool) -> None:
    environ = {**os.environ, **({"SUPERVISOR_ENABLED": "1"} if supervised else {})}
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        assert parent.stdout.readline() == "on\n"
        parent.kill()
    try:
        if supervised:
            child.wait(20)
        else:
            with pytest.raises(psutil.TimeoutExpired):
                child.wait(0.5)
    finally:
        if child.is_running():
            child.send_signal(signal.SIGKILL)
