"""`python -m bot.launch.watching CONFIGURATION ADDRESS PORT ENGINE_LOG SUPERVISOR_LOG`: the assistant's first process.

It starts the supervisor, says when the assistant is ready, and ends it when it is asked to end itself. It stays as long
as the assistant runs, so it loads nothing but Python's own: `bot.launch run` goes on as this.
"""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
import time
from http import HTTPStatus
from pathlib import Path

from bot.parent import end_with_parent

READY_SECONDS = 180
"""How long the assistant may take until it can answer."""
SUPERVISOR = Path(sys.executable).with_name("supervisord")


def main(configuration: str, address: str, port: str, engine_log: str, supervisor_log: str) -> int:
    """Runs the assistant until it is told to end; returns the exit status."""
    # In a session of its own: Ctrl-C reaches us, and we end the processes in order.
    command = [str(SUPERVISOR), "--configuration", configuration]
    # Should we be killed, it ends all the others in order too.
    supervisor = subprocess.Popen(command, start_new_session=True, preexec_fn=end_with_parent)
    asked_to_stop = False

    def stop(*_: object) -> None:
        nonlocal asked_to_stop
        asked_to_stop = True
        supervisor.terminate()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    try:
        if _ready(address, int(port), supervisor):
            print(f"ready: http://{address}:{port}/", flush=True)
        elif supervisor.poll() is None:
            return _cannot_start(
                f"not ready after {READY_SECONDS} s; the engine's log ends:\n{_tail(Path(engine_log))}"
            )
        status = supervisor.wait()
        return 0 if asked_to_stop else _cannot_start(f"the supervisor ended with status {status}; see {supervisor_log}")
    finally:
        supervisor.terminate()
        supervisor.wait()


def _cannot_start(reason: str) -> int:
    print(f"cannot start: {reason}", file=sys.stderr)
    return 1


def _ready(address: str, port: int, supervisor: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and supervisor.poll() is None:
        connection = http.client.HTTPConnection(address, port, timeout=2)
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


def _tail(log: Path, lines: int = 15) -> str:
    """The last lines that were written."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 8192))
        return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-lines:])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
