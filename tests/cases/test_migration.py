"""Cases from before a migration are what they were, and age from the right moments."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from bot.store.database import MIGRATIONS, connect, migrate

SUBMITTED, SENT, FAILED, ANSWERED = "2026-03-02", "2026-03-12", "2026-03-14", "2026-03-20"
CASES = {
    "draft": "2026-03-01",
    "queued": SUBMITTED,
    "sent": SENT,
    "failed": FAILED,
    "answered": ANSWERED,
}


def _before(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "0002")


async def test_the_moment_a_case_came_into_its_state_is_found_in_the_record(tmp_path: Path) -> None:
    engine = connect(f"sqlite+aiosqlite:///{tmp_path / 'assistant.db'}")
    async with engine.begin() as connection:
        await connection.run_sync(_before)
        for key in CASES:
            case = {
                "key": key,
                "submitted": None if key == "draft" else f"{SUBMITTED} 00:00:00.000000",
                "answered": f"{ANSWERED} 00:00:00.000000" if key == "answered" else None,
            }
            await connection.execute(
                text(
                    "INSERT INTO cases (key, state, language, area, created_at, submitted_at, answered_at)"
                    " VALUES (:key, :key, 'en', 'a', '2026-03-01 00:00:00.000000', :submitted, :answered)"
                ),
                case,
            )
            await connection.execute(
                text(
                    "INSERT INTO case_events (case_key, at, state, cause)"
                    " VALUES (:key, :at, :key, CASE :key WHEN 'failed' THEN 'question_bounced' ELSE 'submitted' END)"
                ),
                {"key": key, "at": f"{FAILED if key == 'failed' else SUBMITTED} 00:00:00.000000"},
            )
            await connection.execute(
                text(
                    "INSERT INTO outbox (case_key, kind, language, token, message_id, state, attempts, due_at,"
                    " created_at, sent_at, content) VALUES (:key, 'question', 'en', :key, :key, 'sent', 1, :at, :at,"
                    " :at, x'')"
                ),
                {"key": key, "at": f"{SENT} 00:00:00.000000"},
            )
    await migrate(engine)
    async with engine.connect() as connection:
        rows = (await connection.execute(text("SELECT key, since FROM cases"))).all()
        assert {key: since[:10] for key, since in rows} == CASES
        letters = await connection.scalar(text("SELECT COUNT(*) FROM outbox WHERE tried_at IS NULL"))
        assert letters == len(CASES)
    await engine.dispose()
