"""A running desk with a quick engine, and schemathesis, which calls it by its OpenAPI document."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import schemathesis
from aiohttp import web
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import FlakyStrategyDefinition
from schemathesis import Case
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response

from bot.conversation.compose import Composer
from bot.publishing.served import Served
from bot.settings import Settings
from bot.web.app import public_app
from bot.web.edge import EdgeRunner, bounds
from knowledge.base import KnowledgeBase
from tests.web.engine import FakeEngine, listening

CHECKS = [
    schemathesis.checks.not_a_server_error,
    schemathesis.checks.status_code_conformance,
    schemathesis.checks.content_type_conformance,
    schemathesis.checks.response_schema_conformance,
]
OPEN = "9999999/minute"


@contextmanager
def running(base: KnowledgeBase, data: Path) -> Iterator[str]:
    """The address of a desk in a thread of its own, with limits that no test reaches."""
    loop, started, stop = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    found: list[str] = []

    async def serve() -> None:
        async with listening(FakeEngine(Composer(base))) as engine:
            url = str(engine.make_url("")).rstrip("/")
            chosen = Settings(
                data_dir=data,
                engine_url=url,
                answer_seconds=60,
                limit_conversation=OPEN,
                limit_address=OPEN,
                limit_openings=OPEN,
                limit_refusals=OPEN,
            )
            runner = EdgeRunner(public_app(chosen, Served.at(base, url)), bounds(chosen), shutdown_timeout=1)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            found.append(f"http://127.0.0.1:{runner.addresses[0][1]}")
            started.set()
            await stop.wait()
            await runner.cleanup()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(serve())
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert started.wait(60), "the desk did not start"
    try:
        yield found[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


@dataclass
class Caller:
    """Calls a desk, with the token of each conversation, and counts what came back."""

    address: str
    statuses: Counter[int] = field(default_factory=Counter)
    tokens: dict[str, str] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    failures: list[Exception] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.schema = schemathesis.openapi.from_url(f"{self.address}/api/v1/openapi.json")
        self.operations = [one.ok() for one in self.schema.get_all_operations() if isinstance(one, Ok)]

    @property
    def cases(self) -> int:
        """How many calls were checked."""
        return self.statuses.total()

    def headers(self, case: Case[Any]) -> dict[str, str]:
        """With the token of the conversation that is called; none where it was never opened."""
        token = self.tokens.get(str(case.path_parameters.get("conversation")))
        return {"Authorization": f"Bearer {token}"} if token else {}

    def check(self, case: Case[Any], response: Response) -> None:
        """Fails where the document does not promise this, or where what was erased still answers."""
        try:
            self._check(case, response)
        except Exception as error:
            self.failures.append(error)
            raise

    def _check(self, case: Case[Any], response: Response) -> None:
        self.statuses[response.status_code] += 1
        case.validate_response(response, checks=CHECKS)
        conversation = str(case.path_parameters.get("conversation"))
        if response.status_code == 201:
            opened = response.json()
            self.tokens[opened["id"]] = opened["token"]
        elif conversation in self.erased:
            assert response.status_code in {400, 401, 403, 408, 413, 415}, f"{conversation} was erased"
        elif case.method == "DELETE" and response.status_code == 204:
            self.erased.add(conversation)

    def one_by_one(self, examples: int) -> None:
        """Every call by itself, half of the time in a conversation that is open."""
        for operation in self.operations:

            def ask(case: Case[Any]) -> None:
                alive = [one for one in list(self.tokens)[-40:] if one not in self.erased]
                if "conversation" in case.path_parameters and alive and self.cases % 4:
                    case.path_parameters["conversation"] = alive[self.cases % len(alive)]
                if "wait" in case.query:
                    case.query["wait"] = "0"
                self.check(case, case.call(headers=self.headers(case)))

            _often(examples)(given(case=operation.as_strategy())(ask))()

    def in_turn(self, examples: int) -> None:
        """Calls that follow each other as the links of the document say.

        Which call can follow depends on what was answered, which hypothesis takes for a fault when it sees another
        answer the second time; what `check` found is raised in any case.
        """
        caller = self

        class Conversing(self.schema.as_state_machine()):  # type: ignore[misc]
            def get_call_kwargs(self, case: Case[Any]) -> dict[str, Any]:
                case.query.pop("wait", None)
                return {"headers": caller.headers(case)}

            def validate_response(self, response: Response, case: Case[Any], **_: Any) -> None:
                caller.check(case, response)

        often = settings(_often(examples), stateful_step_count=10)
        with contextlib.suppress(FlakyStrategyDefinition):
            Conversing.run(settings=often)
        if self.failures:
            raise self.failures[0]


def _often(examples: int) -> Any:
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
