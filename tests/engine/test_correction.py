"""A small model is trained as the real one is, and corrected by a question: that is right then, the rest as before."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.engine.correction import NOT_ENOUGH
from tests.engine.test_request_classifier import TRAINING

CONFIG = """
recipe: default.v1
assistant_id: a-test
language: en
importers:
  - name: bot.engine.importer.ProjectImporter
pipeline:
  - name: bot.engine.gazetteer.Gazetteer
  - name: bot.engine.request_classifier.RequestClassifier
  - name: bot.engine.decision.Decision
policies:
  - name: RulePolicy
"""
DOMAIN = """
version: "3.1"
intents: [training, small_talk, ask_for_person]
slots:
  focus_entry: {type: any, mappings: [{type: custom}]}
entities: [service, member_state]
actions: [action_reply]
"""
RULES = """
version: "3.1"
rules:
  - {rule: reply, steps: [{intent: training}, {action: action_reply}]}
"""
TABLES = """
version: "3.1"
nlu:
  - lookup: service
    examples: |
      - DL-101
"""
ODD = "what must I bring to take part"
SAME = ("how much is the course", "hello there", "somebody human please", "enrolment", "xyz")


def program(name: str, *arguments: str, said: str = "", where: Path | None = None) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": str(Path.cwd()), "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-m", "bot.engine.lean", f"bot.engine.{name}", *arguments]
    return subprocess.run(command, cwd=where, env=environ, input=said, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    content = tmp_path_factory.mktemp("content")
    files = {"config.yml": CONFIG, "domain.yml": DOMAIN, "data/nlu/all.yml": TRAINING, "data/nlu/tables.yml": TABLES}
    for name, text in {**files, "data/stories/rules.yml": RULES}.items():
        (content / name).parent.mkdir(parents=True, exist_ok=True)
        (content / name).write_text(text, encoding="utf-8")
    done = program("train", "--out", str(content / "models"), "--name", "small", where=content)
    assert done.returncode == 0, done.stderr
    return content / "models/small.tar.gz"


def understood(old: Path, new: Path, *texts: str) -> list[dict[str, dict[str, Any]]]:
    done = program("compare", str(old), str(new), said="".join(json.dumps({"text": text}) + "\n" for text in texts))
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def correction(*questions: tuple[str, str]) -> str:
    return "".join(json.dumps({"text": text, "request": request}) + "\n" for text, request in questions)


def test_what_it_got_wrong_is_right_and_nothing_else_changes(model: Path) -> None:
    (before,) = understood(model, model, ODD)
    wanted = "register" if before["old"]["requests"][0]["name"] == "training/cost" else "cost"
    corrected = model.with_name("corrected.tar.gz")
    done = program("correction", str(model), str(corrected), said=correction((ODD, wanted)))
    assert done.returncode == 0, done.stderr
    odd, *others = understood(model, corrected, ODD, *SAME)
    assert odd["new"]["requests"][0]["name"] == f"training/{wanted}"
    assert odd["new"]["intent"]["name"] == "training"
    for other in others:
        assert other["old"]["requests"][0]["name"] == other["new"]["requests"][0]["name"]


def test_two_that_contradict_each_other_are_not_enough(model: Path) -> None:
    new = model.with_name("contradicting.tar.gz")
    done = program("correction", str(model), str(new), said=correction((ODD, "cost"), (ODD, "register")))
    assert done.returncode == NOT_ENOUGH, done.stderr
    assert not new.exists()


def test_what_the_model_knows_nothing_of_is_named(model: Path) -> None:
    done = program("correction", str(model), str(model.with_name("no.tar.gz")), said=correction((ODD, "a_new_entry")))
    assert done.returncode == 1
    assert "knows no a_new_entry" in done.stderr
