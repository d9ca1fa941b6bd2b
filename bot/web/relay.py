"""Relays a message to the engine over Rasa's REST channel."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp
from pydantic import SecretStr, ValidationError

from bot.conversation.choice import parse
from bot.conversation.outcome import Outcome
from bot.conversation.question import WORD_JOINER
from bot.conversation.reply import ReplyBody
from bot.publishing.engines import READY, bearer
from bot.publishing.served import Served
from bot.store.tables import MessageRow
from bot.web import request_id

_COMMAND = re.compile(r"^(?=\s*(?:/|EXTERNAL:))")


class EngineUnavailable(Exception):
    """The engine is not there or is starting: the message waits."""


class EngineFailure(Exception):
    """The engine took the message and failed on it."""


@dataclass(frozen=True)
class Relayed:
    """What the engine and its action said to one message."""

    replies: tuple[ReplyBody, ...]
    incident: str | None
    trace: dict[str, Any]

    @property
    def outcome(self) -> Outcome:
        """The turn's: of several replies to several questions, an answer if one is an answer.

        A step of the handoff form that is asked again below the answer to something else does not count.
        """
        outcomes = [reply.outcome for reply in self.replies]
        answers = [outcome for outcome in outcomes if outcome is not Outcome.HANDOFF] or outcomes
        return Outcome.ANSWER if Outcome.ANSWER in answers else answers[-1]


class Relay:
    """Speaks to the engine that is served, with the token that it asks for."""

    def __init__(self, served: Served, seconds: float, token: SecretStr | None = None) -> None:
        self._served = served
        self._headers = bearer(token)
        self._timeout = aiohttp.ClientTimeout(total=seconds, connect=1)

    async def open(self) -> None:
        """Must be called once, in the event loop, before anything is asked."""
        self._session = aiohttp.ClientSession(
            timeout=self._timeout, connector=aiohttp.TCPConnector(limit=0), headers=self._headers
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self._session.close()

    async def ready(self) -> bool:
        """Whether the engine has understood something: its model is loaded and works."""
        address = f"{self._served.engine_url}{READY}"
        try:
            async with self._session.get(address, timeout=aiohttp.ClientTimeout(total=2)) as response:
                return response.status == HTTPStatus.OK
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def ask(self, message: MessageRow, language: str) -> Relayed:
        """What the engine says to this message, in a conversation that is held in this language so far.

        Raises:
            EngineUnavailable: it cannot be reached, or went away meanwhile.
            EngineFailure: it answered with an error, with nothing, or not in time.
        """
        body = {
            "sender": message.conversation_id,
            "message": _as_engine_text(message),
            # `message` says in Rasa's events which of ours they belong to, `request` the same in the logs.
            "metadata": {"language": language, "message": message.id, "request": request_id.current()},
        }
        try:
            with self._served.asking() as url:
                said = await self._post(f"{url}/webhooks/rest/webhook", body)
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError) as error:
            raise EngineUnavailable(type(error).__name__) from error
        except TimeoutError as error:
            raise EngineFailure("the engine did not answer in time") from error
        try:
            parts = [part["custom"] for part in said]
            replies = tuple(ReplyBody.model_validate(part["reply"]) for part in parts)
        except (KeyError, TypeError, ValidationError) as error:
            raise EngineFailure("the engine said something that is not a reply") from error
        if not replies:
            raise EngineFailure("the engine said nothing")
        incident = next((part["incident"] for part in parts if part.get("incident")), None)
        return Relayed(replies, incident, parts[0].get("trace") or {})

    async def _post(self, address: str, body: dict[str, Any]) -> Any:
        async with self._session.post(address, json=body) as response:
            if response.status == HTTPStatus.SERVICE_UNAVAILABLE:
                raise EngineUnavailable("the engine is starting, or cannot take it now")
            if response.status != HTTPStatus.OK:
                raise EngineFailure(f"the engine answered {response.status}")
            return await response.json()


def _as_engine_text(message: MessageRow) -> str:
    """A chosen button in Rasa's own form; typed text kept from being read as one of Rasa's commands.

    Rasa takes text that starts with a slash for an intent, and `EXTERNAL:` for a trigger, wherever they come from.
    """
    if message.payload is not None:
        return parse(message.payload).as_engine_text
    return _COMMAND.sub(WORD_JOINER, message.text)
