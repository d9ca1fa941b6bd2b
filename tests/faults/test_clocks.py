"""A clock of one's own jumps for who goes by it, and the steady clock does not."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.faults.clocks import Clock

PROGRAM = "import datetime, time; print(time.time(), datetime.datetime.now().timestamp(), time.monotonic())"
MINUTE = 60


@pytest.mark.servers
@pytest.mark.parametrize("ahead", [0, 3600, -90_000])
def test_who_goes_by_it_sees_it_jump(tmp_path: Path, ahead: int) -> None:
    clock = Clock(tmp_path)
    clock.set(ahead)
    environ = {**os.environ, **clock.environment()}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environ, capture_output=True, text=True, check=True)
    told, dated, steady = (float(word) for word in done.stdout.split())
    assert abs(told - time.time() - ahead) < MINUTE
    assert abs(dated - time.time() - ahead) < MINUTE
    assert abs(steady - time.monotonic()) < MINUTE
