"""Personal data that slip into a process's log are masked before they are written; what is in a file is taken out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import structlog
from pydantic import ValidationError

from bot.log_masks import masked
from bot.logs import configure
from bot.privacy.process_logs import ProcessLogs
from bot.settings import LogFormat, Settings


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


def logged(form: LogFormat | None, capsys: pytest.CaptureFixture[str]) -> str:
    """What is written of an event whose every field has an address in it."""
    configure(form)
    try:
        log = structlog.get_logger("test")
        typed = "what the delegate typed"
        try:
            raise ValueError("no such mailbox: amina@example.org", len(typed))
        except ValueError:
            log.exception(
                "letter.refused", response={"said": ["amina@example.org"]}, to="amina@example.org", attempts=3
            )
    finally:
        structlog.reset_defaults()
    written = capsys.readouterr().out
    assert "amina" not in written
    assert "delegate" not in written, "the value of a variable"
    return written


def test_every_field_of_a_line_of_json_is_masked(capsys: pytest.CaptureFixture[str]) -> None:
    line = json.loads(logged("json", capsys))
    assert line["exception"][0]["exc_value"] == "('no such mailbox: [e-mail]', 23)"
    assert (line["event"], line["to"], line["attempts"]) == ("letter.refused", "[e-mail]", 3)


def test_every_field_of_a_plain_line_is_masked(capsys: pytest.CaptureFixture[str]) -> None:
    first, *traceback = logged("plain", capsys).splitlines()
    for part in ("letter.refused", "to=[e-mail]", "attempts=3", "'said': ['[e-mail]']"):
        assert part in first
    assert traceback[-1] == "ValueError: ('no such mailbox: [e-mail]', 23)"


def test_what_is_no_terminal_gets_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(logged(None, capsys))["event"] == "letter.refused"


def test_a_terminal_gets_lines_to_read(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert "\x1b[" in logged(None, capsys)


def test_another_format_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_FORMAT", "xml")
    with pytest.raises(ValidationError, match="log_format"):
        Settings()


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
