"""The proxy passes on, and breaks what it is to break."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from tests.faults.proxy import Proxy, proxied


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a server that says back what it is told."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while some := connection.recv(1024):
                connection.sendall(some)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield listening.getsockname()[1]
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()


@pytest.fixture
def proxy(echo: int) -> Iterator[Proxy]:
    with proxied(echo) as one:
        yield one


def called(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=5)


def said(connection: socket.socket, what: bytes = b"hello") -> bytes:
    connection.sendall(what)
    return connection.recv(1024)


def test_it_passes_on_what_is_said(proxy: Proxy) -> None:
    with called(proxy) as connection:
        assert said(connection) == b"hello"


def test_what_is_cut_is_cut_and_calling_again_works(proxy: Proxy) -> None:
    with called(proxy) as connection:
        said(connection)
        proxy.cut()
        with contextlib.suppress(ConnectionResetError):
            assert connection.recv(1024) == b""
    with called(proxy) as connection:
        assert said(connection) == b"hello"


def test_where_it_refuses_nobody_listens_until_it_is_mended(proxy: Proxy) -> None:
    proxy.refuse()
    with pytest.raises(ConnectionRefusedError):
        called(proxy)
    proxy.mend()
    with called(proxy) as connection:
        assert said(connection) == b"hello"


def test_what_is_stalled_comes_when_it_is_mended(proxy: Proxy) -> None:
    with called(proxy) as connection:
        said(connection)
        proxy.stall()
        connection.sendall(b"late")
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(1024)
        proxy.mend()
        connection.settimeout(5)
        assert connection.recv(1024) == b"late"
