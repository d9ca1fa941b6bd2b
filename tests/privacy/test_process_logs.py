"""Personal data that slip into a process's log are masked before they are written; what is in a file is taken out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import structlog

from bot.log_masks import masked
from bot.logs import configure
from bot.privacy.process_logs import ProcessLogs


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("550 5.1.1 <amina.otieno@example.org>: unknown", "550 5.1.1 <[e-mail]>: unknown"),
        ("call +41 79 123 45 67 or 022 338 91 11", "call [telephone] or [telephone]"),
        ("DE89 3704 0044 0532 0130 00", "[account]"),
        ("4111 1111 1111 1111", "[telephone]"),
        ("250 2.0.0 OK 1733021957 a640c23a62f3a-3c2", "250 2.0.0 OK 1733021957 a640c23a62f3a-3c2"),
        ("2026-12-01T02:32:37.123456Z", "2026-12-01T02:32:37.123456Z"),
        ("f47ac10b-58cc-4372-a567-0e02b2c3d479", "f47ac10b-58cc-4372-a567-0e02b2c3d479"),
        ("127.0.0.1:40871", "127.0.0.1:40871"),
    ],
)
def test_what_slips_in_is_masked_and_what_helps_stays(written: str, kept: str) -> None:
    assert masked(written) == kept


def test_every_field_of_a_line_is_masked(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    try:
        log = structlog.get_logger("test")
        try:
            raise ValueError("no such mailbox: amina@example.org")
        except ValueError:
            log.exception("letter.refused", response={"said": ["amina@example.org"]}, attempts=3)
    finally:
        structlog.reset_defaults()
    line = json.loads(capsys.readouterr().out)
    assert "amina" not in json.dumps(line)
    assert line["exception"][0]["exc_value"] == "no such mailbox: [e-mail]"
    assert (line["event"], line["attempts"]) == ("letter.refused", 3)


def test_texts_are_taken_out_of_files_that_are_written_to(tmp_path: Path) -> None:
    file, logs = tmp_path / "desk.log", ProcessLogs(tmp_path)
    before = '{"text": "O\\u00f9 est Am\\u00e9lie?"}\nÀ côté: Où est Amélie?\nkept\n'
    with file.open("a", encoding="utf-8") as writer:
        writer.write(before)
        writer.flush()
        assert len(list(logs.find(["Où est Amélie?"]))) == 2
        assert logs.blank(["Où est Amélie?", "kept"]) == 2
        writer.write("more\n")
    after = file.read_text(encoding="utf-8")
    assert "lie?" not in after
    assert after.endswith("\nkept\nmore\n"), "a text so short would be found anywhere"
