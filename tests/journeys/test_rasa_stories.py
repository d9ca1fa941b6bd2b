"""Rasa's own test of its rules and stories, on the trained model."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.launch.model import ENGINE_PYTHON, engine_environment, model_path
from bot.settings import ROOT, Settings
from tests.journeys.conftest import Assistant

pytestmark = pytest.mark.journey

STORIES = ROOT / "tests/rasa/test_stories.yml"


def test_every_rule_and_story_is_tested_and_holds(assistant: Assistant, tmp_path: Path) -> None:
    # The running assistant stands for a model that is trained and up to date.
    command = [
        *(str(ENGINE_PYTHON), "-m", "rasa", "test", "core", "--fail-on-prediction-errors"),
        *("--stories", str(STORIES), "--model", str(model_path(Settings().models)), "--out", str(tmp_path)),
    ]
    done = subprocess.run(command, cwd=ROOT, env=engine_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    report = json.loads((tmp_path / "story_report.json").read_text(encoding="utf-8"))
    assert report["conversation_accuracy"]["accuracy"] == 1.0


def test_no_rule_is_left_out() -> None:
    yaml = YAML(typ="safe")
    files = [yaml.load(path) for path in (ROOT / "data/stories").glob("*.yml")]
    intents = {step["intent"] for file in files for rule in file["rules"] for step in rule["steps"] if "intent" in step}
    tested = {step["intent"] for story in yaml.load(STORIES)["stories"] for step in story["steps"] if "intent" in step}
    assert intents - tested == set()
