"""What every process of the desk's environment begins and ends with."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any

from bot.logs import configure
from bot.parent import end_with_supervisor
from bot.settings import Settings


def told_to_end() -> asyncio.Event:
    """Is set when this process is told to end, by SIGTERM or SIGINT. To be called in the event loop."""
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    return told


def run(serve: Callable[[Settings], Coroutine[Any, Any, None]]) -> int:
    """Serves by the installation's settings until it is told to end, at the latest when the supervisor does.

    Returns the exit status.
    """
    end_with_supervisor()
    settings = Settings()
    configure(settings.log_format)
    asyncio.run(serve(settings))
    return 0
