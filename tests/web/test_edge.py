"""Who holds connections open, sends slowly or sends rubbish takes nothing from the others."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from bot.client_address import network_of
from bot.publishing.served import Served
from bot.settings import Settings
from bot.web.app import public_app
from bot.web.edge import Bounds, EdgeRunner, bounds
from knowledge.base import KnowledgeBase

PATIENCE = 10
"""Seconds after which a test gives up."""
Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


@asynccontextmanager
async def edge(app: web.Application, some: Bounds) -> AsyncIterator[Connect]:
    runner = EdgeRunner(app, some, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    writers = []

    async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writers.append(writer)
        return reader, writer

    try:
        yield connect
    finally:
        for writer in writers:
            writer.close()
        await runner.cleanup()


@pytest.fixture
def app(base: KnowledgeBase, tmp_path: Path) -> web.Application:
    settings = Settings(data_dir=tmp_path)
    return public_app(settings, Served.at(base, settings.engine_url))


async def ended(reader: asyncio.StreamReader) -> bytes:
    """What was received until the other side hung up."""
    received = b""
    async with asyncio.timeout(PATIENCE):
        try:
            while more := await reader.read(65536):
                received += more
        except ConnectionResetError:
            pass
    return received


async def answered(connect: Connect, request: bytes = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n") -> bytes:
    reader, writer = await connect()
    writer.write(request)
    async with asyncio.timeout(PATIENCE):
        return await reader.read(65536)


@pytest.mark.parametrize("begun", [b"", b"GET /healthz HT", b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-A: "])
async def test_a_head_that_does_not_come_whole_ends_the_connection(app: web.Application, begun: bytes) -> None:
    async with edge(app, Bounds(10, None, head_seconds=0.2)) as connect:
        reader, writer = await connect()
        writer.write(begun)
        assert await ended(reader) == b""


async def test_a_head_that_comes_in_drops_ends_no_later(app: web.Application) -> None:
    async with edge(app, Bounds(10, None, head_seconds=0.3)) as connect:
        reader, writer = await connect()
        writer.write(b"GET / HTTP/1.1\r\n")

        async def drop() -> None:
            while not reader.at_eof():
                writer.write(b"X-A: b\r\n")
                await asyncio.sleep(0.02)

        dropping = asyncio.create_task(drop())
        received = await ended(reader)
        dropping.cancel()
        # Ended by the clock, or by the number of headers.
        assert received == b"" or b" 400 " in received


async def test_the_second_request_of_a_connection_has_the_same_time(app: web.Application) -> None:
    async with edge(app, Bounds(10, None, head_seconds=0.2)) as connect:
        reader, writer = await connect()
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        assert b"alive" in await reader.read(65536)
        writer.write(b"GET /healthz HT")
        assert await ended(reader) == b""


async def test_a_connection_that_lies_idle_is_closed(app: web.Application) -> None:
    async with edge(app, Bounds(10, None, idle_seconds=0.2)) as connect:
        reader, writer = await connect()
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await ended(reader)).endswith(b'{"status": "alive"}')


async def test_a_body_that_does_not_come_ends_the_connection(app: web.Application) -> None:
    async with edge(app, Bounds(10, None, answer_seconds=0.2)) as connect:
        reader, writer = await connect()
        writer.write(
            b"POST /api/v1/conversations HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            b"Content-Length: 20\r\n\r\n{"
        )
        assert await ended(reader) == b""


async def test_an_answer_that_nobody_reads_ends_the_connection() -> None:
    async def much(_: web.Request) -> web.Response:
        return web.Response(body=b"a" * 2**25)

    large = web.Application()
    large.router.add_get("/", much)
    async with edge(large, Bounds(1, None, answer_seconds=0.3)) as connect:
        _, writer = await connect()
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        async with asyncio.timeout(PATIENCE):
            # Its one place is free again.
            while not await answered(connect):
                await asyncio.sleep(0.05)


async def test_more_connections_than_there_are_places_are_not_let_in_and_a_place_is_given_back(
    app: web.Application,
) -> None:
    async with edge(app, Bounds(100, 2)) as connect:
        (_, first), _ = await connect(), await connect()
        assert await answered(connect) == b""
        first.close()
        await first.wait_closed()
        async with asyncio.timeout(PATIENCE):
            while b"alive" not in await answered(connect):
                await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    "rubbish",
    [
        b"my secret project\r\n\r\n",
        b"GET / HTTP/1.1\r\nmy secret project\r\n\r\n",
        b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: a\r\n" % n for n in range(70)) + b"\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
async def test_what_is_no_request_is_a_plain_400_that_tells_and_keeps_nothing(
    app: web.Application, rubbish: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    async with edge(app, Bounds(10, None)) as connect:
        head, _, body = (await answered(connect, rubbish)).partition(b"\r\n\r\n")
    assert head.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
    assert json.loads(body)["detail"] == "This is no request that can be read."
    assert b"aiohttp" not in head
    assert "secret" not in "".join(capfd.readouterr())


def test_behind_a_proxy_of_ours_its_connections_are_not_counted_as_one_clients() -> None:
    assert bounds(Settings(trusted_proxies=1)).of_one_address is None
    assert bounds(Settings()).of_one_address == Settings().connections_address


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("unknown", "unknown"),
    ],
)
def test_an_ipv6_site_counts_as_one(address: str, counted: str) -> None:
    assert network_of(address) == counted
