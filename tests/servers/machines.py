"""Two whole assistants, each as on a machine of its own, over one PostgreSQL and one Redis, behind HAProxy."""

from __future__ import annotations

import http.client
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from pathlib import Path

from bot.evaluate.asking import Running
from bot.evaluate.asking import assistant as started
from bot.launch.preflight import free_loopback_port
from bot.settings import ROOT

CONFIGURATION = ROOT / "deploy/haproxy.cfg"


class Machine:
    """One of them; its port and its data outlive a restart."""

    def __init__(self, name: str, folder: Path, **settings: object) -> None:
        self.name, self.folder, self.port = name, folder, free_loopback_port()
        self._settings = {**settings, "node_name": name, "port": self.port, "trusted_proxies": 1}
        self._stack = ExitStack()

    @property
    def running(self) -> Running:
        return self._running

    def start(self) -> None:
        self._running = self._stack.enter_context(started(self.folder, **self._settings))

    def stop(self) -> None:
        """As an operator stops it: it ends what it is at."""
        self._stack.close()


def haproxy() -> str:
    found = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    assert found, "no HAProxy; run the tests with `make test-servers`, which finds or installs it"
    return found


@contextmanager
def balanced(first: Machine, second: Machine) -> Iterator[int]:
    """HAProxy before the two; the port of it."""
    port = free_loopback_port()
    addresses = {f"DESK_{at}": f"127.0.0.1:{one.port}" for at, one in enumerate((first, second), 1)}
    environment = {**os.environ, **addresses, "PUBLIC_BIND": f"127.0.0.1:{port}"}
    with subprocess.Popen([haproxy(), "-db", "-f", str(CONFIGURATION)], env=environment) as process:
        try:
            until_ready(port)
            yield port
        finally:
            process.terminate()


def until_ready(port: int, seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == HTTPStatus.OK:
                return
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        assert time.monotonic() < deadline, f"nothing ready on port {port} after {seconds:g} s"
        time.sleep(0.1)
