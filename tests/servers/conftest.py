"""Several desks over one real PostgreSQL, each with an engine of its own that is fake."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from pytest_aiohttp import AiohttpClient

from bot.publishing.served import Served
from bot.settings import Settings
from bot.store.database import Sessions, connect, sessions
from bot.web.app import public_app
from knowledge.base import KnowledgeBase
from tests.database import new_postgresql
from tests.servers.redis_server import RedisServer, redis_server
from tests.web.engine import FakeEngine, listening

Client = TestClient[Any, Any]
StartDesk = Callable[..., Awaitable[Client]]


@pytest.fixture
def url() -> str:
    return new_postgresql()


@pytest.fixture
async def store(url: str) -> AsyncIterator[Sessions]:
    engine = connect(url)
    yield sessions(engine)
    await engine.dispose()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path) as server:
        yield server


@pytest.fixture
async def engines(composer: Any) -> AsyncIterator[dict[str, FakeEngine]]:
    """Those of the desks `first` and `second`."""
    first, second = FakeEngine(composer), FakeEngine(composer)
    async with listening(first) as one, listening(second) as other:
        first.url, second.url = (str(server.make_url("")).rstrip("/") for server in (one, other))
        yield {"first": first, "second": second}


@pytest.fixture
def desk(
    url: str, engines: dict[str, FakeEngine], base: KnowledgeBase, tmp_path: Path, aiohttp_client: AiohttpClient
) -> StartDesk:
    """Starts a desk by its name."""

    async def start(name: str, **settings: Any) -> Client:
        places = {"data_dir": tmp_path / name, "database_url": url, "engine_url": engines[name].url}
        chosen = Settings(**{**places, "node_name": name, "answer_seconds": 5, **settings})
        return await aiohttp_client(public_app(chosen, Served.at(base, chosen.engine_url)))

    return start
