"""What lies in deploy/ fits what it deploys."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.settings import ROOT, ConsoleSettings, HandoffSettings, ReviewSettings, Settings
from tests.servers.machines import CONFIGURATION, haproxy

DEPLOY = ROOT / "deploy"
KNOWN = {
    name.upper() for kind in (Settings, HandoffSettings, ConsoleSettings, ReviewSettings) for name in kind.model_fields
}


def test_the_example_and_the_containers_set_only_settings_that_there_are() -> None:
    example = re.findall(r"^#? ?([A-Z_]+)=", (DEPLOY / "settings.example").read_text(), re.MULTILINE)
    assert set(example) <= KNOWN
    services = YAML(typ="safe").load(DEPLOY / "compose.yml")["services"]
    for name in ("first", "second"):
        assert set(services[name]["environment"]) <= KNOWN, name
    (environment,) = re.findall(r"^ENV (HOST=.*)$", (DEPLOY / "Containerfile").read_text(), re.MULTILINE)
    assert {one.partition("=")[0] for one in environment.split()} <= KNOWN


def test_the_balancer_goes_where_the_containers_are() -> None:
    services = YAML(typ="safe").load(DEPLOY / "compose.yml")["services"]
    named = set(re.findall(r"\$\{(\w+)\}", CONFIGURATION.read_text()))
    assert named == set(services["balancer"]["environment"])
    for variable in ("DESK_1", "DESK_2"):
        host, _, port = services["balancer"]["environment"][variable].partition(":")
        assert host in services
        assert f"EXPOSE {port}" in (DEPLOY / "Containerfile").read_text()


def test_the_unit_is_one_that_systemd_understands(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        # Where there is no systemd, at least every line must be a setting in a section.
        lines = (DEPLOY / "systemd/delegate-assistant.service").read_text().splitlines()
        assert all(re.match(r"$|#|\[\w+\]$|\w+=", line) for line in lines)
        return
    unit = (DEPLOY / "systemd/delegate-assistant.service").read_text()
    installed = unit.replace("/opt/delegate-assistant/.venv/desk/bin/python", shutil.which("true") or "/bin/true")
    file = tmp_path / "delegate-assistant.service"
    file.write_text(installed)
    done = subprocess.run([program, "verify", "--man=no", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "delegate-assistant" not in done.stderr, done.stderr


@pytest.mark.servers
def test_the_balancers_own_program_takes_its_configuration() -> None:
    addresses = {"PUBLIC_BIND": "127.0.0.1:18080", "DESK_1": "127.0.0.1:18081", "DESK_2": "127.0.0.1:18082"}
    done = subprocess.run(
        [haproxy(), "-c", "-f", str(CONFIGURATION)], env=addresses, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning" not in (done.stdout + done.stderr).lower()
