"""The steps put in place of Rasa's give what Rasa's give."""

from __future__ import annotations

import pytest
from rasa.core.actions.action import RemoteAction
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.exceptions import RasaException

from bot.engine.lighter import Runner, _validate


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
