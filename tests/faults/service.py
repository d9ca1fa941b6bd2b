"""A whole assistant under a service manager: whatever ends its first process, it is started again."""

from __future__ import annotations

import contextlib
import threading
import time
from pathlib import Path

import psutil

from tests.servers.machines import Machine

AGAIN_SECONDS = 1.0
"""After which it is started again."""
PROCESSES = {
    "engine": "bot.engine.serve",
    "desk": "bot.desk",
    "background": "bot.background",
    "supervisor": "supervisord",
    "first": "bot.launch.watching",
}
"""By a word of their command lines."""


class Service(Machine):
    """One machine's."""

    def __init__(self, name: str, folder: Path, **settings: object) -> None:
        super().__init__(name, folder, **settings)
        self._stopping = threading.Event()
        self._manager = threading.Thread(target=self._manage, daemon=True)
        self.starts = 0

    def start(self) -> None:
        """Until it is ready; from now on it is looked after."""
        super().start()
        self._manager.start()

    def stop(self) -> None:
        """As an operator stops it."""
        self._stopping.set()
        if self._manager.is_alive():
            self._manager.join()
        super().stop()

    def processes(self) -> dict[str, psutil.Process]:
        """Those that run at this moment, also those that have lost their parent, by their names in PROCESSES."""
        found: dict[str, psutil.Process] = {}
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                words = process.cmdline()
                last = {Path(word).name for word in words}
                name = next((name for name, word in PROCESSES.items() if word in last), None)
                if name and process.environ().get("DATA_DIR") == str(self.folder):
                    found.setdefault(name, process)
        return found

    def process(self, name: str, seconds: float = 60) -> psutil.Process:
        """One of them, waited for where it is just being started again."""
        deadline = time.monotonic() + seconds
        while (found := self.processes().get(name)) is None:
            assert time.monotonic() < deadline, f"no {name} of {self.name} after {seconds:g} s; see {self.folder}/log"
            time.sleep(0.1)
        return found

    def _manage(self) -> None:
        while not self._stopping.is_set():
            with contextlib.suppress(psutil.Error):
                psutil.Process(self.running.pid).wait(timeout=0.5)
            if self._stopping.is_set() or self._lives():
                continue
            self._stopping.wait(AGAIN_SECONDS)
            self.starts += 1
            # Where it cannot start yet, it is tried again.
            with contextlib.suppress(RuntimeError):
                super().stop()
                super().start()

    def _lives(self) -> bool:
        try:
            return psutil.Process(self.running.pid).status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False
