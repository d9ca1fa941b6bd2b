"""What the faults happen to: one machine with SQLite, or two behind HAProxy with PostgreSQL, Redis and a broker."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from tests.cases.post_office import PostOffice, open_office
from tests.faults.clocks import Clock
from tests.faults.proxy import Proxy, proxied
from tests.faults.records import Records, of_files, of_postgresql
from tests.faults.service import Service
from tests.faults.small_disk import small_disk
from tests.servers.machines import balanced
from tests.servers.postgresql_server import PostgreSql, postgresql_server
from tests.servers.rabbitmq import RabbitMq, rabbitmq
from tests.servers.redis_server import RedisServer, redis_server

CONTACTS = {
    f"address_{contact}": f"{contact.replace('_', '-')}@example.org"
    for contact in ("focal_point", "global_challenges", "arbitration_and_mediation_center")
}
HANDOFF = {
    **CONTACTS,
    "mail_from": "assistant@example.org",
    "smtp_host": "127.0.0.1",
    "smtp_security": "none",
    "smtp_seconds": 5,
    "retry_seconds": 1,
    # What is measured is what becomes of cases, not how many a delegate may hand in.
    "limit_cases": "1000000/hour",
    "limit_cases_client": "1000000/hour",
}


class Needs(StrEnum):
    """What a fault needs of an installation from its start on."""

    BROKER = "a broker"
    SMALL_DISKS = "disks of its own"
    CLOCKS = "clocks of its own"


@dataclass
class Installation:
    """A running one."""

    machines: list[Service]
    port: int
    """Where delegates come in."""
    office: PostOffice
    records: Records
    smtp: Proxy
    folders: list[Path]
    """Of the machines, and with servers of PostgreSQL."""
    clocks: list[Clock] = field(default_factory=list)
    postgresql: PostgreSql | None = None
    redis: RedisServer | None = None
    broker: RabbitMq | None = None
    links: dict[str, Proxy] = field(default_factory=dict)
    """The ways to those three, by their names."""


@asynccontextmanager
async def one_machine(needs: frozenset[Needs]) -> AsyncIterator[Installation]:
    """With SQLite and nothing else."""
    with _folder() as place, contextlib.ExitStack() as stack:
        folders = [place / "machine"]
        _prepare(folders, needs, stack)
        office, smtp = _mail(stack)
        clocks = _clocks(place, folders, needs)
        (machine,) = _services(folders, clocks, stack, {"smtp_port": smtp.port})
        machine.start()
        records = of_files(folders[0])
        yield Installation([machine], machine.port, office, records, smtp, folders, clocks)


@asynccontextmanager
async def two_machines(needs: frozenset[Needs]) -> AsyncIterator[Installation]:
    """With all servers there are; each is reached by a way of ours that can be cut."""
    async with contextlib.AsyncExitStack() as awaited:
        stack = awaited.enter_context(contextlib.ExitStack())
        place = stack.enter_context(_folder())
        folders = [place / "first", place / "second", place / "pg"]
        _prepare(folders, needs, stack)
        office, smtp = _mail(stack)
        postgresql = stack.enter_context(postgresql_server(folders[2]))
        (place / "redis").mkdir()
        redis = stack.enter_context(redis_server(place / "redis"))
        links = {"postgresql": stack.enter_context(proxied(postgresql.port))}
        links["redis"] = stack.enter_context(proxied(redis.port))
        settings: dict[str, object] = {
            "smtp_port": smtp.port,
            "database_url": postgresql.url(links["postgresql"].port),
            "redis_url": f"redis://127.0.0.1:{links['redis'].port}/0",
            "contact_keys_file": place / "contact.keys",
        }
        broker = None
        if Needs.BROKER in needs:
            (place / "broker").mkdir()
            broker = await awaited.enter_async_context(rabbitmq(place / "broker"))
            links["broker"] = stack.enter_context(proxied(broker.port))
            settings["broker_url"] = f"amqp://guest:guest@127.0.0.1:{links['broker'].port}/"
        clocks = _clocks(place, folders[:2], needs)
        machines = _services(folders[:2], clocks, stack, settings)
        with ThreadPoolExecutor() as pool:
            list(pool.map(Service.start, machines))
        port = stack.enter_context(balanced(machines[0], machines[1]))
        records = of_postgresql(postgresql.url())
        yield Installation(machines, port, office, records, smtp, folders, clocks, postgresql, redis, broker, links)


@contextmanager
def _folder() -> Iterator[Path]:
    # Short: the name of a socket has at most 107 bytes. PostgreSQL may be another user, who must come through.
    place = Path(tempfile.mkdtemp(prefix="faults-"))
    place.chmod(0o755)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _prepare(folders: list[Path], needs: frozenset[Needs], stack: contextlib.ExitStack) -> None:
    for folder in folders:
        folder.mkdir()
        if Needs.SMALL_DISKS in needs:
            stack.enter_context(small_disk(folder))


def _mail(stack: contextlib.ExitStack) -> tuple[PostOffice, Proxy]:
    office = stack.enter_context(open_office())
    return office, stack.enter_context(proxied(office.port))


def _clocks(place: Path, folders: list[Path], needs: frozenset[Needs]) -> list[Clock]:
    if Needs.CLOCKS not in needs:
        return []
    clocks = []
    for folder in folders:
        own = place / f"{folder.name}-clock"
        own.mkdir()
        clocks.append(Clock(own))
    return clocks


def _services(
    folders: list[Path], clocks: list[Clock], stack: contextlib.ExitStack, settings: Mapping[str, object]
) -> list[Service]:
    machines = []
    for at, folder in enumerate(folders):
        clock = clocks[at].environment() if clocks else {}
        machines.append(Service(folder.name, folder, **{**HANDOFF, **settings, **clock}))
        stack.callback(machines[-1].stop)
    return machines
