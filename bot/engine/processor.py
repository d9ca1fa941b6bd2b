"""Rasa's message processor, which here handles each message of the desk once, and whole or not at all.

The desk asks again where it did not get the answer: the engine or the desk itself had died, or the connection broke. By
then the message may have been handled and stored. And Rasa's own goes on where an action cannot be called, and stores a
turn in which nothing was answered; and where the tracker store fails, it begins the conversation anew or keeps it in
memory, where no other engine and no later life of this one finds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any

import rasa.core.agent
import rasa.core.processor
from aiohttp import ClientError
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.events import BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException

from bot.engine.lighter import replace

_UNAVAILABLE = 503


class AnsweredBefore(Exception):
    """The message was handled already; what was said to it then has been said again."""


class ActionsAway(RasaException):
    """An action could not be called, or its desk cannot answer now: the message may come again."""


class Processor(MessageProcessor):
    """Knows a message by the `message` of its metadata, the desk's own number for it."""

    async def _handle_message_with_tracker(self, message: UserMessage, tracker: DialogueStateTracker) -> None:
        answers = answers_to(tracker.events, (message.metadata or {}).get("message"))
        if answers:
            for custom in answers:
                await message.output_channel.send_custom_json(message.sender_id, custom)
            raise AnsweredBefore
        await super()._handle_message_with_tracker(message, tracker)

    async def _run_prediction_loop(self, output_channel: OutputChannel, tracker: DialogueStateTracker) -> None:
        failures: list[Exception] = []
        before = _failures.set(failures)
        try:
            await super()._run_prediction_loop(output_channel, tracker)
        finally:
            _failures.reset(before)
        if failures:
            # Nothing of the turn is stored.
            raise failures[0]


def answers_to(events: Sequence[Event], number: int | None) -> list[dict[str, Any]]:
    """What was said to the desk's message of this number, where it is the last one that was handled."""
    said: list[dict[str, Any]] = []
    for event in reversed(events):
        if isinstance(event, BotUttered) and event.data.get("custom"):
            said.insert(0, event.data["custom"])
        if isinstance(event, UserUttered):
            handled = number is not None and (event.metadata or {}).get("message") == number
            return said if handled else []
    return []


def install() -> None:
    """Puts it in the place of Rasa's own, for the whole process."""
    replace(rasa.core.agent, "MessageProcessor", Processor)
    replace(rasa.core.agent, "FailSafeTrackerStore", _as_it_is)
    replace(RemoteAction, "run", _run)


def _as_it_is(store: TrackerStore) -> TrackerStore:
    """The store itself: where it fails, the message is not handled now."""
    return store


_failures: ContextVar[list[Exception]] = ContextVar("failures")
"""Of the actions of the turn that is handled."""
_rasas_run = RemoteAction.run


async def _run(action: RemoteAction, *args: Any, **kwargs: Any) -> list[Event]:
    """Calls an action as Rasa does, and remembers that it failed."""
    try:
        events: list[Event] = await _rasas_run(action, *args, **kwargs)
    except ActionExecutionRejection:
        raise
    except Exception as error:
        _failures.get([]).append(ActionsAway(action.name()) if _is_away(error) else error)
        raise
    return events


def _is_away(error: Exception) -> bool:
    """Whether the call did not come through, or the desk said that it cannot answer now."""
    reason = error.__cause__ or error.__context__
    return isinstance(reason, ClientError) and getattr(reason, "status", _UNAVAILABLE) == _UNAVAILABLE
