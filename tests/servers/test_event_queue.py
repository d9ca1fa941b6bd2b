"""Rasa's own event broker on a real RabbitMQ, and the recorder's end of the queue."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.launch.endpoints import variables, write_endpoints
from bot.launch.model import ENGINE_PYTHON, engine_environment
from bot.log.queue import Queue
from bot.settings import ROOT, Settings
from tests.servers.rabbitmq import RabbitMq, rabbitmq

pytestmark = pytest.mark.servers


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[RabbitMq]:
    async with rabbitmq(tmp_path) as server:
        yield server


async def publishing(settings: Settings, count: int, *words: str) -> asyncio.subprocess.Process:
    program = ROOT / "tests/servers/publish_events.py"
    # What the supervisor would tell it.
    told_by_supervisor = dict.fromkeys(("ACTIONS_URL", "ENGINE_TOKEN", "TRACKER_DB", "SPOOL_DB"), "of no use here")
    environment = {**os.environ, **engine_environment(), **variables(settings), **told_by_supervisor}
    environment["PYTHONPATH"] = str(ROOT)
    told = [str(program), str(write_endpoints(settings)), str(count), *words]
    return await asyncio.create_subprocess_exec(str(ENGINE_PYTHON), *told, env=environment, cwd=ROOT)


async def publish(settings: Settings, count: int) -> None:
    assert await (await publishing(settings, count)).wait() == 0


async def taken(queue: Queue, count: int) -> list[int]:
    """As many values as there are to come, without saying that they are done."""
    async with asyncio.timeout(60):
        while (batch := await queue.take()) is None or len(batch.events) < count:
            await asyncio.sleep(0.05)
    return [event["value"] for event in batch.events]


async def test_what_rasa_publishes_comes_in_order_and_again_until_it_is_done(broker: RabbitMq, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", broker_url=SecretStr(broker.url))
    await publish(settings, 30)
    queue = Queue(broker.url)
    assert await taken(queue, 30) == list(range(30)), "published while nobody read"
    await queue.rest()
    assert await taken(queue, 30) == list(range(30)), "a reader that ended had not said that they are done"
    batch = await queue.take()
    assert batch is not None
    await queue.done(batch)
    await queue.close()
    again = Queue(broker.url)
    assert await again.take() is None
    await publish(settings, 5)
    await broker.stop()
    with pytest.raises(OSError, match="Connect"):
        await Queue(broker.url).take()
    await broker.start()
    assert await taken(again, 5) == list(range(5)), "the queue outlived the broker's restart"
    await again.close()


async def test_while_the_broker_is_away_an_engine_starts_and_keeps_what_it_could_not_publish(
    broker: RabbitMq, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(data_dir=tmp_path / "data", broker_url=SecretStr(broker.url))
    await broker.stop()
    engine = await publishing(settings, 250, "wait")
    async with asyncio.timeout(60):
        while "the event broker is away" not in capfd.readouterr().err:
            await asyncio.sleep(0.1)
    await broker.start()
    assert await engine.wait() == 0
    queue = Queue(broker.url)
    values: list[int] = []
    while len(values) < 250:
        values += await taken(queue, 50)
        batch = await queue.take()
        assert batch is not None
        await queue.done(batch)
    await queue.close()
    assert values == list(range(250))
