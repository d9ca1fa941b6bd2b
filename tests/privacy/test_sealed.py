"""Contact data are sealed in the database's file, opened by their keys alone, and found by their marks."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from bot.store.case_tables import CaseRow
from bot.store.cases import Cases
from bot.store.contact_keys import ContactKeys, KeysTrouble
from bot.store.database import KEYS, MIGRATIONS, connect, migrate, sessions
from bot.store.resealing import forget_old_keys, rotate
from tests.privacy.conftest import Installation
from tests.privacy.test_erasure import ADDRESS, holding

NAME = "Amina Quetzalcoatlus"


def test_keys_are_made_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    keys, others = ContactKeys(tmp_path / KEYS), ContactKeys(tmp_path / KEYS)
    assert keys.open(others.seal(b"text", "a.b"), "a.b") == b"text"
    assert (tmp_path / KEYS).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [KEYS]


def test_the_same_text_is_sealed_otherwise_each_time_and_opens_in_its_place_only(tmp_path: Path) -> None:
    keys = ContactKeys(tmp_path / KEYS)
    sealed = keys.seal(b"text", "cases.name")
    assert sealed != keys.seal(b"text", "cases.name")
    assert b"text" not in sealed
    with pytest.raises(KeysTrouble, match="does not open"):
        keys.open(sealed, "cases.email")
    with pytest.raises(KeysTrouble, match="does not open"):
        keys.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), "cases.name")


def test_what_one_account_is_written_as_has_one_mark(tmp_path: Path) -> None:
    keys = ContactKeys(tmp_path / KEYS)
    assert keys.mark("Amina+1@Example.org ") == keys.mark("amina@example.org")
    assert keys.mark("amina@example.org") != keys.mark("aminata@example.org")


@pytest.mark.parametrize(
    ("content", "says"), [("", "empty"), ("0123abcd short\n", "no key"), ("x" * 60 + "\n", "no key")]
)
def test_keys_that_are_none_are_refused(tmp_path: Path, content: str, says: str) -> None:
    file = tmp_path / KEYS
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(KeysTrouble, match=says):
        ContactKeys(file).seal(b"text", "a.b")


def test_keys_that_others_can_read_are_refused(tmp_path: Path) -> None:
    ContactKeys(tmp_path / KEYS).seal(b"text", "a.b")
    (tmp_path / KEYS).chmod(0o640)
    with pytest.raises(KeysTrouble, match="chmod 600"):
        ContactKeys(tmp_path / KEYS).seal(b"text", "a.b")


async def test_nobody_reads_them_in_the_database_s_file(installation: Installation) -> None:
    await installation.house.ask(name=NAME, email=ADDRESS)
    assert holding(installation.folder, "quetzalcoatlus") == []
    with closing(sqlite3.connect(installation.folder / "assistant.db")) as file:
        (name, content) = file.execute("SELECT name, content FROM cases JOIN outbox ON case_key = key").fetchone()
    assert "Amina" not in name
    assert b"Amina" not in content


async def test_other_keys_are_noticed_at_the_start(installation: Installation) -> None:
    await installation.house.ask(name=NAME, email=ADDRESS)
    (installation.folder / KEYS).unlink()
    another = connect(installation.settings.database)
    with pytest.raises(KeysTrouble, match="CONTACT_KEYS_FILE"):
        await migrate(another)
    await another.dispose()


async def test_keys_are_changed_while_others_use_them(installation: Installation) -> None:
    receipt = await installation.house.ask(name=NAME, email=ADDRESS)
    another = connect(installation.settings.database)
    old = ContactKeys(installation.folder / KEYS).ids
    new = await rotate(sessions(another))
    assert ContactKeys(installation.folder / KEYS).ids == (*old, new)
    # Whoever had only the old key reads and writes on.
    assert (await installation.house.case(receipt)).name == NAME
    second = await installation.house.ask(name=NAME, email=ADDRESS)
    assert await forget_old_keys(sessions(another)) == old
    fresh = connect(installation.settings.database)
    await migrate(fresh)
    for one in (receipt, second):
        assert (await Cases(sessions(fresh)).by_reference(one.reference)).email == ADDRESS
    with closing(sqlite3.connect(installation.folder / "assistant.db")) as file:
        marks = {mark for (mark,) in file.execute("SELECT email_mark FROM cases")}
    assert {mark.partition(".")[0] for mark in marks} == {new}
    assert len(marks) == 1
    await another.dispose()
    await fresh.dispose()


def to(revision: str, move: Callable[[Config, str], None]) -> Callable[[Connection], None]:
    def step(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        move(config, revision)

    return step


async def test_what_there_was_before_is_sealed_and_can_be_opened_again(tmp_path: Path) -> None:
    engine = connect(f"sqlite+aiosqlite:///{tmp_path / 'assistant.db'}")
    async with engine.begin() as connection:
        await connection.run_sync(to("0007", command.upgrade))
        await connection.execute(
            text(
                "INSERT INTO cases (key, state, language, area, created_at, since, name, email) VALUES"
                " ('k', 'sent', 'en', 'a', '2026-03-01 00:00:00', '2026-03-01 00:00:00', :name, :email)"
            ),
            {"name": NAME, "email": ADDRESS},
        )
        await connection.execute(
            text(
                "INSERT INTO conversations (id, token_hash, language, created_at, expires_at) VALUES"
                " ('c', 'h', 'en', '2026-03-01 00:00:00', '2026-03-01 00:00:00')"
            )
        )
        await connection.execute(
            text("INSERT INTO personal_data (conversation_id, kind, value) VALUES ('c', 'name', :name)"), {"name": NAME}
        )
    await migrate(engine)
    async with sessions(engine)() as session:
        case = await session.get_one(CaseRow, "k")
        assert (case.name, case.email) == (NAME, ADDRESS)
    async with engine.begin() as connection:
        stored = (await connection.execute(text("SELECT name, email FROM cases"))).one()
        assert NAME not in stored
        assert (await connection.scalar(text("SELECT value FROM personal_data"))) != NAME
        await connection.run_sync(to("0007", command.downgrade))
        assert (await connection.execute(text("SELECT name, email FROM cases"))).one() == (NAME, ADDRESS)
        assert await connection.scalar(text("SELECT value FROM personal_data")) == NAME
    await engine.dispose()
