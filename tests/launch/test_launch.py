"""What keeps the assistant from starting is one clear line and exit status 1."""

from __future__ import annotations

import configparser
import os
import shutil
import socket
import subprocess
import sys
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.launch import engine, preflight, supervision
from bot.launch.model import fingerprint, model_path
from bot.launch.preflight import CannotStart, check_folder, check_port
from bot.publishing.pointer import Slot
from bot.settings import ROOT, HandoffSettings, Settings


def launch(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot.launch", "run"],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_taken_port_is_one_line_and_status_1(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = launch(PORT=str(port), DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"cannot start: port {port} on 127.0.0.1 is taken")
    assert "set PORT" in done.stderr


def test_a_data_folder_that_cannot_be_made_is_one_line_and_status_1(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    done = launch(PORT=str(preflight.free_loopback_port()), DATA_DIR=str(tmp_path / "file/data"))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "set DATA_DIR to a folder of yours" in done.stderr


def test_a_setting_that_does_not_fit_is_named(tmp_path: Path) -> None:
    done = launch(PORT="eighty", DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "PORT" in done.stderr


def test_a_setting_of_mail_that_does_not_fit_is_named(tmp_path: Path) -> None:
    done = launch(MAIL_FROM="Assistant <assistant@example.org>\nBcc: x@example.org", DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "MAIL_FROM" in done.stderr


def test_what_handoff_lacks_is_said_in_plain_words() -> None:
    complete: dict[str, Any] = {"smtp_host": "127.0.0.1", "mail_from": "a@example.org", "imap_host": "127.0.0.1"}
    contacts = ("focal_point", "global_challenges")
    complete |= {f"address_{contact}": "b@example.org" for contact in contacts}
    assert HandoffSettings(**complete).missing(contacts) == []
    assert [one.split()[0] for one in HandoffSettings().missing(contacts)] == [
        *("ADDRESS_FOCAL_POINT", "ADDRESS_GLOBAL_CHALLENGES", "SMTP_HOST", "Neither")
    ]


def test_a_full_disk_says_how_much_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9 - 2**20, 2**20))
    with pytest.raises(CannotStart, match=r"1 MiB free below .* and 300 MiB are needed"):
        check_folder(tmp_path)


def test_a_free_port_is_fine() -> None:
    check_port("127.0.0.1", preflight.free_loopback_port())


def test_a_model_fits_only_the_inputs_it_was_trained_from(tmp_path: Path) -> None:
    for name in ("config.yml", "domain.yml", "data/nlu/en/one.yml", "bot/engine/text.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    before = fingerprint(tmp_path)
    assert fingerprint(tmp_path) == before
    (tmp_path / "data/nlu/en/one.yml").write_text("changed", encoding="utf-8")
    changed = fingerprint(tmp_path)
    assert changed != before
    (tmp_path / "data/nlu/en/one.yml").rename(tmp_path / "data/nlu/en/two.yml")
    assert fingerprint(tmp_path) not in {before, changed}
    assert model_path(tmp_path).name.endswith(".tar.gz")


def test_supervised_processes_are_restarted_and_what_nobody_waits_for_comes_last(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "with space; and 100% more")
    parser = configparser.RawConfigParser()
    parser.read_string(supervision.configuration(settings, Slot.GREEN))
    assert parser["program:desk"]["autorestart"] == parser["program:engine-green"]["autorestart"] == "true"
    assert parser["program:background"]["command"].endswith("-m bot.background")
    assert [parser[f"program:engine-{slot}"]["autostart"] for slot in Slot] == ["false", "true"]
    later = [name for name in parser.sections() if parser[name].get("command", "").startswith("nice ")]
    assert later == ["program:background"]
    command = engine.command(Path("model.tar.gz"), "5005")
    # That it serves on loopback without Rasa's API is tested where it does (tests/engine/test_serve.py).
    assert command[1:] == ["-m", "bot.log_masks", "bot.engine.serve", "--port", "5005", "--model", "model.tar.gz"]


def test_desk_engine_and_actions_share_a_token_that_is_new_at_every_start(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    first, second = supervision.environment(settings), supervision.environment(settings)
    assert len(first["ENGINE_TOKEN"]) >= 43
    assert first["ENGINE_TOKEN"] != second["ENGINE_TOKEN"]
    own = Settings(data_dir=tmp_path, engine_token=SecretStr("t" * 40))
    assert supervision.environment(own)["ENGINE_TOKEN"] == "t" * 40
