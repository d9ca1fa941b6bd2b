"""A backup is made while the assistant writes, and what is put back is all that was kept at that moment."""

from __future__ import annotations

import shutil
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from bot import backup
from bot.backup import CannotBackUp, main, make, restore
from bot.settings import Settings
from tests.database import stay_on_sqlite
from tests.web.conftest import Conversation, Start, client, conversation, engine, start  # noqa: F401


@pytest.fixture
def tmp_path(tmp_path: Path) -> Path:
    """Of PostgreSQL its own programs make backups (docs/runbook.md)."""
    stay_on_sqlite(tmp_path)
    return tmp_path


async def test_a_conversation_goes_on_where_it_was_from_a_backup_made_while_the_desk_runs(
    conversation: Conversation,  # noqa: F811
    start: Start,  # noqa: F811
    tmp_path: Path,
) -> None:
    await conversation.say("What is a TISC?")
    before = await conversation.history()
    (tmp_path / "outbox").mkdir()
    (tmp_path / "outbox/letter.eml").write_text("a letter", encoding="utf-8")
    file = tmp_path / "backups/one.tar.gz"
    make(Settings(data_dir=tmp_path), file)
    await conversation.say("said after the backup")
    assert file.stat().st_mode & 0o077 == 0
    assert (tmp_path / "last-backup").exists()

    other = tmp_path / "other machine"
    restored = restore(Settings(data_dir=other), file)
    assert "assistant.db" in restored
    assert (other / "outbox/letter.eml").read_text(encoding="utf-8") == "a letter"
    # The keys are kept apart from the backups, and come back by hand.
    shutil.copy2(tmp_path / "contact.keys", other)
    conversation.client = await start(data_dir=other, database_url=None)
    assert await conversation.history() == before
    assert (await conversation.say("and who hosts it?")).status == 200


def kept(data: Path) -> Settings:
    data.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(data / "assistant.db")) as database:
        database.execute("create table a (b)")
        database.executemany("insert into a values (?)", [("x" * 500,)] * 200)
        database.commit()
    return Settings(data_dir=data, models_dir=data / "models")


def test_nothing_is_put_over_what_is_there(tmp_path: Path) -> None:
    settings = kept(tmp_path / "data")
    make(settings, tmp_path / "one")
    with pytest.raises(CannotBackUp, match=r"holds assistant\.db; stop the assistant"):
        restore(settings, tmp_path / "one")
    with pytest.raises(CannotBackUp, match="there already"):
        make(settings, tmp_path / "one")


def test_a_damaged_backup_is_refused_whole(tmp_path: Path) -> None:
    make(kept(tmp_path / "data"), tmp_path / "one")
    damaged, fresh = tmp_path / "damaged", Settings(data_dir=tmp_path / "fresh")
    damaged.write_bytes((tmp_path / "one").read_bytes()[:-300])
    with pytest.raises(CannotBackUp, match="no backup that can be read"):
        restore(fresh, damaged)
    damaged.write_bytes(b"rubbish")
    with pytest.raises(CannotBackUp, match="no backup that can be read"):
        restore(fresh, damaged)
    assert list((tmp_path / "fresh").iterdir()) == []


def test_a_backup_that_was_changed_or_leads_outside_is_refused(tmp_path: Path) -> None:
    make(kept(tmp_path / "data"), tmp_path / "one")
    with tarfile.open(tmp_path / "one") as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    (tmp_path / "unpacked/assistant.db").write_bytes(b"another")
    with tarfile.open(tmp_path / "changed", "w:gz") as archive:
        for path in (tmp_path / "unpacked").iterdir():
            archive.add(path, path.name)
    with pytest.raises(CannotBackUp, match="not as it was put in"):
        restore(Settings(data_dir=tmp_path / "fresh"), tmp_path / "changed")
    with tarfile.open(tmp_path / "outside", "w:gz") as archive:
        archive.add(tmp_path / "one", "../../escaped")
    with pytest.raises(CannotBackUp):
        restore(Settings(data_dir=tmp_path / "fresh"), tmp_path / "outside")
    assert not (tmp_path.parent / "escaped").exists()


def test_records_in_a_database_server_are_left_to_its_own_tool(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url="postgresql+asyncpg://a@b/c")
    with pytest.raises(CannotBackUp, match="pg_dump"):
        make(settings, tmp_path / "one")


def test_the_command_says_what_it_did_or_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept(tmp_path / "data")
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    assert main(["make", str(tmp_path / "one")]) == 0
    assert "make: 1 files (assistant.db)" in capsys.readouterr().out
    assert main(["restore", str(tmp_path / "one")]) == 1
    assert "stop the assistant" in capsys.readouterr().err
    assert backup.FORMAT == 1
