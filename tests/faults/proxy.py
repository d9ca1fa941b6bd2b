"""A TCP proxy between the assistant and a server, which can cut, refuse and stall."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine, Iterator
from typing import Any

from bot.launch.preflight import free_loopback_port

_BYTES = 65536


class Proxy:
    """Passes on what comes to `port` to `target` on loopback, in a thread of its own."""

    def __init__(self, target: int) -> None:
        self._target, self.port = target, free_loopback_port()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._passing = asyncio.Event()

    def start(self) -> None:
        """Begins to pass on."""
        self._thread.start()
        self.mend()

    def close(self) -> None:
        """Ends everything."""
        self.refuse()
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cut(self) -> None:
        """Breaks every connection; new ones are taken as before."""
        self._do(self._cut())

    def refuse(self) -> None:
        """Breaks every connection and takes no new ones, as where nothing listens."""
        self._do(self._refuse())

    def stall(self) -> None:
        """Nothing passes any more, and nothing is said of it: as a network that drops every packet."""
        self._loop.call_soon_threadsafe(self._passing.clear)

    def mend(self) -> None:
        """All is as at the start; what was stalled goes on."""
        self._do(self._mend())

    def _do(self, step: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(step, self._loop).result(10)

    async def _mend(self) -> None:
        self._passing.set()
        if self._server is None:
            self._server = await asyncio.start_server(self._take, "127.0.0.1", self.port)

    async def _refuse(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._cut()

    async def _cut(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()

    async def _end(self) -> None:
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        there: asyncio.StreamWriter | None = None
        try:
            await self._passing.wait()
            from_there, there = await asyncio.open_connection("127.0.0.1", self._target)
            self._open.add(there)
            ways = (self._pass_on(reader, there), self._pass_on(from_there, writer))
            tasks = [asyncio.ensure_future(way) for way in ways]
            _, left = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in left:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        except OSError:
            # What we stand for is away: whoever called is told so by the connection's end.
            pass
        finally:
            for one in (writer, there):
                if one is not None:
                    self._open.discard(one)
                    one.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while some := await reader.read(_BYTES):
                await self._passing.wait()
                writer.write(some)
                await writer.drain()


@contextlib.contextmanager
def proxied(target: int) -> Iterator[Proxy]:
    """A proxy before what listens on the port `target` of loopback."""
    proxy = Proxy(target)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.close()
