"""Only a model that was built here, and is as it was built, is loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.launch.__main__ import main
from bot.launch.built_models import FILE, BuiltModels, Origin, hash_of
from bot.launch.preflight import CannotStart
from bot.publishing.engines import set_model
from bot.publishing.pointer import Slot
from bot.settings import ROOT


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "models/0123.tar.gz"
    path.parent.mkdir()
    path.write_bytes(b"a model")
    return path


def test_what_was_built_here_is_loaded(model: Path) -> None:
    built = BuiltModels(model.parent)
    built.add(model)
    built.check(model)
    assert built.origin(model) is Origin.OURS
    assert (model.parent / FILE).stat().st_mode & 0o077 == 0


def test_what_nobody_vouched_for_is_refused_and_what_to_do_is_said(model: Path) -> None:
    built = BuiltModels(model.parent)
    assert built.origin(model) is Origin.UNKNOWN
    with pytest.raises(CannotStart, match=r"not in .*built\.sha256.*make train.*python -m bot\.launch accept"):
        built.check(model)


def test_what_was_changed_since_is_refused(model: Path) -> None:
    built = BuiltModels(model.parent)
    built.add(model)
    model.write_bytes(b"another model")
    with pytest.raises(CannotStart, match="not as it was built"):
        built.check(model)


def test_a_model_built_anew_under_its_name_takes_the_place_of_the_old(model: Path) -> None:
    built = BuiltModels(model.parent)
    built.add(model)
    model.write_bytes(b"another model")
    built.add(model)
    built.check(model)


def test_the_record_may_stand_elsewhere(model: Path, tmp_path: Path) -> None:
    BuiltModels(model.parent, tmp_path / "elsewhere/record").add(model)
    assert not (model.parent / FILE).exists()
    BuiltModels(model.parent, tmp_path / "elsewhere/record").check(model)


def test_a_model_from_another_machine_is_vouched_for_by_its_hash(
    model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MODELS_DIR", str(model.parent))
    assert main(["accept", str(model), "0" * 64]) == 1
    assert "fetch it again" in capsys.readouterr().err
    assert main(["accept", str(model), hash_of(model)]) == 0
    BuiltModels(model.parent).check(model)


def test_the_engine_does_not_start_on_a_model_that_is_not_ours(model: Path, tmp_path: Path) -> None:
    set_model(tmp_path, Slot.BLUE, model)
    done = subprocess.run(
        [sys.executable, "-m", "bot.launch.engine", "blue"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(tmp_path), "MODELS_DIR": str(model.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "is not loaded" in done.stderr
