"""What must hold before anything is started; each failure is one clear line."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

NEEDED_BYTES = 300 * 1024 * 1024
"""Room for a model, the databases and the logs of a first day."""


class CannotStart(Exception):
    """Something on this machine keeps the assistant from starting. The message says what to do."""


def check_port(host: str, port: int) -> None:
    """Raises CannotStart when something else listens on the port."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        # As the server itself will do, so that a port just freed counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except PermissionError:
            raise CannotStart(f"port {port} may not be opened by this user; set PORT to one above 1023") from None
        except OSError as error:
            raise CannotStart(
                f"port {port} on {host} is taken ({error.strerror}); stop what uses it or set PORT"
            ) from None


def check_folder(folder: Path) -> None:
    """Raises CannotStart when the folder cannot be made or written to, or its disk is nearly full."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(f"{folder} cannot be made ({error.strerror}); set DATA_DIR to a folder of yours") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise CannotStart(f"{folder} cannot be written to; set DATA_DIR to a folder of yours")
    free = shutil.disk_usage(folder).free
    if free < NEEDED_BYTES:
        raise CannotStart(
            f"the disk has {free // 2**20} MiB free below {folder} and {NEEDED_BYTES // 2**20} MiB are needed;"
            " free some space or set DATA_DIR"
        )


def free_loopback_port() -> int:
    """A port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
