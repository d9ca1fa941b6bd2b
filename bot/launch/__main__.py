"""`python -m bot.launch run` starts the assistant, `train` only trains, `accept` vouches for a model."""

from __future__ import annotations

import argparse
import asyncio
import http.client
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path

from pydantic import ValidationError
from pydantic_settings import SettingsError
from sqlalchemy.exc import OperationalError

from bot.launch import preflight, supervision
from bot.launch.built_models import BuiltModels
from bot.launch.model import ENGINE_PYTHON, train
from bot.launch.preflight import CannotStart
from bot.launch.published import to_start
from bot.parent import end_with_parent
from bot.publishing.engines import program as engine_program
from bot.publishing.pointer import Slot
from bot.settings import ConsoleSettings, HandoffSettings, Settings
from bot.store.database import connect, migrate
from knowledge.base import load
from knowledge.reading import ContentError

READY_SECONDS = 180
"""How long the assistant may take until it can answer."""
SUPERVISOR = Path(sys.executable).with_name("supervisord")


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
        return _run(settings, HandoffSettings(), ConsoleSettings()) if chosen.command == "run" else _train(settings)
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


def _run(settings: Settings, handoff: HandoffSettings, console: ConsoleSettings) -> int:
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
    environ = supervision.environment(settings)
    return _supervise(settings, supervision.write_configuration(settings, start.model, start.slot), environ, start.slot)


async def _make_tables(settings: Settings) -> None:
    """Before anything starts: the engines write into tables that they do not make."""
    engine = connect(settings.database)
    try:
        await migrate(engine)
    except (OperationalError, OSError) as error:
        raise CannotStart(f"the database at DATABASE_URL cannot be used: {error}") from None
    finally:
        await engine.dispose()


def _supervise(settings: Settings, configuration: Path, environ: Mapping[str, str], slot: Slot) -> int:
    # In a session of its own: Ctrl-C reaches us, and we end the processes in order.
    command = [str(SUPERVISOR), "--configuration", str(configuration)]
    # Should we be killed, it ends all the others in order too.
    supervisor = subprocess.Popen(command, env=dict(environ), start_new_session=True, preexec_fn=end_with_parent)
    asked_to_stop = False

    def stop(*_: object) -> None:
        nonlocal asked_to_stop
        asked_to_stop = True
        supervisor.terminate()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    try:
        if _ready(settings, supervisor):
            print(f"ready: http://{_reachable(settings)}:{settings.port}/", flush=True)
        elif supervisor.poll() is None:
            last = supervision.log_tail(settings, engine_program(slot))
            raise CannotStart(f"not ready after {READY_SECONDS} s; the engine's log ends:\n{last}")
        status = supervisor.wait()
        if not asked_to_stop:
            raise CannotStart(f"the supervisor ended with status {status}; see {settings.data / 'log/supervisor.log'}")
        return 0
    finally:
        supervisor.terminate()
        supervisor.wait()


def _ready(settings: Settings, supervisor: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and supervisor.poll() is None:
        connection = http.client.HTTPConnection(_reachable(settings), settings.port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == HTTPStatus.OK:
                return True
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.2)
    return False


def _reachable(settings: Settings) -> str:
    """The address to reach our own port at: loopback where it listens on all."""
    return "127.0.0.1" if settings.host.is_unspecified else str(settings.host)


if __name__ == "__main__":
    sys.exit(main())
