"""Ends a process together with the one that started it, which else would leave it behind with its port.

The first process starts the supervisor, and the supervisor all others. Who is killed cannot end those it has started:
they would go on answering by an old configuration, and keep the next start from their ports. Linux tells them.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_SUPERVISED = "SUPERVISOR_ENABLED"
"""Set by supervisord in the environment of what it starts."""


def end_with_supervisor() -> None:
    """From now on this process is asked to end, as by SIGTERM, when its supervisor has died; nothing without one."""
    if os.environ.get(_SUPERVISED):
        end_with_parent()


def end_with_parent() -> None:
    """The same with whatever process started this one. Elsewhere than on Linux it does nothing.

    What is asked of the kernel outlives `exec`.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == 1 and os.getpid() != 1:
        # It had died before.
        os.kill(os.getpid(), signal.SIGTERM)
