"""Runs what measures a part of the engine by itself, in its own environment and on the installation's model."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence

from bot.launch.model import ENGINE_PYTHON, engine_environment, model_path
from bot.settings import ROOT, Settings


def in_engine(module: str, *arguments: str, texts: Sequence[str]) -> str:
    """The last line that the module of `bot.engine` prints about these texts.

    Raises:
        RuntimeError: it failed; the message ends with its last lines.
    """
    done = subprocess.run(
        [str(ENGINE_PYTHON), "-m", f"bot.engine.{module}", str(model_path(Settings().models)), *arguments],
        input="\n".join(json.dumps(text) for text in texts),
        cwd=ROOT,
        env={**engine_environment(), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"bot.engine.{module} could not measure:\n{done.stderr[-2000:]}")
    return done.stdout.strip().splitlines()[-1]
