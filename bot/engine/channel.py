"""The desk's way in: Rasa's REST channel, which here asks for a token and keeps what was said out of the log.

Rasa's own `--auth-token` covers its API, which is not served, and none of its channels; and its REST channel writes the
text of a message that failed into the log.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.channels.rest import RestInput
from rasa.core.lock_store import LockError
from rasa.shared.exceptions import RasaException
from sanic import Blueprint, Sanic, response
from sanic.exceptions import InvalidUsage
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.exc import InterfaceError, OperationalError  # type: ignore[import-untyped]
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.engine.processor import ActionsAway, AnsweredBefore

logger = structlog.get_logger(__name__)

_PASSING = (ActionsAway, LockError, OperationalError, InterfaceError, PoolTimeout)
"""What keeps a message from being handled now, and not for good: nothing of it is stored, and it may come again."""

OnMessage = Callable[[UserMessage], Awaitable[Any]]

SHORTEST_TOKEN = 32
"""Characters: fewer could be guessed."""
_GREETING = "hello"
"""What is understood once before the engine calls itself ready."""


class DeskChannel(RestInput):
    """`/webhooks/rest/webhook` as in Rasa's REST channel, and `/webhooks/rest/ready`.

    Every request to the whole server must carry `Authorization: Bearer <token>`; who has not is told 401 and nothing.
    """

    def __init__(self, token: str) -> None:
        if len(token) < SHORTEST_TOKEN:
            raise RasaException(
                f"the engine's token has {len(token)} characters and needs {SHORTEST_TOKEN}; set ENGINE_TOKEN"
            )
        self._expected = f"Bearer {token}".encode()

    @classmethod
    def name(cls) -> str:
        """As Rasa's own: it is part of the address and of every conversation."""
        return "rest"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> DeskChannel:
        """The channel with the `token` of credentials.yml."""
        return cls(str((credentials or {}).get("token") or ""))

    def blueprint(self, on_new_message: OnMessage) -> Blueprint:
        """The routes, and the guard that is put before all of the server's."""
        routes = _Guarding("desk_channel", self._refusal)
        routes.add_route(_ready, "/ready", methods=["GET"])

        @routes.post("/webhook")
        async def receive(request: Request) -> HTTPResponse:
            """Answers one message; 503 where it cannot be handled now."""
            said = request.json
            if not isinstance(said, dict):
                raise InvalidUsage("a message is a JSON object")
            metadata = said.get("metadata") or {}
            structlog.contextvars.clear_contextvars()
            structlog.contextvars.bind_contextvars(request=metadata.get("request"), message=metadata.get("message"))
            collector = CollectingOutputChannel()
            message = UserMessage(
                said.get("message"), collector, said.get("sender"), input_channel=self.name(), metadata=metadata
            )
            try:
                await on_new_message(message)
            except AnsweredBefore:
                logger.warning("engine.message.again")
            except _PASSING as error:
                logger.warning("engine.message.later", error=type(error).__name__, at=_where(error))
                return response.json({"status": "later"}, status=503)
            except Exception as error:  # noqa: BLE001 - the desk tells the delegate, by the empty answer
                logger.error("engine.message.failed", error=type(error).__name__, at=_where(error))
            return response.json(collector.messages)

        return routes

    def _refusal(self, request: Request) -> HTTPResponse | None:
        given = request.headers.get("authorization", "").encode("utf-8", "surrogateescape")
        if hmac.compare_digest(given, self._expected):
            return None
        return response.empty(status=401)


class _Guarding(Blueprint):
    """A blueprint whose guard stands before every route of the application, its own and others'."""

    def __init__(self, name: str, refusal: Callable[[Request], HTTPResponse | None]) -> None:
        super().__init__(name)
        self.ctx.refusal = refusal

    def register(self, app: Sanic, options: dict[str, Any]) -> None:
        """Called by Sanic."""
        app.register_middleware(self.ctx.refusal, "request")
        super().register(app, options)  # type: ignore[no-untyped-call]


async def _ready(request: Request) -> HTTPResponse:
    """200 once the model has understood something, 503 before."""
    context = request.app.ctx
    if not getattr(context, "has_understood", False):
        agent = getattr(context, "agent", None)
        if agent is None or not agent.is_ready():
            return response.json({"status": "starting"}, status=503)
        await agent.parse_message(_GREETING)
        context.has_understood = True
    return response.json({"status": "ready"})


def _where(error: BaseException) -> str:
    """File and line where it was raised; not what it says, which may be what a delegate typed."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else "nowhere"
