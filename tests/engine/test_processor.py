"""A message is handled once, and whole or not at all, however often the desk asks and whatever cannot be called."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from rasa.core.actions.action import RemoteAction
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig
from sqlalchemy.exc import OperationalError

from bot.engine import processor
from bot.engine.processor import ActionsAway, AnsweredBefore, Processor, answers_to

REPLY = {"reply": {"text": "A TISC is a center."}}
ACTION = "action_answer"


def turn(number: int, *custom: dict[str, Any]) -> list[Event]:
    said = [BotUttered(data={"custom": one}) for one in custom]
    return [UserUttered("What?", metadata={"message": number}), ActionExecuted(ACTION), *said, ActionExecuted("listen")]


def test_what_was_said_to_the_last_message_is_known_by_its_number() -> None:
    events = [*turn(1, {"a": 1}), *turn(2, {"b": 1}, {"b": 2})]
    assert answers_to(events, 2) == [{"b": 1}, {"b": 2}]
    assert answers_to(events, 1) == answers_to(events, 3) == answers_to(events, None) == answers_to([], 2) == []


def processing() -> Processor:
    """One without a model."""
    made: Processor = object.__new__(Processor)
    made.domain = Domain.empty()
    return made


def test_a_message_that_was_handled_is_answered_again_and_not_handled(monkeypatch: pytest.MonkeyPatch) -> None:
    handled: list[UserMessage] = []

    async def handle(_: MessageProcessor, message: UserMessage, __: DialogueStateTracker) -> None:
        handled.append(message)

    monkeypatch.setattr(MessageProcessor, "_handle_message_with_tracker", handle)
    tracker = DialogueStateTracker.from_events("c", turn(7, REPLY))

    def ask(number: int) -> list[dict[str, Any]]:
        channel = CollectingOutputChannel()
        message = UserMessage("What?", channel, "c", metadata={"message": number})
        asyncio.run(processing()._handle_message_with_tracker(message, tracker))
        return channel.messages

    assert ask(8) == []
    assert len(handled) == 1
    channel = CollectingOutputChannel()
    again = UserMessage("What?", channel, "c", metadata={"message": 7})
    with pytest.raises(AnsweredBefore):
        asyncio.run(processing()._handle_message_with_tracker(again, tracker))
    assert channel.messages == [{"recipient_id": "c", "custom": REPLY}]
    assert len(handled) == 1


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RemoteAction, "run", processor._run)


async def run_turn(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """A turn of one action, whose failure Rasa's own processor takes for an empty answer."""

    async def loop(_: MessageProcessor, channel: Any, tracker: DialogueStateTracker) -> None:
        try:
            await RemoteAction(ACTION, EndpointConfig(url)).run(channel, None, tracker, Domain.empty())
        except Exception:  # noqa: BLE001 - as Rasa does
            return

    monkeypatch.setattr(MessageProcessor, "_run_prediction_loop", loop)
    await processing()._run_prediction_loop(CollectingOutputChannel(), DialogueStateTracker.from_events("c", turn(1)))


async def answering(status: int) -> TestServer:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"events": [], "responses": []}, status=status)

    app = web.Application()
    app.router.add_post("/webhook", answer)
    server = TestServer(app)
    await server.start_server()
    return server


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(("status", "error"), [(200, None), (503, ActionsAway), (500, Exception), (None, ActionsAway)])
def test_a_turn_whose_action_could_not_be_called_is_none(
    monkeypatch: pytest.MonkeyPatch, status: int | None, error: type[Exception] | None
) -> None:
    async def run() -> None:
        server = await answering(status or 200)
        url = str(server.make_url("/webhook"))
        if status is None:
            await server.close()
        try:
            await run_turn(monkeypatch, url)
        finally:
            await server.close()

    if error is None:
        asyncio.run(run())
        return
    with pytest.raises(error) as raised:
        asyncio.run(run())
    assert isinstance(raised.value, ActionsAway) is (error is ActionsAway)


def test_it_is_put_in_the_place_of_rasas_own(monkeypatch: pytest.MonkeyPatch) -> None:
    import rasa.core.agent

    for name in ("MessageProcessor", "FailSafeTrackerStore"):
        monkeypatch.setattr(rasa.core.agent, name, getattr(rasa.core.agent, name))
    monkeypatch.setattr(RemoteAction, "run", processor._rasas_run)
    processor.install()
    assert rasa.core.agent.MessageProcessor is Processor
    assert RemoteAction.run is processor._run


async def test_where_the_conversation_cannot_be_read_or_stored_the_message_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import rasa.core.agent

    class Full(InMemoryTrackerStore):
        async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
            raise OperationalError("SELECT", {}, Exception("the disk is full"))

        async def save(self, tracker: DialogueStateTracker) -> None:
            raise OperationalError("INSERT", {}, Exception("the disk is full"))

    monkeypatch.setattr(rasa.core.agent, "FailSafeTrackerStore", processor._as_it_is)
    store = rasa.core.agent.Agent(domain=Domain.empty(), tracker_store=Full(Domain.empty())).tracker_store
    with pytest.raises(OperationalError):
        await store.retrieve("c")
    with pytest.raises(OperationalError):
        await store.save(DialogueStateTracker.from_events("c", turn(1)))
