"""`python -m bot.launch.engine <slot>`: becomes the engine of a slot, on the model that was set for it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bot.launch.built_models import BuiltModels
from bot.launch.model import ENGINE_PYTHON
from bot.launch.preflight import CannotStart
from bot.parent import end_with_supervisor
from bot.publishing.engines import model_file
from bot.publishing.pointer import Slot
from bot.settings import Settings


def command(model: Path, port: str) -> list[str]:
    """How Rasa is started: on loopback, without its own API."""
    # With what it logs masked.
    masked = [str(ENGINE_PYTHON), "-m", "bot.log_masks"]
    return [*masked, "bot.engine.serve", "--port", port, "--model", str(model)]


def main() -> None:
    """Gives this process to Rasa; each slot's engine calls the actions by an address of its own."""
    end_with_supervisor()
    slot, settings = Slot(sys.argv[1]), Settings()
    model = Path(model_file(settings.data, slot).read_text(encoding="utf-8"))
    try:
        BuiltModels(settings.models, settings.models_record).check(model)
    except CannotStart as error:
        sys.exit(f"the engine does not start: {error}")
    environ = {**os.environ, "ACTIONS_URL": f"{os.environ['ACTIONS_URL']}/{slot}"}
    rasa = command(model, os.environ[port_setting(slot)])
    os.execve(rasa[0], rasa, environ)  # noqa: S606 - no shell, and nothing from outside


def port_setting(slot: Slot) -> str:
    """The name of the environment's variable with a slot's port."""
    return f"ENGINE_PORT_{slot.upper()}"


if __name__ == "__main__":
    main()
