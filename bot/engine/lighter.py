"""Steps of Rasa's that take long for nothing, done shortly: what comes of them stays the same.

Each was found by a profile of the serving engine (docs/performance.md). They are put in the place of Rasa's own by
name, and `lighten` fails where a release of Rasa has no such name any more.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import rasa
import rasa.core.policies.memoization
import rasa.core.policies.rule_policy
import rasa.core.processor
from aiohttp import ClientSession
from rasa.core.actions.action import RemoteAction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig


def lighten() -> None:
    """Puts them in place, for the whole process."""
    replace(RemoteAction, "_validate_action_result", _validate)
    replace(RemoteAction, "_action_call_format", _call)
    replace(EndpointConfig, "session", _kept_session)
    replace(rasa.core.processor, "DaskGraphRunner", Runner)
    # What is said only to a log that is not kept, and holds what delegates typed, is not put together either.
    replace(RulePolicy, "format_tracker_states", staticmethod(lambda states: ""))
    for module in (rasa.core.processor, rasa.core.policies.memoization, rasa.core.policies.rule_policy):
        replace(module, "structlogger", SimpleNamespace(debug=lambda *_, **__: None))
        replace(module, "copy", SimpleNamespace(deepcopy=lambda logged: logged))


class Runner(DaskGraphRunner):
    """Runs a model's components one after the other, in an order found once.

    Rasa's own finds the components that are needed, builds a graph of them and has Dask schedule it, three times a
    message.
    """

    _orders: dict[tuple[str, ...], list[str]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._orders = {}

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """The outputs of the targets, by their names."""
        wanted = tuple(targets or self._graph_schema.target_names)
        order = self._orders.get(wanted)
        if order is None:
            order = self._orders[wanted] = self._order(wanted)
        done = {name: (name, value) for name, value in (inputs or {}).items()}
        for name in order:
            if name not in done:
                needs = self._graph_schema.nodes[name].needs.values()
                done[name] = self._instantiated_nodes[name](*(done.get(need, need) for need in needs))
        return {name: done[name][1] for name in wanted}

    def _order(self, wanted: tuple[str, ...]) -> list[str]:
        """What is needed for these, each after all that it needs itself."""
        order: list[str] = []

        def add(name: str) -> None:
            if name in self._graph_schema.nodes and name not in order:
                for need in self._graph_schema.nodes[name].needs.values():
                    add(need)
                order.append(name)

        for name in wanted:
            add(name)
        return order


def _validate(_: RemoteAction, result: Any) -> bool:
    """Whether an action's answer has the form that its reading relies on.

    Rasa's own checks it by a schema, and the schema by the schema of schemas, at every call: three times what it takes
    to understand the message. Each event is checked again where it is read.
    """
    lists = [result.get(key, []) for key in ("events", "responses")] if isinstance(result, dict) else [None]
    if not all(isinstance(one, list) and all(isinstance(item, dict) for item in one) for one in lists):
        raise RasaException("an action answered something that is not events and responses")
    return True


def _call(action: RemoteAction, tracker: DialogueStateTracker, domain: Domain) -> dict[str, Any]:
    """What an action is told, with the events of the present turn alone.

    Of what was said before, an action needs what it came to, which the slots hold.
    """
    state = tracker.current_state(EventVerbosity.NONE)
    turn: list[Event] = []
    for event in reversed(tracker.events):
        turn.insert(0, event)
        if isinstance(event, UserUttered):
            break
    state["events"] = [event.as_dict() for event in turn]
    return {
        "next_action": action.name(),
        "sender_id": tracker.sender_id,
        "tracker": state,
        "version": rasa.__version__,
    }


@asynccontextmanager
async def _kept_session(endpoint: EndpointConfig) -> AsyncIterator[ClientSession]:
    """The endpoint's session, whose connections are kept for the next call; Rasa's own opens one for each."""
    session = getattr(endpoint, _SESSION, None)
    if session is None or session.closed:
        session = _new_session(endpoint)
        setattr(endpoint, _SESSION, session)
    yield session


_SESSION = "_kept"
_new_session = EndpointConfig.session


def replace(owner: Any, name: str, new: Any) -> None:
    """Puts something in the place of what Rasa has by this name.

    Raises:
        RasaException: Rasa has none.
    """
    if not hasattr(owner, name):
        raise RasaException(f"{owner.__name__} has no {name} any more: see what bot/engine puts in its place")
    setattr(owner, name, new)
