"""The engine listens on loopback, without Rasa's own HTTP API, and on the model that was named alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import json, sys
from bot.engine import serve

def instead():
    import rasa.core.run
    rasa.core.run.serve_application = lambda model, **how: print(
        json.dumps({"model": model, **{name: how[name] for name in ("interface", "port", "enable_api")}})
    )

serve.seal = instead
serve.main(sys.argv[1:])
"""


def served(model: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, "--model", str(model), "--port", "5005"]
    environ = {
        **os.environ,
        "ACTIONS_URL": "http://127.0.0.1:1",
        "ENGINE_TOKEN": "a-token-of-the-test",
        "TRACKER_DB": "tracker.db",
        "SPOOL_DB": "spool.db",
    }
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


def test_it_listens_on_loopback_without_the_api(tmp_path: Path) -> None:
    model = tmp_path / "model.tar.gz"
    model.touch()
    done = served(model)
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "model": str(model),
        "interface": "127.0.0.1",
        "port": 5005,
        "enable_api": False,
    }, done.stderr


def test_no_other_model_is_taken_in_place_of_one_that_is_missing(tmp_path: Path) -> None:
    (tmp_path / "other.tar.gz").touch()
    done = served(tmp_path / "model.tar.gz")
    assert done.returncode != 0
    assert "there is no model" in done.stderr
