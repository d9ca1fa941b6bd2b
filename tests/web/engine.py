"""A fake engine: a real server on loopback that speaks Rasa's REST channel, with a dial for failures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.conversation.compose import Composer

Dial = Literal["answers", "fails", "is silent", "talks nonsense", "starts", "hangs", "takes nothing"]


@dataclass
class FakeEngine:
    composer: Composer
    dial: Dial = "answers"
    url: str = ""
    heard: list[dict[str, Any]] = field(default_factory=list)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self, request: web.Request) -> web.Response:
        said = await request.json()
        self.heard.append(said)
        if self.dial == "hangs":
            await self.go_on.wait()
        if self.dial in ("starts", "takes nothing"):
            return web.json_response({}, status=503)
        if self.dial == "fails":
            return web.json_response({}, status=500)
        if self.dial == "is silent":
            return web.json_response([])
        if self.dial == "talks nonsense":
            return web.json_response([{"recipient_id": said["sender"], "text": "utter_nonsense"}])
        entry = self.composer.base.entries["inn_tisc_what"]
        custom = {"reply": self.composer.answer(entry).model_dump(mode="json"), "trace": {"confidence": 0.9}}
        return web.json_response([{"recipient_id": said["sender"], "custom": custom}])

    async def ready(self, _: web.Request) -> web.Response:
        return web.Response(status=503 if self.dial == "starts" else 200)


@asynccontextmanager
async def listening(engine: FakeEngine, port: int | None = None) -> AsyncIterator[TestServer]:
    app = web.Application()
    app.router.add_post("/webhooks/rest/webhook", engine.listen)
    app.router.add_get("/webhooks/rest/ready", engine.ready)
    server = TestServer(app, port=port)
    await server.start_server()
    try:
        yield server
    finally:
        engine.go_on.set()
        await server.close()
