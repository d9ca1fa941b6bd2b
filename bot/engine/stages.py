"""`python -m bot.engine.stages <model>`: where the engine's time for a message goes, by stage.

Reads texts from the standard input, one a line as JSON, handles them as the server does, twelve to a conversation, and
prints the middle milliseconds of each stage as JSON. Actions answer at once: their time is not the engine's.
"""

from __future__ import annotations

import asyncio
import functools
import json
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.engine.absent import leave_out, seal

TURNS = 12
ANSWER = {
    "events": [{"event": "slot", "name": "failures", "value": 0}],
    "responses": [{"custom": {"reply": {"text": "An answer of the usual length. " * 12}}}],
}


class Clock:
    """Measures stages; of one within another the time counts for the inner one alone."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)
        self._within: list[float] = []

    def watch(self, owner: Any, name: str, stage: str) -> None:
        """Has the time in this function count for the stage."""
        function = getattr(owner, name)
        setattr(owner, name, (self._async if asyncio.iscoroutinefunction(function) else self._plain)(function, stage))

    def _plain(self, function: Callable[..., Any], stage: str) -> Callable[..., Any]:
        @functools.wraps(function)
        def measured(*args: Any, **kwargs: Any) -> Any:
            begun = self._begin()
            try:
                return function(*args, **kwargs)
            finally:
                self._end(stage, begun)

        return measured

    def _async(self, function: Callable[..., Any], stage: str) -> Callable[..., Any]:
        @functools.wraps(function)
        async def measured(*args: Any, **kwargs: Any) -> Any:
            begun = self._begin()
            try:
                return await function(*args, **kwargs)
            finally:
                self._end(stage, begun)

        return measured

    def _begin(self) -> float:
        self._within.append(0.0)
        return time.perf_counter()

    def _end(self, stage: str, begun: float) -> None:
        whole = time.perf_counter() - begun
        self.spent[stage] += whole - self._within.pop()
        if self._within:
            self._within[-1] += whole


async def measure(model: str, texts: list[str]) -> dict[str, float]:
    """The middle milliseconds of each stage over these messages."""
    from rasa.core.agent import Agent, load_agent
    from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
    from rasa.core.processor import MessageProcessor
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.endpoints import EndpointConfig

    from bot.engine import encoders
    from bot.engine.gazetteer import Gazetteer
    from bot.engine.request_classifier import RequestClassifier
    from bot.engine.tracker_store import TrackerStore

    async def answer(*_: Any, **call: Any) -> Any:
        return json.loads(json.dumps({"asked": call["json"], **ANSWER}))

    EndpointConfig.request = answer
    clock = Clock()
    clock.watch(TrackerStore, "retrieve", "store")
    clock.watch(TrackerStore, "save", "store")
    clock.watch(Gazetteer, "process", "names")
    clock.watch(encoders, "_units", "encode")
    clock.watch(RequestClassifier, "process", "rank")
    clock.watch(MessageProcessor, "_predict_next_with_tracker", "policies")
    clock.watch(MessageProcessor, "_run_action", "run actions")
    clock.watch(MessageProcessor, "handle_message", "rest of Rasa")
    agent: Agent = await load_agent(model_path=model, endpoints=AvailableEndpoints.read_endpoints("endpoints.yml"))
    each: defaultdict[str, list[float]] = defaultdict(list)
    for at, text in enumerate(texts):
        clock.spent.clear()
        told = {"language": "en", "message": at}
        await agent.handle_message(UserMessage(text, CollectingOutputChannel(), f"c{at // TURNS}", metadata=told))
        if at >= TURNS:  # the first conversation warms it
            for stage, seconds in clock.spent.items():
                each[stage].append(seconds * 1000)
    return {stage: statistics.median(taken) for stage, taken in each.items()}


def main() -> None:
    """Prints the stages."""
    texts = [json.loads(line) for line in sys.stdin]
    sys.path.insert(1, str(Path.cwd()))
    leave_out()
    import rasa.core.run  # noqa: F401 - all that is left out must be met before it is sealed
    from rasa.utils.log_utils import configure_structlog

    from bot.engine.lighter import lighten

    seal()
    lighten()
    configure_structlog(30)
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "ACTIONS_URL": "http://127.0.0.1:9",
            "ENGINE_TOKEN": "of no use here",
            "TRACKER_DB": f"{folder}/tracker.db",
            "SPOOL_DB": f"{folder}/spool.db",
        }
        sys.stdout.write(json.dumps(asyncio.run(measure(sys.argv[1], texts))) + "\n")


if __name__ == "__main__":
    main()
