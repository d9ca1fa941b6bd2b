"""A real RabbitMQ for the tests, on ports and with data of its own."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aio_pika
import psutil

from bot.launch.preflight import free_loopback_port

PROGRAMS = "/usr/lib/rabbitmq/bin:/usr/local/lib/rabbitmq/bin:/usr/local/sbin:/usr/sbin"
START_SECONDS = 120


class RabbitMq:
    """What was sent to it persistently outlives a restart."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.port = folder, free_loopback_port()
        self._ports = {
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(free_loopback_port()),
            "ERL_EPMD_PORT": str(free_loopback_port()),
        }
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"

    async def start(self) -> None:
        program = shutil.which("rabbitmq-server", path=f"{PROGRAMS}:{os.environ.get('PATH', '')}")
        assert program, "no RabbitMQ; run the tests with `make test-servers`, which finds or installs it"
        (self._folder / "plugins").write_text("[].")
        places = {
            "HOME": str(self._folder),
            "RABBITMQ_NODENAME": f"test{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_MNESIA_BASE": str(self._folder / "data"),
            "RABBITMQ_LOG_BASE": str(self._folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._folder / "plugins"),
            "RABBITMQ_PID_FILE": str(self._folder / "pid"),
        }
        self._process = await asyncio.create_subprocess_exec(
            program,
            env={**os.environ, **self._ports, **places},
            stdout=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        async with asyncio.timeout(START_SECONDS):
            while not await self._answers():
                await asyncio.sleep(0.2)

    async def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.returncode is None, f"RabbitMQ has ended; see {self._folder / 'log'}"
        try:
            await (await aio_pika.connect(self.url, timeout=5)).close()
        except (OSError, aio_pika.exceptions.AMQPError):
            return False
        return True

    async def kill(self) -> None:
        """kill -9 of all its processes at once."""
        if self._process is not None:
            for process in psutil.Process(self._process.pid).children(recursive=True):
                process.kill()
            os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()
        self._process = None

    async def stop(self) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGTERM)
            await self._process.wait()
        self._process = None


@asynccontextmanager
async def rabbitmq(folder: Path) -> AsyncIterator[RabbitMq]:
    server = RabbitMq(folder)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
