"""`python -m bot.launch run` starts the assistant, `train` only trains, `accept` vouches for a model."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

from pydantic import ValidationError
from pydantic_settings import SettingsError
from sqlalchemy.exc import OperationalError

from bot.launch import preflight, supervision
from bot.launch.built_models import BuiltModels
from bot.launch.model import ENGINE_PYTHON, train
from bot.launch.preflight import CannotStart
from bot.launch.published import to_start
from bot.settings import ConsoleSettings, HandoffSettings, Settings
from bot.store.database import connect, migrate
from knowledge.base import load
from knowledge.reading import ContentError


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="bot.launch", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="start the assistant")
    commands.add_parser("train", help="train a model and end")
    accept = commands.add_parser("accept", help="vouch for a model that another machine of yours built")
    accept.add_argument("model", type=Path)
    accept.add_argument("sha256", help="as the machine that built it has it in its record")
    chosen = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        settings = Settings()
        if chosen.command == "accept":
            return _accept(settings, chosen.model, chosen.sha256)
        if chosen.command == "train":
            return _train(settings)
        _run(settings, HandoffSettings(), ConsoleSettings())
    except CannotStart as error:
        print(f"cannot start: {error}", file=sys.stderr)
    except ContentError as error:
        print(f"cannot start: {error}", file=sys.stderr)
    except ValidationError as error:
        wrong = "; ".join(f"{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        print(f"cannot start: the settings do not fit: {wrong}", file=sys.stderr)
    except (OSError, SettingsError) as error:
        print(f"cannot start: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
    return 1


def _train(settings: Settings) -> int:
    preflight.check_folder(settings.models)
    load()
    print(train(settings.models, record=settings.models_record))
    return 0


def _accept(settings: Settings, model: Path, sha256: str) -> int:
    BuiltModels(settings.models, settings.models_record).add(model, expected=sha256)
    print(f"{model.name} may be loaded")
    return 0


def _run(settings: Settings, handoff: HandoffSettings, console: ConsoleSettings) -> NoReturn:
    preflight.check_port(str(settings.host), settings.port)
    preflight.check_folder(settings.data)
    preflight.check_folder(settings.models)
    if not ENGINE_PYTHON.exists():
        raise CannotStart(f"{ENGINE_PYTHON} is missing; start with `make run`, which installs it")
    for missing in handoff.missing(load().contacts):
        print(f"handoff: {missing}", file=sys.stderr, flush=True)
    for missing in console.missing(loopback=settings.host.is_loopback):
        print(f"console: {missing}", file=sys.stderr, flush=True)
    if settings.is_shared:
        asyncio.run(_make_tables(settings))
    start = to_start(settings, lambda text: print(text, file=sys.stderr, flush=True))
    watch = supervision.watch(settings, supervision.write_configuration(settings, start.model, start.slot), start.slot)
    # In our place, and with nothing of what only the start needed.
    os.execve(watch[0], watch, supervision.environment(settings))  # noqa: S606 - no shell is wanted


async def _make_tables(settings: Settings) -> None:
    """Before anything starts: the engines write into tables that they do not make."""
    engine = connect(settings.database)
    try:
        await migrate(engine)
    except (OperationalError, OSError) as error:
        raise CannotStart(f"the database at DATABASE_URL cannot be used: {error}") from None
    finally:
        await engine.dispose()


if __name__ == "__main__":
    sys.exit(main())
