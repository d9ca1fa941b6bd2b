"""Two models asked the same messages, in processes of their own (bot/engine/compare.py)."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.launch.model import ENGINE_PYTHON, engine_environment
from bot.settings import ROOT

PROCESSES = 2
"""That are asked, one a core."""
OLD, NEW = "old", "new"
LAST_WORDS = 2000
"""Characters of what a process that ended early has said."""
_LONGEST_LINE = 2**24

Both = dict[str, dict[str, Any]]
"""What each model understood of a message, under OLD and NEW."""


class NotAsked(RuntimeError):
    """A model could not be asked."""


@dataclass(frozen=True)
class Message:
    """What is said, and which entry each model's conversation is about."""

    text: str
    focus: dict[str, str] = field(default_factory=dict)
    """Under OLD and NEW."""


class TwoModels:
    """A process with both."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        # Nobody else reads it, and a full pipe would hold the process up.
        self._said = asyncio.create_task(process.stderr.read()) if process.stderr else None

    async def understand(self, messages: Sequence[Message]) -> AsyncIterator[Both]:
        """What both make of each message, in order, as soon as they do.

        Raises:
            NotAsked: the process ended.
        """
        if self._process.stdin is None or self._process.stdout is None or not messages:
            return
        feeding = asyncio.create_task(self._feed(self._process.stdin, messages))
        for _ in messages:
            line = await self._process.stdout.readline()
            if not line:
                raise NotAsked(f"the models could not be asked: {await self._last_words()}")
            yield json.loads(line)
        await feeding

    async def close(self) -> None:
        """Lets the process keep what it learned of texts, and end.

        Raises:
            NotAsked: it failed.
        """
        if self._process.stdin:
            self._process.stdin.close()
        if await self._process.wait():
            raise NotAsked(f"the models' process failed: {await self._last_words()}")

    async def kill(self) -> None:
        """Ends the process, where it has not ended."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def _last_words(self) -> str:
        return (await self._said).decode("utf-8", "replace")[-LAST_WORDS:] if self._said else ""

    @staticmethod
    async def _feed(stdin: asyncio.StreamWriter, messages: Sequence[Message]) -> None:
        with contextlib.suppress(ConnectionError):
            for message in messages:
                stdin.write((json.dumps({"text": message.text, "focus": message.focus}) + "\n").encode())
                await stdin.drain()
            # An empty line has them understood now.
            stdin.write(b"\n")
            await stdin.drain()


@contextlib.asynccontextmanager
async def two_models(old: Path, new: Path, vectors: Path) -> AsyncIterator[TwoModels]:
    """A process with both models, which keeps vectors of texts in a folder from one time to the next.

    Raises:
        NotAsked: it failed.
    """
    process = await asyncio.create_subprocess_exec(
        *(str(ENGINE_PYTHON), "-m", "bot.engine.lean", "bot.engine.compare", str(old), str(new), str(vectors)),
        cwd=ROOT,
        env={**engine_environment(), "OMP_NUM_THREADS": "1"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE,
    )
    models = TwoModels(process)
    try:
        yield models
        await models.close()
    finally:
        await models.kill()
