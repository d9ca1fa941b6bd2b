"""Whether the process lives, whether it can answer, and how much it does."""

from __future__ import annotations

import asyncio
import shutil
from http import HTTPStatus
from pathlib import Path
from time import perf_counter

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from bot.backup import LAST_BACKUP
from bot.settings import Settings
from bot.store.conversations import Conversations
from bot.store.database import Sessions
from bot.store.load import read_load
from bot.switch import Switch
from bot.web.problems import Handler, Problem
from bot.web.relay import Relay
from bot.web.streams import Streams

NEEDED_BYTES = 100 * 1024 * 1024
"""Free room below which nothing more is taken: what is written already must find its place in the databases."""
PATIENCE = 3.0
"""Seconds that one look into the database may take."""
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Health:
    """`/healthz` and `/readyz`."""

    def __init__(self, conversations: Conversations, relay: Relay, data: Path) -> None:
        self._conversations, self._relay, self._data = conversations, relay, data

    def routes(self) -> list[web.RouteDef]:
        """Both routes."""
        return [web.get("/healthz", self.alive), web.get("/readyz", self.ready)]

    async def alive(self, _: web.Request) -> web.Response:
        """200 as long as the process answers at all."""
        return web.json_response({"status": "alive"})

    async def ready(self, _: web.Request) -> web.Response:
        """200 when the database can be written, its disk has room and the engine has understood something.

        503 with what is missing.
        """
        if (free := free_bytes(self._data)) < NEEDED_BYTES:
            detail = f"The disk has {free // 2**20} MiB free and {NEEDED_BYTES // 2**20} are needed."
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, retry_after=60)
        try:
            async with asyncio.timeout(PATIENCE):
                await self._conversations.check_writable()
        except (SQLAlchemyError, OSError, TimeoutError):
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "The database cannot be written.", retry_after=5) from None
        if not await self._relay.ready():
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "The engine is starting.", retry_after=5)
        return web.json_response({"status": "ready"})


class Metrics:
    """Counts for Prometheus; nothing in them tells who asked or what. docs/runbook.md says how to read them."""

    def __init__(self, settings: Settings) -> None:
        self._data = settings.data
        self.registry = registry = CollectorRegistry()
        self.requests = Counter(
            "desk_requests", "Requests by route and status.", ["route", "status"], registry=registry
        )
        self.seconds = Histogram(
            "desk_request_seconds", "Seconds a request took, by route.", ["route"], buckets=_SECONDS, registry=registry
        )
        self.turns = Counter("desk_turns", "Messages answered, by outcome.", ["outcome"], registry=registry)
        self.engine_seconds = Histogram(
            "desk_engine_seconds", "Seconds the engine took over a message.", buckets=_SECONDS, registry=registry
        )
        self._gauges = {
            name: Gauge(f"desk_{name}", text, registry=registry)
            for name, text in {
                "off": "1 while the assistant is turned off.",
                "engine_ready": "1 while the engine can answer.",
                "database_up": "1 while the database answers.",
                "disk_free_bytes": "Free room on the disk of the data folder.",
                "streams": "Calls that wait for what is said next.",
                "messages_waiting": "Messages that are accepted and not answered.",
                "oldest_waiting_seconds": "Age of the oldest of them.",
            }.items()
        }
        self.backup = Gauge(
            "desk_backup_timestamp_seconds",
            "When the last backup was made; 0 where none was.",
            # Of records in a database server we know of no backup.
            registry=None if settings.is_shared else registry,
        )
        self.cases = Gauge("desk_cases", "Cases by state.", ["state"], registry=registry)
        self.letters = Gauge("desk_letters", "Letters by state.", ["state"], registry=registry)

    @web.middleware
    async def count(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Counts every request and its time."""
        resource = request.match_info.route.resource
        route = f"{request.method} {resource.canonical}" if resource else "none"
        began = perf_counter()
        response = await handler(request)
        self.seconds.labels(route).observe(perf_counter() - began)
        self.requests.labels(route, response.status).inc()
        return response

    def answered(self, outcome: str, engine_ms: float | None) -> None:
        """A message was answered."""
        self.turns.labels(outcome).inc()
        if engine_ms is not None:
            self.engine_seconds.observe(engine_ms / 1000)

    def page(self, sessions: Sessions, relay: Relay, streams: Streams, switch: Switch) -> Handler:
        """`/metrics`, with what is looked up when it is asked for."""

        async def show(_: web.Request) -> web.Response:
            self._set(streams=streams.open, disk_free_bytes=free_bytes(self._data))
            self._set(engine_ready=await relay.ready())
            self.backup.set(backed_up_at(self._data))
            try:
                async with asyncio.timeout(PATIENCE):
                    load, off = await read_load(sessions), await switch.is_off()
            except (SQLAlchemyError, OSError, TimeoutError):
                self._set(database_up=0)
            else:
                self._set(
                    off=off, database_up=1, messages_waiting=load.waiting, oldest_waiting_seconds=load.oldest_seconds
                )
                for gauge, counts in ((self.cases, load.cases), (self.letters, load.letters)):
                    gauge.clear()
                    for state, count in counts.items():
                        gauge.labels(state).set(count)
            return web.Response(body=generate_latest(self.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

        return show

    def _set(self, **values: float) -> None:
        for name, value in values.items():
            self._gauges[name].set(float(value))


def free_bytes(folder: Path) -> int:
    """Free room on the disk of a folder that may not have been made yet."""
    there = next(one for one in (folder, *folder.parents) if one.exists())
    return shutil.disk_usage(there).free


def backed_up_at(data: Path) -> float:
    """When the last backup was made, in seconds since 1970; 0 where none was."""
    try:
        return (data / LAST_BACKUP).stat().st_mtime
    except FileNotFoundError:
        return 0.0
