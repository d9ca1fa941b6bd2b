"""Runs an action as Rasa would: a tracker in; replies and slots out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast

import pytest
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from actions.turn import Reply
from bot.conversation.compose import Composer
from bot.conversation.reply import ReplyBody


@dataclass
class Ran:
    reply: ReplyBody
    trace: dict[str, Any]
    slots: dict[str, Any]


Run = Callable[..., Awaitable[Ran]]


@pytest.fixture
def run(composer: Composer) -> Run:
    async def run_action(
        action: type[Reply],
        intent: str,
        requests: list[str] | None = None,
        entry: str | None = None,
        slots: dict[str, Any] | None = None,
    ) -> Ran:
        message = {
            "text": "as asked",
            "intent": {"name": intent, "confidence": 0.8},
            "entities": [{"entity": "entry", "value": entry}] if entry else [],
            "requests": [{"name": name, "confidence": 0.8 / (at + 1)} for at, name in enumerate(requests or [])],
        }
        tracker = Tracker("someone", slots or {}, message, [], False, None, {}, "action_listen")
        dispatcher = CollectingDispatcher()
        events = await action(composer).run(dispatcher, tracker, cast(DomainDict, {}))
        (said,) = dispatcher.messages
        return Ran(
            ReplyBody.model_validate(said["custom"]["reply"]),
            said["custom"]["trace"],
            {event["name"]: event["value"] for event in events},
        )

    return run_action
