"""Corrects a model: a few questions more, without a training (bot/engine/correction.py)."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from bot.launch.built_models import BuiltModels
from bot.launch.model import ENGINE_PYTHON, training_environment
from bot.launch.preflight import CannotStart
from bot.settings import ROOT

NOT_ENOUGH = 3
"""The status that says that only a training helps."""


def correct(old: Path, wanted: Path, questions: Iterable[tuple[str, str]], record: Path | None = None) -> bool:
    """Writes the model that takes these questions for what they ask for, and its hash; whether that was possible.

    Args:
        old: the model that is corrected, which stays as it is.
        wanted: where the new one goes.
        questions: each with what it asks for, as the training data name it.
        record: the record of what is built here; beside the models unless given.

    Raises:
        CannotStart: the model could not be corrected; the message ends with the last lines.
    """
    lines = "".join(json.dumps({"text": text, "request": request}) + "\n" for text, request in questions)
    with tempfile.TemporaryDirectory(dir=wanted.parent, prefix="training-") as folder:
        made = Path(folder) / wanted.name
        done = subprocess.run(
            [str(ENGINE_PYTHON), "-m", "bot.engine.lean", "bot.engine.correction", str(old), str(made)],
            cwd=ROOT,
            env=training_environment(wanted.parent),
            input=lines,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == NOT_ENOUGH:
            return False
        if done.returncode or not made.exists():
            last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
            raise CannotStart(f"the correction failed with status {done.returncode}:\n{last}")
        BuiltModels(wanted.parent, record).add(made, wanted.name)
        made.replace(wanted)
    return True
