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
from bot.conversation.language import Languages
from bot.conversation.reply import ReplyBody
from knowledge.records import Language


@dataclass
class Ran:
    replies: list[ReplyBody]
    trace: dict[str, Any]
    slots: dict[str, Any]

    @property
    def reply(self) -> ReplyBody:
        (one,) = self.replies
        return one


Run = Callable[..., Awaitable[Ran]]


@pytest.fixture
def run(composers: dict[Language, Composer], languages: Languages) -> Run:
    async def run_action(
        action: type[Reply],
        intent: str,
        requests: list[str] | None = None,
        entry: str | None = None,
        slots: dict[str, Any] | None = None,
        text: str = "This is what was asked",
        **more: Any,
    ) -> Ran:
        message = {
            "text": text,
            "intent": {"name": intent, "confidence": 0.8},
            "entities": [{"entity": "entry", "value": entry}] if entry else [],
            "requests": [{"name": name, "confidence": 0.8 / (at + 1)} for at, name in enumerate(requests or [])],
            **more,
        }
        tracker = Tracker("someone", slots or {}, message, [], False, None, {}, "action_listen")
        dispatcher = CollectingDispatcher()
        events = await action(composers, languages).run(dispatcher, tracker, cast(DomainDict, {}))
        said = [message["custom"] for message in dispatcher.messages]
        return Ran(
            [ReplyBody.model_validate(one["reply"]) for one in said],
            said[0]["trace"],
            {event["name"]: event["value"] for event in events},
        )

    return run_action
