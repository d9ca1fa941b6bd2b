"""The steps put in place of Rasa's give what Rasa's give."""

from __future__ import annotations

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from rasa.core.actions.action import RemoteAction
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.slots import AnySlot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig

from bot.engine.lighter import Runner, _call, _kept_session, _validate

_rasas_call = RemoteAction._action_call_format


class Add(GraphComponent):
    @classmethod
    def create(cls, config, model_storage, resource, execution_context):  # type: ignore[no-untyped-def]
        return cls()

    def add(self, one: int, other: int) -> int:
        return one + other


def node(one: str, other: str, target: bool = False) -> SchemaNode:
    return SchemaNode({"one": one, "other": other}, Add, "create", "add", {}, eager=True, is_target=target)


SCHEMA = GraphSchema(
    {
        "last": node("sum", "twice", target=True),
        "twice": node("sum", "sum"),
        "sum": node("a", "b"),
        "not": node("a", "a"),
    }
)


@pytest.mark.parametrize("targets", [None, ["last"], ["twice", "sum"]])
def test_a_graph_gives_what_it_gave(tmp_path, targets: list[str] | None) -> None:  # type: ignore[no-untyped-def]
    storage, context = LocalModelStorage.create(tmp_path), ExecutionContext(SCHEMA)
    ours, rasas = (kind.create(SCHEMA, storage, context) for kind in (Runner, DaskGraphRunner))
    for a, b in ((1, 2), (30, 4)):
        assert ours.run({"a": a, "b": b}, targets) == rasas.run({"a": a, "b": b}, targets)


@pytest.mark.parametrize("answer", [{}, {"events": []}, {"events": [{"event": "slot"}], "responses": [{"text": "t"}]}])
def test_an_actions_answer_is_taken(answer: object) -> None:
    assert _validate(RemoteAction("action_answer", None), answer)


@pytest.mark.parametrize("answer", [None, [], "text", {"events": {}}, {"responses": ["text"]}, {"events": None}])
def test_what_is_none_is_refused(answer: object) -> None:
    with pytest.raises(RasaException):
        _validate(RemoteAction("action_answer", None), answer)


def test_an_action_is_told_of_the_present_turn_and_of_what_came_before() -> None:
    slot = AnySlot("focus_entry", mappings=[], influence_conversation=False)
    before = [ActionExecuted("action_listen"), UserUttered("What is ARDI?"), SlotSet("focus_entry", "ardi_what")]
    now = [ActionExecuted("action_listen"), UserUttered("And who may?"), SlotSet("requested_slot", "person_name")]
    tracker = DialogueStateTracker.from_events("one", [*before, *now], slots=[slot])
    told, rasas = (call(RemoteAction("action_answer", None), tracker, Domain.empty()) for call in (_call, _rasas_call))
    assert told["tracker"]["slots"]["focus_entry"] == "ardi_what"
    assert [event["event"] for event in told["tracker"]["events"]] == ["user", "slot"]
    told["tracker"]["events"] = rasas["tracker"]["events"]
    rasas.pop("domain")
    assert told == rasas


async def test_calls_of_actions_share_a_connection_and_find_a_server_that_was_started_again() -> None:
    came_from = []

    async def answer(request: web.Request) -> web.Response:
        came_from.append(request.transport.get_extra_info("peername"))
        return web.json_response({"events": []})

    async def server(port: int | None = None) -> TestServer:
        app = web.Application()
        app.router.add_post("/webhook", answer)
        started = TestServer(app, port=port)
        await started.start_server()
        return started

    async def call() -> None:
        async with _kept_session(endpoint) as session, session.post(endpoint.url, json={}) as response:
            assert await response.json() == {"events": []}

    first = await server()
    port = first.port
    endpoint = EndpointConfig(str(first.make_url("/webhook")))
    await call()
    await call()
    assert came_from[0] == came_from[1]
    await first.close()
    again = await server(port)
    await call()
    assert came_from[2] != came_from[1]
    async with _kept_session(endpoint) as session:
        await session.close()
    await again.close()
