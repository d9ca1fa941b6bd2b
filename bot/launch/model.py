"""The trained model: found when it fits what it was trained from, else trained."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bot.launch.built_models import BuiltModels
from bot.launch.preflight import CannotStart
from bot.settings import ROOT

ENGINE_PYTHON = ROOT / ".venv/engine/bin/python"
CONTENT = ("config.yml", "domain.yml", "data", "knowledge/follow_ups")
INPUTS = (*CONTENT, "bot/engine", "environments/engine/requirements.lock")
"""All that a model depends on; what is content may stand in another folder than the code."""
SERVING = frozenset(
    {
        *("absent.py", "channel.py", "compare.py", "conversation.py", "correction.py", "event_queue.py"),
        *(
            "event_spool.py",
            "event_table.py",
            "lighter.py",
            "lock_store.py",
            "postgresql.py",
            "processor.py",
            "serve.py",
        ),
        *("stages.py", "tracker_store.py"),
    }
)
"""Of the engine's code, what has no part in learning: a model outlives a change to it."""


def engine_environment() -> dict[str, str]:
    """The environment for Rasa's processes: no telemetry, no colours, no chatter."""
    return {
        **os.environ,
        "RASA_TELEMETRY_ENABLED": "false",
        "PYTHONWARNINGS": "ignore",
        "PYTHONUNBUFFERED": "1",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "NO_COLOR": "1",
    }


def training_environment(models: Path) -> dict[str, str]:
    """The same for training, which finds our code wherever it runs and keeps vectors for the next time."""
    return {**engine_environment(), "PYTHONPATH": str(ROOT), "VECTOR_CACHE": str(models / "vectors")}


def fingerprint(root: Path = ROOT, content: Path | None = None) -> str:
    """A hash over the model's inputs, by path and content; those that are content are read below `content`."""
    total = hashlib.sha256()
    for name in INPUTS:
        place = content or root if name in CONTENT else root
        for path in _files(place / name):
            total.update(path.relative_to(place).as_posix().encode() + b"\0")
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:16]


def model_path(models: Path, content: Path = ROOT) -> Path:
    """Where the model for the present inputs is or would be."""
    return models / f"{fingerprint(content=content)}.tar.gz"


def train(models: Path, content: Path = ROOT, record: Path | None = None) -> Path:
    """Trains a model from the present inputs, writes its hash down and puts it in place in one move.

    Args:
        models: the folder it goes into.
        content: the folder with the content to learn from.
        record: the record of what is built here; beside the models unless given.

    Raises:
        CannotStart: Rasa could not train; the message ends with its last lines.
    """
    wanted = model_path(models, content)
    models.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=models, prefix="training-") as folder:
        command = [
            *(str(ENGINE_PYTHON), "-m", "bot.engine.lean", "bot.engine.train"),
            *("--out", folder, "--name", wanted.stem.removesuffix(".tar")),
        ]
        done = subprocess.run(
            command,
            cwd=content,
            env=training_environment(models),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        made = next(Path(folder).glob("*.tar.gz"), None)
        if done.returncode or made is None:
            last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
            raise CannotStart(f"training failed with status {done.returncode}:\n{last}")
        BuiltModels(models, record).add(made, wanted.name)
        made.replace(wanted)
    return wanted


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    else:
        files = (p for p in path.rglob("*") if p.is_file() and p.suffix in {".py", ".yml"})
        yield from sorted(p for p in files if p.name not in SERVING)
