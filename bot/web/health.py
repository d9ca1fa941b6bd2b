"""Whether the process lives, whether it can answer, and how much it does."""

from __future__ import annotations

from http import HTTPStatus
from time import perf_counter

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from bot.store.conversations import Conversations
from bot.web.problems import Handler, Problem
from bot.web.relay import Relay


class Health:
    """`/healthz` and `/readyz`."""

    def __init__(self, conversations: Conversations, relay: Relay) -> None:
        self._conversations, self._relay = conversations, relay

    def routes(self) -> list[web.RouteDef]:
        """Both routes."""
        return [web.get("/healthz", self.alive), web.get("/readyz", self.ready)]

    async def alive(self, _: web.Request) -> web.Response:
        """200 as long as the process answers at all."""
        return web.json_response({"status": "alive"})

    async def ready(self, _: web.Request) -> web.Response:
        """200 when the database and the engine, its model loaded, can answer; 503 with what is missing."""
        try:
            await self._conversations.ping()
        except (SQLAlchemyError, OSError):
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "The database does not answer.", retry_after=5) from None
        if not await self._relay.ready():
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "The engine is starting.", retry_after=5)
        return web.json_response({"status": "ready"})


class Metrics:
    """Counts for Prometheus; nothing in them tells who asked or what."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "desk_requests", "Requests by route and status.", ["route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "desk_request_seconds", "Seconds a request took, by route.", ["route"], registry=self.registry
        )

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

    async def show(self, _: web.Request) -> web.Response:
        """`/metrics`."""
        return web.Response(body=generate_latest(self.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
