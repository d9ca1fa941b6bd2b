"""Where each millisecond of a message goes: at the edge, on the way to the engine and back, and in the engine."""

from __future__ import annotations

import json
import sqlite3
import statistics
from contextlib import closing
from dataclasses import dataclass

from bot.bench.engine import in_engine
from bot.bench.subjects import Address, Ours
from bot.bench.talking import talk

MESSAGES = 240


@dataclass(frozen=True)
class Stage:
    """One of them, with its middle milliseconds."""

    name: str
    milliseconds: float


async def stages() -> list[Stage]:
    """Of one client's messages, by the whole assistant's clock, the edge's and the engine's own.

    Raises:
        RuntimeError: the engine's part failed; the message ends with its last lines.
    """
    says = Ours().says[: MESSAGES + 12]
    with Ours().running() as address:
        await talk(address, says, 1, MESSAGES // 4)
        whole = statistics.median((await talk(address, says, 1, MESSAGES)).milliseconds)
        engine = _engine_milliseconds(address)
    within: dict[str, float] = json.loads(in_engine("stages", texts=says))
    rest = max(0.0, engine - sum(within.values()))
    return [
        Stage("edge: token, limits, record, reply", max(0.0, whole - engine)),
        Stage("relay and actions, with both ways", rest),
        *(Stage(f"engine: {name}", milliseconds) for name, milliseconds in within.items()),
    ]


def _engine_milliseconds(address: Address) -> float:
    """The middle time from relaying a message to its reply, as the record has it."""
    with closing(sqlite3.connect(address.data / "assistant.db")) as database:
        rows = database.execute("SELECT trace FROM messages ORDER BY id DESC LIMIT ?", (MESSAGES,)).fetchall()
    return statistics.median(float(json.loads(trace)["engine_ms"]) for (trace,) in rows if trace)
