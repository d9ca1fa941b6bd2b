"""How many cases may be handed in: in one conversation, by one client, for one mail account, and altogether."""

from __future__ import annotations

from collections import OrderedDict

from limits import RateLimitItem, parse
from pydantic import SecretStr

from bot.cases.request import TooMany
from bot.conversation.mail_account import account
from bot.limiting import Limiter
from bot.settings import HandoffSettings

MOST_KNOWN = 50_000
"""Conversations whose client is remembered, the latest."""


class CaseLimits:
    """The installation's limits, counted here, or in Redis with other machines."""

    def __init__(self, settings: HandoffSettings, redis_url: SecretStr | None = None) -> None:
        self._limiter = Limiter(redis_url)
        self._conversation = parse(settings.limit_cases_conversation)
        self._client = parse(settings.limit_cases_client)
        self._address = parse(settings.limit_cases_address)
        self._all = parse(settings.limit_cases)
        self._clients: OrderedDict[str, str] = OrderedDict()

    def seen(self, conversation_id: str, client: str) -> None:
        """Who speaks in a conversation; the actions, which hand cases in, do not hear of that."""
        self._clients[conversation_id] = client
        self._clients.move_to_end(conversation_id)
        if len(self._clients) > MOST_KNOWN:
            self._clients.popitem(last=False)

    async def check(self, conversation_id: str, address: str) -> None:
        """Counts nothing.

        Raises:
            TooMany: there is no room for another case.
        """
        for limit, kind, who in self._counted(conversation_id, address):
            if not await self._limiter.test(limit, kind, who):
                raise TooMany(f"{limit} for one {kind}" if who else f"{limit} altogether")

    async def count(self, conversation_id: str, address: str) -> None:
        """Counts a case that was taken."""
        for limit, kind, who in self._counted(conversation_id, address):
            await self._limiter.hit(limit, kind, who)

    async def close(self) -> None:
        """Closes the connections to where it is counted."""
        await self._limiter.close()

    def _counted(self, conversation_id: str, address: str) -> list[tuple[RateLimitItem, str, str]]:
        counted = [
            (self._conversation, "conversation", conversation_id),
            (self._address, "address", account(address)),
            (self._all, "case", ""),
        ]
        client = self._clients.get(conversation_id)
        return [*counted, (self._client, "client", client)] if client else counted
