"""Where each millisecond of a message goes: at the edge, on the way to the engine and back, and in the engine."""

from __future__ import annotations

import json
import sqlite3
import statistics
import subprocess
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from bot.bench.subjects import Address, Ours
from bot.bench.talking import talk
from bot.launch.model import ENGINE_PYTHON, engine_environment, model_path
from bot.settings import ROOT, Settings

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
    within = _within_engine(says)
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


def _within_engine(says: Sequence[str]) -> dict[str, float]:
    done = subprocess.run(
        [str(ENGINE_PYTHON), "-m", "bot.engine.stages", str(model_path(Settings().models))],
        input="\n".join(json.dumps(text) for text in says),
        cwd=ROOT,
        env={**engine_environment(), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the engine's stages could not be measured:\n{done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found
