"""What is erased is nowhere: every file below the data folder and every table is searched byte by byte."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from sqlalchemy import Text, func, select, text

from bot.conversation.outcome import Outcome
from bot.privacy.__main__ import main
from bot.privacy.subject import Subject
from bot.publishing.changes import Changes, QuestionAdded
from bot.store.case_tables import CaseRow
from bot.store.publishing_tables import JobRow
from bot.store.record_tables import TurnRow
from bot.store.review_tables import ReviewItemRow, ReviewTurnRow
from bot.store.staff import Staff, Way
from bot.store.staff_tables import TrailRow
from bot.store.tables import ConversationRow, Table
from knowledge.records import Language
from tests.cases.test_letters import converse
from tests.privacy.conftest import Installation, written

pytestmark = pytest.mark.slow

WORD = "quetzalcoatlus"
ADDRESS = "amina.quetzalcoatlus@example.org"
QUESTION = f"Could our office receive a {WORD} trainer in March?"

LOOK = """
import pathlib, sys
folder, words = pathlib.Path(sys.argv[1]), [word.encode() for word in sys.argv[2:]]
words += [word.encode("utf-16-le") for word in sys.argv[2:]]
for path in sorted(folder.rglob("*")):
    content = path.read_bytes().lower() if path.is_file() else b""
    if any(word in content or word in path.name.encode() for word in words):
        print(path.relative_to(folder))
"""


def holding(folder: Path, *words: str) -> list[str]:
    """The files that any of the words is in. Another process looks, or SQLite's locks here would be given up."""
    command = [sys.executable, "-S", "-c", LOOK, str(folder), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


async def tables_holding(one: Installation, words: Iterable[str]) -> list[str]:
    """The tables of which any cell, opened where it is sealed, has any of the words in it."""
    found = []
    async with one.store() as session:
        for table in Table.metadata.sorted_tables:
            cells = [str(cell).lower() for row in (await session.execute(select(table))).all() for cell in row]
            found += [table.name] if any(word in cell for word in words for cell in cells) else []
        names, of_table = _RAW["postgresql" if one.settings.is_shared else "sqlite"]
        for name in (await session.scalars(text(names))).all():
            rows = [str(row).lower() for row in (await session.execute(text(of_table.format(name)))).all()]
            # PostgreSQL writes bytes in hexadecimal.
            forms = [form for word in words for form in (word, word.encode().hex())]
            found += [name] if any(form in row for form in forms for row in rows) else []
    return sorted(set(found))


_RAW = {
    "sqlite": ("SELECT name FROM sqlite_master WHERE type = 'table'", 'SELECT * FROM "{}"'),
    # Of every schema, the server's own among them: its statistics have values of columns in them.
    "postgresql": (
        "SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'm', 'p')",
        "SELECT one::text FROM {} AS one",
    ),
}
"""How to ask for the names of all tables, and for all that is in one."""


async def asked_by(one: Installation, *, with_case: bool = True) -> str:
    """A conversation that leaves traces wherever there can be any; its id."""
    said = [(f"What of {WORD} number {n}?", Outcome.ANSWER, "A centre.", "inn_overview") for n in range(7)]
    # The form quotes what it was told.
    said.append((f"{WORD} it is", Outcome.HANDOFF, f"Is {WORD} right?", ""))
    row = await converse(one.house, *said)
    for question, *_ in said:
        await written(one, "tracker.db", row.id, question)
    if with_case:
        await one.house.ask(
            conversation_id=row.id, consent=True, name=f"Amina {WORD}", email=ADDRESS, question=QUESTION
        )
        await one.house.carry()
    await one.recorder.recorder.catch_up()
    await written(one, "spool.db", row.id, f"late {WORD}")
    log = f'{{"event": "engine.failed", "conversation": "{row.id}", "text": "What of {WORD} number 1?"}}\n'
    log += f'{{"event": "letter.refused", "response": "550 <{ADDRESS}> unknown"}}\n{{"event": "kept"}}\n'
    (one.folder / "log/desk.log").write_text(log, encoding="utf-8")
    (one.folder / "log/background.log.1").write_text(f"to {ADDRESS.upper()}\n", encoding="utf-8")
    await reviewed(one, row.id)
    return row.id


async def reviewed(one: Installation, conversation: str) -> None:
    """Its first question waits to be learned, and a candidate was asked it."""
    staff = await Staff(one.store).add("editor@example.org", "editor", Way.PASSWORD, None, "nobody", one.house.clock())
    async with one.store.begin() as session:
        turn = await session.scalar(select(TurnRow).where(TurnRow.conversation_id == conversation).limit(1))
        assert turn is not None
        item = ReviewItemRow(
            language="en", wording=turn.wording, turn_id=turn.id, times=1, last=turn.id, state="settled"
        )
        session.add(item)
        await session.flush()
        session.add(ReviewTurnRow(turn_id=turn.id, item_id=item.id, reasons=1, sampled=False))
        session.add(
            JobRow(
                state="done", step="compare", done=1, total=1, changes=[], old_model="one", author="editor@example.org",
                at=one.house.clock(), result={"asked": [{"text": turn.text}]},
            )
        )  # fmt: skip
        asked = QuestionAdded(language=Language.EN, text=turn.text, entry="inn_overview")
    await Changes(one.store).stage(staff.id, asked, one.house.clock(), f"review:{item.id}")


FILES = {"assistant.db", "tracker.db", "spool.db", "log/desk.log"}
TABLES = {"messages", "replies", "turns", "content_changes", "train_jobs", "cases"}


@pytest.mark.parametrize("on", ["sqlite", "postgresql"])
@pytest.mark.parametrize("by", ["conversation", "address"])
async def test_nothing_is_left_anywhere(installation: Installation, by: str, on: str) -> None:
    conversation = await asked_by(installation)
    other = await converse_of_another(installation)
    assert set(await tables_holding(installation, [WORD])) >= TABLES
    if on == "postgresql":
        # As the server does by itself.
        await carry_out(installation, "ANALYZE", "CHECKPOINT")
        assert await server_files_holding(installation, WORD)
        assert set(await tables_holding(installation, [WORD])) >= {"events", "spooled_events"}
    else:
        assert {name.removesuffix("-wal") for name in holding(installation.folder, WORD)} >= FILES
    letters = [name for name in holding(installation.folder, WORD) if name.startswith("outbox/")]
    assert len(letters) == 2, "the question and the confirmation"
    subject = Subject(conversation=conversation) if by == "conversation" else Subject(email=f" {ADDRESS.title()}")
    outcome = await installation.privacy.erase(subject, "admin@example.org")
    assert (outcome.conversations, outcome.cases, outcome.letters) == (1, 1, 2)
    assert holding(installation.folder, WORD) == []
    assert await tables_holding(installation, [WORD]) == []
    if on == "postgresql":
        # As docs/privacy.md has the operator do.
        await carry_out(installation, "VACUUM FULL", "CHECKPOINT")
        assert await server_files_holding(installation, WORD) == []
    if by == "conversation":
        trail = [] if on == "postgresql" else ["assistant.db"]
        assert holding(installation.folder, conversation) == [*trail, "erased.jsonl"], "the trail says so"
    assert '{"event": "kept"}' in (installation.folder / "log/desk.log").read_text(encoding="utf-8")
    async with installation.store() as session:
        assert (await session.scalars(select(ConversationRow.id))).all() == [other]
        assert await session.scalar(select(func.count()).select_from(CaseRow)) == 1
        acts = (await session.execute(select(TrailRow.act, TrailRow.who).where(TrailRow.act == "data.erased"))).all()
    assert [tuple(act) for act in acts] == [("data.erased", "admin@example.org")]


NOBODYS = {
    "content_changes.because", "content_versions.problem", "reply_texts.text", "staff.password_hash", "trail.before",
    "trail.after",
}  # fmt: skip
"""Columns of text that have nothing a delegate wrote."""


@pytest.mark.parametrize("on", ["postgresql"])
async def test_the_server_samples_no_column_that_people_wrote_in(installation: Installation, on: str) -> None:
    sampled = text(
        "SELECT attrelid::regclass || '.' || attname FROM pg_attribute WHERE coalesce(attstattarget, -1) <> 0"
    )
    async with installation.store() as session:
        names = set((await session.scalars(sampled)).all())
    columns = [column for table in Table.metadata.sorted_tables for column in table.columns]
    written = {str(column) for column in columns if type(column.type) is Text} | {"events.data", "spooled_events.data"}
    assert written & names == NOBODYS


async def carry_out(one: Installation, *statements: str) -> None:
    """What no transaction may have around it."""
    async with one.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        for statement in statements:
            await connection.execute(text(statement))


async def server_files_holding(one: Installation, word: str) -> list[str]:
    """The files of the server that the word is in, but those of other databases and its write-ahead log."""
    where = "SELECT current_setting('data_directory'), oid FROM pg_database WHERE datname = current_database()"
    async with one.engine.connect() as connection:
        folder, database = (await connection.execute(text(where))).one()
    names = holding(Path(folder), word)
    ours = [name for name in names if not name.startswith("base/") or name.startswith(f"base/{database}/")]
    return [name for name in ours if not name.startswith("pg_wal/")]


async def converse_of_another(one: Installation) -> str:
    """Somebody else's, which stays; their welcome has another token."""
    async with one.store.begin() as session:
        now = one.house.clock()
        row = ConversationRow(id="other", token_hash="o" * 64, language="en", created_at=now, expires_at=now)
        session.add(row)
    await one.house.ask(conversation_id="other", name="Grace Wanjiru", email="grace@example.org")
    return row.id


async def test_what_a_backup_brings_back_is_erased_again(installation: Installation) -> None:
    await installation.house.ask(name=f"Amina {WORD}", email=ADDRESS, question=QUESTION)
    await installation.privacy.erase(Subject(email=ADDRESS), "admin")
    noted = (installation.folder / "erased.jsonl").read_text(encoding="utf-8")
    assert ADDRESS not in noted
    assert await installation.privacy.erase_again("admin") == 0
    await installation.house.ask(name=f"Amina {WORD}", email=ADDRESS, question=QUESTION)
    assert await installation.privacy.erase_again("admin") == 1
    assert await tables_holding(installation, [WORD]) == []
    assert (installation.folder / "erased.jsonl").read_text(encoding="utf-8") == noted


async def test_what_is_exported_is_whole_and_opened(installation: Installation) -> None:
    conversation = await asked_by(installation)
    content = await installation.privacy.export(Subject(email=ADDRESS), "admin@example.org")
    assert {"conversations", "messages", "replies", "turns", "cases", "case_events", "outbox"} <= set(content)
    (case,) = content["cases"]
    assert (case["email"], case["question"]) == (ADDRESS, QUESTION)
    assert len(content["messages"]) == 8
    assert {event["conversation"] for event in content["engine"]} == {conversation}
    assert len(content["outbox_files"]) == 2
    assert {line["file"] for line in content["process_logs"]} == {"desk.log", "background.log.1"}
    assert "token" not in json.dumps(content["conversations"])
    json.dumps(content)


def test_the_commands_say_what_they_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    assert main(["erase", "--email", ADDRESS]) == 1
    assert "nothing is kept of it" in capsys.readouterr().out
    assert main(["export", "--email", ADDRESS]) == 0
    assert json.loads(capsys.readouterr().out) == {"engine": [], "outbox_files": [], "process_logs": []}
    assert main(["rotate-keys"]) == 0
    assert main(["forget-old-keys"]) == 0
    assert main(["erase-again"]) == 0
