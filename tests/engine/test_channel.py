"""The engine answers the desk alone, says whether it can answer, and writes nothing down of what was said."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import aiohttp
import pytest
from rasa.core.channels.channel import UserMessage, register
from rasa.core.lock_store import LockError
from rasa.core.run import _create_app_without_api, create_http_input_channels
from rasa.shared.exceptions import RasaException
from sanic import Sanic
from sqlalchemy.exc import OperationalError

from bot.engine.channel import DeskChannel
from bot.engine.processor import ActionsAway, AnsweredBefore

TOKEN = "t" * 43
WITH_TOKEN = {"Authorization": f"Bearer {TOKEN}"}
SECRET = "my secret project"
FAILURES: dict[str, Exception] = {
    "the store is away": OperationalError("SELECT", {}, Exception("away")),
    "the actions are away": ActionsAway("action_answer"),
    "another engine has it": LockError("locked"),
    "asked before": AnsweredBefore(),
}


class Agent:
    """Stands where Rasa's agent stands."""

    def __init__(self) -> None:
        self.understood: list[str] = []

    def is_ready(self) -> bool:
        return True

    async def parse_message(self, text: str) -> None:
        self.understood.append(text)

    async def handle_message(self, message: UserMessage) -> None:
        if message.text in FAILURES:
            await message.output_channel.send_custom_json(message.sender_id, {"heard": "in part"})
            raise FAILURES[message.text]
        if message.text == SECRET:
            raise ValueError(f"cannot read {message.text}")
        await message.output_channel.send_custom_json(message.sender_id, {"heard": message.metadata})


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Sanic, str]]:
    """A running server with the channel, as Rasa makes it; Sanic makes no second one in a process."""
    app = _create_app_without_api()
    register([DeskChannel(TOKEN)], app, "/webhooks/")
    place = socket.socket()
    place.bind(("127.0.0.1", 0))
    started, loop = threading.Event(), asyncio.new_event_loop()

    async def start() -> Any:
        running = await app.create_server(sock=place, return_asyncio_server=True, access_log=False)
        await running.startup()
        started.set()
        return running

    def serve() -> None:
        asyncio.set_event_loop(loop)
        running = loop.run_until_complete(start())
        loop.run_forever()
        running.close()
        loop.run_until_complete(running.wait_closed())

    thread = threading.Thread(target=serve)
    thread.start()
    started.wait()
    yield app, f"http://127.0.0.1:{place.getsockname()[1]}"
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


Ask = Callable[[Agent | None, Callable[[aiohttp.ClientSession, str], Awaitable[Any]]], Any]


@pytest.fixture
def ask(server: tuple[Sanic, str]) -> Ask:
    """What calls to a server with this agent give."""
    app, url = server

    def asked(agent: Agent | None, calls: Callable[[aiohttp.ClientSession, str], Awaitable[Any]]) -> Any:
        app.ctx.agent, app.ctx.has_understood = agent, False

        async def run() -> Any:
            async with aiohttp.ClientSession() as session:
                return await calls(session, url)

        return asyncio.run(run())

    return asked


@pytest.mark.parametrize("path", ["/", "/webhooks/rest/", "/webhooks/rest/ready", "/nothing"])
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer " + "u" * 43}, {"Authorization": f"Basic {TOKEN}"}])
def test_nothing_at_all_is_told_without_the_token(ask: Ask, path: str, headers: dict[str, str]) -> None:
    async def calls(session: aiohttp.ClientSession, url: str) -> tuple[int, bytes, int]:
        async with session.get(url + path, headers=headers) as got:
            body = await got.read()
        async with session.post(url + "/webhooks/rest/webhook", json={"message": "a"}, headers=headers) as said:
            return got.status, body, said.status

    assert ask(Agent(), calls) == (401, b"", 401)


def test_a_message_is_handled_with_what_the_desk_says_of_it(ask: Ask) -> None:
    metadata = {"language": "fr", "message": 7, "request": "0123456789abcdef"}

    async def calls(session: aiohttp.ClientSession, url: str) -> Any:
        body = {"sender": "a", "message": "hello", "metadata": metadata}
        async with session.post(url + "/webhooks/rest/webhook", json=body, headers=WITH_TOKEN) as said:
            return await said.json()

    assert ask(Agent(), calls) == [{"recipient_id": "a", "custom": {"heard": metadata}}]


def test_of_a_message_that_fails_nothing_is_logged_but_where_and_which(
    ask: Ask, capfd: pytest.CaptureFixture[str]
) -> None:
    async def calls(session: aiohttp.ClientSession, url: str) -> Any:
        body = {"sender": "a", "message": SECRET, "metadata": {"message": 7, "request": "0123456789abcdef"}}
        async with session.post(url + "/webhooks/rest/webhook", json=body, headers=WITH_TOKEN) as said:
            return await said.json()

    assert ask(Agent(), calls) == []
    out = "".join(capfd.readouterr())
    assert "engine.message.failed" in out
    assert "0123456789abcdef" in out
    assert "ValueError" in out
    assert SECRET not in out


@pytest.mark.parametrize("text", list(FAILURES))
def test_what_cannot_be_handled_now_may_come_again_and_what_was_is_answered_again(ask: Ask, text: str) -> None:
    async def calls(session: aiohttp.ClientSession, url: str) -> tuple[int, Any]:
        body = {"sender": "a", "message": text, "metadata": {"message": 7}}
        async with session.post(url + "/webhooks/rest/webhook", json=body, headers=WITH_TOKEN) as said:
            return said.status, await said.json()

    status, answer = ask(Agent(), calls)
    if text == "asked before":
        assert (status, answer) == (200, [{"recipient_id": "a", "custom": {"heard": "in part"}}])
    else:
        assert (status, answer) == (503, {"status": "later"})


def test_it_is_ready_once_it_has_understood_something_and_understands_it_once(ask: Ask) -> None:
    agent = Agent()

    async def calls(session: aiohttp.ClientSession, url: str) -> list[int]:
        statuses = []
        for _ in range(3):
            async with session.get(url + "/webhooks/rest/ready", headers=WITH_TOKEN) as got:
                statuses.append(got.status)
        return statuses

    assert ask(agent, calls) == [200, 200, 200]
    assert len(agent.understood) == 1


def test_without_a_model_it_is_starting(ask: Ask) -> None:
    async def calls(session: aiohttp.ClientSession, url: str) -> int:
        async with session.get(url + "/webhooks/rest/ready", headers=WITH_TOKEN) as got:
            return got.status

    assert ask(None, calls) == 503


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", json.dumps("text").encode()])
def test_what_is_no_message_is_400(ask: Ask, body: bytes) -> None:
    async def calls(session: aiohttp.ClientSession, url: str) -> int:
        headers = {**WITH_TOKEN, "Content-Type": "application/json"}
        async with session.post(url + "/webhooks/rest/webhook", data=body, headers=headers) as said:
            return said.status

    assert ask(Agent(), calls) == 400


def test_the_credentials_name_this_channel_and_a_weak_token_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGINE_TOKEN", TOKEN)
    (channel,) = create_http_input_channels(None, "credentials.yml")
    assert isinstance(channel, DeskChannel)
    monkeypatch.setenv("ENGINE_TOKEN", "short")
    with pytest.raises(RasaException, match="set ENGINE_TOKEN"):
        create_http_input_channels(None, "credentials.yml")
