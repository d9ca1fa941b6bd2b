"""The courier's real process, which a test kills and starts again."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.settings import ROOT, Settings
from bot.store.database import KEYS
from tests.database import database_of, is_on_server


class Worker:
    """One process of `python -m bot.cases`."""

    def __init__(self, folder: Path, options: dict[str, Any]) -> None:
        settings = {name.upper(): str(value) for name, value in options.items()}
        where = {"DATA_DIR": str(folder), "DATABASE_URL": database_of(folder)}
        if is_on_server(folder):
            # The server's databases are copies of one that was sealed with the keys of the tests' own process.
            where["CONTACT_KEYS_FILE"] = str(Settings().data / KEYS)
        self._environ = {**os.environ, **where, **settings}
        self._log = (folder / "worker.log").open("ab")
        self.process: subprocess.Popen[bytes] | None = None
        self.starts = 0

    def start(self) -> None:
        self.starts += 1
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot.cases"], cwd=ROOT, env=self._environ, stdout=self._log, stderr=self._log
        )

    def kill(self) -> None:
        """As a power cut would: no word of goodbye."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)

    def is_dead(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def stop(self) -> int:
        """Asks it to end; its exit status."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(10)

    def close(self) -> None:
        if not self.is_dead():
            self.kill()
        if self.process is not None:
            self.process.wait()
        self._log.close()


@contextlib.contextmanager
def at_work(folder: Path, options: dict[str, Any], *, count: int = 1) -> Iterator[list[Worker]]:
    """Workers over the database in `folder`, started."""
    workers = [Worker(folder, options) for _ in range(count)]
    try:
        for worker in workers:
            worker.start()
        yield workers
    finally:
        for worker in workers:
            worker.close()
