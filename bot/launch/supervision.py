"""The processes under supervisord, which restarts what crashes."""

from __future__ import annotations

import configparser
import io
import secrets
import sys
from pathlib import Path

from bot.launch.endpoints import variables, write_endpoints
from bot.launch.engine import port_setting
from bot.launch.model import engine_environment
from bot.launch.preflight import free_loopback_port
from bot.publishing.engines import program as engine_program
from bot.publishing.engines import set_model
from bot.publishing.pointer import Slot
from bot.settings import ROOT, Settings

LOG_BYTES = 10 * 1024 * 1024
LOG_FILES = 3
_LATER = ("nice", "-n", "10")
"""Before the command of what nobody waits for: whoever answers, and whatever starts to, has the processor first."""


def environment(settings: Settings) -> dict[str, str]:
    """The environment for supervisord and what it starts: where the processes find each other."""
    blue, green, actions_port = free_loopback_port(), free_loopback_port(), free_loopback_port()
    return {
        **engine_environment(),
        # Threads that wait for each other stand still when another process has the processor.
        "OMP_NUM_THREADS": "1",
        # A thread's own arena keeps what the thread once needed.
        "MALLOC_ARENA_MAX": "2",
        "DATA_DIR": str(settings.data),
        port_setting(Slot.BLUE): str(blue),
        port_setting(Slot.GREEN): str(green),
        "ENGINE_URL": f"http://127.0.0.1:{blue}",
        "ENGINE_URL_GREEN": f"http://127.0.0.1:{green}",
        "ENGINE_TOKEN": settings.engine_token.get_secret_value() if settings.engine_token else new_token(),
        "ACTIONS_PORT": str(actions_port),
        "ACTIONS_URL": f"http://127.0.0.1:{actions_port}/webhook",
        "TRACKER_DB": str(settings.tracker_file),
        "SPOOL_DB": str(settings.spool_file),
        "ENDPOINTS": str(write_endpoints(settings)),
        **variables(settings),
    }


def new_token() -> str:
    """256 random bits, for this start alone."""
    return secrets.token_urlsafe(32)


def configuration(settings: Settings, serving: Slot) -> str:
    """supervisord's configuration as text; of the two engines the one that is serving starts by itself."""
    run = settings.data / "run"
    parser = configparser.RawConfigParser()
    parser.read_dict(
        {
            "supervisord": {
                "nodaemon": "true",
                "silent": "true",
                "logfile": str(settings.data / "log/supervisor.log"),
                "logfile_maxbytes": str(LOG_BYTES),
                "logfile_backups": str(LOG_FILES),
                "pidfile": str(run / "supervisor.pid"),
                "childlogdir": str(settings.data / "log"),
                "directory": str(ROOT),
            },
            "unix_http_server": {"file": str(run / "supervisor.sock"), "chmod": "0700"},
            "rpcinterface:supervisor": {
                "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
            },
            "supervisorctl": {"serverurl": f"unix://{run / 'supervisor.sock'}"},
            "program:desk": _program(settings, "desk", [sys.executable, "-m", "bot.desk"]),
            "program:background": _program(settings, "background", [*_LATER, sys.executable, "-m", "bot.background"]),
            **{
                f"program:{engine_program(slot)}": {
                    **_program(settings, engine_program(slot), [sys.executable, "-m", "bot.launch.engine", slot]),
                    "autostart": str(slot is serving).lower(),
                    # Ends after the desk, which ends what the engine is at.
                    "priority": "100",
                }
                for slot in Slot
            },
        }
    )
    text = io.StringIO()
    parser.write(text)
    return text.getvalue()


def watch(settings: Settings, configuration: Path, serving: Slot) -> list[str]:
    """The command that starts the supervisor and waits for it (bot.launch.watching)."""
    address = "127.0.0.1" if settings.host.is_unspecified else str(settings.host)
    log = settings.data / "log"
    told = [address, str(settings.port), str(log / f"{engine_program(serving)}.log"), str(log / "supervisor.log")]
    return [sys.executable, "-m", "bot.launch.watching", str(configuration), *told]


def write_configuration(settings: Settings, model: Path, serving: Slot) -> Path:
    """Writes the configuration and makes the folders it names; returns its path."""
    for folder in ("run", "log"):
        (settings.data / folder).mkdir(parents=True, exist_ok=True)
    path = settings.data / "run/supervisord.conf"
    set_model(settings.data, serving, model)
    path.write_text(configuration(settings, serving), encoding="utf-8")
    return path


def _program(settings: Settings, name: str, command: list[str]) -> dict[str, str]:
    return {
        "command": " ".join(_quoted(word) for word in command),
        "directory": str(ROOT),
        "autorestart": "true",
        "startsecs": "1",
        "startretries": "1000000",
        "stopwaitsecs": "10",
        "stopasgroup": "true",
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": str(settings.data / "log" / f"{name}.log"),
        "stdout_logfile_maxbytes": str(LOG_BYTES),
        "stdout_logfile_backups": str(LOG_FILES),
    }


def _quoted(word: str) -> str:
    """As supervisord reads a command: shell quoting, and % doubled."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"' if escaped != word or any(c in word for c in " ;'") else word
