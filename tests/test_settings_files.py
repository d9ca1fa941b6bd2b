"""A secret may come from a file, and stands in no message and no log."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic_settings import SettingsError

from bot.settings import ConsoleSettings, HandoffSettings, Settings


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text("s3cret of more than thirty-two characters\n", encoding="utf-8")
    return path


def test_every_secret_can_be_a_file(secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SMTP_PASSWORD", "IMAP_PASSWORD", "OIDC_CLIENT_SECRET", "ENGINE_TOKEN", "DATABASE_URL"):
        monkeypatch.setenv(f"{name}_FILE", str(secret))
    told = secret.read_text(encoding="utf-8").strip()
    handoff, console, settings = HandoffSettings(), ConsoleSettings(), Settings()
    for given in (handoff.smtp_password, handoff.imap_password, console.oidc_client_secret, settings.engine_token):
        assert given is not None
        assert given.get_secret_value() == told
    assert settings.database_url == told
    assert told not in repr(handoff) + repr(console) + repr(settings.engine_token)


def test_the_setting_itself_counts_before_its_file(secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_PASSWORD_FILE", str(secret))
    monkeypatch.setenv("SMTP_PASSWORD", "another")
    given = HandoffSettings().smtp_password
    assert given is not None
    assert given.get_secret_value() == "another"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_PASSWORD_FILE", str(tmp_path / "missing"))
    with pytest.raises(SettingsError, match=r"SMTP_PASSWORD_FILE: .*missing cannot be read"):
        HandoffSettings()
