"""How often one may ask: loose by address, which a conference hall shares; tighter by conversation."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from http import HTTPStatus

from aiohttp import web
from limits import RateLimitItem, parse

from bot.client_address import client_address
from bot.limiting import Limiter
from bot.settings import Settings
from bot.web.problems import Problem

Seen = Callable[[str, str], None]
"""Is told the conversation's id and the client's address."""


def unseen(conversation_id: str, address: str) -> None:
    """Nobody wants to know."""


class Limits:
    """The installation's limits. `seen` is told which client speaks in a conversation."""

    def __init__(self, settings: Settings, seen: Seen = unseen) -> None:
        self._seen = seen
        self._limiter = Limiter(settings.redis_url)
        self._conversation = parse(settings.limit_conversation)
        self._address = parse(settings.limit_address)
        self._openings = parse(settings.limit_openings)
        self._refusals = parse(settings.limit_refusals)
        self._proxies = settings.trusted_proxies

    async def opening(self, request: web.Request) -> None:
        """Counts a new conversation.

        Raises:
            Problem: 429, too many from this address.
        """
        await self._hit(self._openings, "opening", client_address(request, self._proxies))

    async def message(self, request: web.Request, conversation_id: str) -> None:
        """Counts a message.

        Raises:
            Problem: 429, too many in this conversation or from this address.
        """
        await self._hit(self._conversation, "conversation", conversation_id)
        address = client_address(request, self._proxies)
        await self._hit(self._address, "address", address)
        self._seen(conversation_id, address)

    async def refusal(self, request: web.Request) -> None:
        """Counts a call whose token opens nothing; whoever has one that does is not asked here.

        Raises:
            Problem: 429, too many from this address.
        """
        await self._hit(self._refusals, "refusal", client_address(request, self._proxies))

    def address(self, request: web.Request) -> str:
        """The client's address, as it is counted."""
        return client_address(request, self._proxies)

    async def close(self) -> None:
        """Closes the connections to where it is counted."""
        await self._limiter.close()

    async def _hit(self, limit: RateLimitItem, kind: str, who: str) -> None:
        if not await self._limiter.hit(limit, kind, who):
            window = await self._limiter.window(limit, kind, who)
            seconds = max(1, math.ceil(window.reset_time - time.time()))
            raise Problem(HTTPStatus.TOO_MANY_REQUESTS, f"Try again in {seconds} seconds.", retry_after=seconds)
