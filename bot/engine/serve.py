"""`python -m bot.engine.serve --model … --port …`: Rasa's server with its REST channel, and nothing beside it."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path

from bot.engine.absent import BROKER, leave_out, seal

INTERFACE = "127.0.0.1"


def main(arguments: list[str] | None = None) -> None:
    """Serves until it is told to end; what `rasa run` does, without its own HTTP API."""
    parser = argparse.ArgumentParser(prog="bot.engine.serve", description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--endpoints", default=os.environ.get("ENDPOINTS", "endpoints.yml"))
    parser.add_argument("--credentials", default="credentials.yml")
    chosen = parser.parse_args(arguments)
    if not chosen.model.is_file():
        # Rasa would take another model of the folder instead.
        sys.exit(f"there is no model {chosen.model}")
    sys.path.insert(1, str(Path.cwd()))
    # Where Rasa's own broker publishes the events, it needs what it publishes them by.
    leave_out(kept=BROKER if os.environ.get("BROKER_URL") else frozenset())
    import rasa.core.run
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog

    from bot.engine import processor
    from bot.engine.lighter import lighten

    seal()
    lighten()
    processor.install()
    configure_logging_and_warnings(logging.WARNING)
    configure_structlog(logging.WARNING)
    # Sanic would otherwise print its banner.
    os.environ.setdefault("SANIC_MOTD", "false")
    rasa.core.run.serve_application(
        str(chosen.model),
        interface=INTERFACE,
        port=chosen.port,
        credentials=chosen.credentials,
        endpoints=AvailableEndpoints.read_endpoints(chosen.endpoints),
        enable_api=False,
    )


if __name__ == "__main__":
    main()
