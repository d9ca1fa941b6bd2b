"""The record that staff read: turns, why they ended as they did, what is found and counted of them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MOMENT = sa.BigInteger().with_variant(sa.Integer, "sqlite")


_SEARCH = {
    "sqlite": ["CREATE VIRTUAL TABLE turn_words USING fts5(words, beginnings, tokenize = 'ascii', columnsize = 0)"],
    "postgresql": [
        "CREATE TABLE turn_words (rowid bigint PRIMARY KEY, words tsvector NOT NULL, beginnings tsvector NOT NULL)",
        "CREATE INDEX ix_turn_words ON turn_words USING gin (words, beginnings)",
    ],
}


def _only(condition: str) -> dict[str, sa.TextClause]:
    """That an index has only these rows."""
    return {f"{dialect}_where": sa.text(condition) for dialect in ("sqlite", "postgresql")}


def _turn() -> sa.ForeignKey:
    return sa.ForeignKey("turns.id", ondelete="CASCADE")


def _message() -> sa.ForeignKey:
    return sa.ForeignKey("messages.id", ondelete="CASCADE")


def upgrade() -> None:
    """Makes the tables, and has every turn that was answered before put into the record."""
    op.create_table(
        "turns",
        sa.Column("id", _MOMENT, primary_key=True, autoincrement=False),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("message_id", sa.Integer, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("area", sa.String(60)),
        sa.Column("request", sa.String(120)),
        sa.Column("confidence", sa.Float),
        sa.Column("entry", sa.String(80)),
        sa.Column("model", sa.String(64)),
        sa.Column("milliseconds", sa.Integer),
        sa.Column("pressed", sa.Boolean, nullable=False),
        sa.Column("helpful", sa.Boolean),
        sa.Column("case_reference", sa.String(16)),
        sa.Column("reviewed", sa.Boolean, nullable=False),
        sa.Column("wording", sa.BigInteger, nullable=False),
        # Last, so that what is filtered by is read without them.
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("comment", sa.Text),
    )
    op.create_index("uq_turns_message", "turns", ["conversation_id", "message_id"], unique=True)
    op.create_index("ix_turns_language", "turns", ["language", "outcome", "id"])
    op.create_index("ix_turns_area", "turns", ["area", "outcome", "id"])
    for column in ("outcome", "request", "model", "wording"):
        op.create_index(f"ix_turns_{column}", "turns", [column, "id"])
    op.create_index("ix_turns_helpful", "turns", ["helpful", "id"], **_only("helpful IS NOT NULL"))
    op.create_index("ix_turns_case", "turns", ["id"], **_only("case_reference IS NOT NULL"))
    op.create_index("ix_turns_reviewed", "turns", ["id"], **_only("reviewed"))
    op.create_table(
        "turn_reasons",
        sa.Column("turn_id", _MOMENT, _turn(), primary_key=True),
        sa.Column("seen", sa.JSON, nullable=False),
        sa.Column("told", sa.JSON),
    )
    for table, column, length in (("turn_entries", "entry", 80), ("turn_member_states", "member_state", 2)):
        op.create_table(
            table,
            sa.Column(column, sa.String(length), primary_key=True),
            sa.Column("turn_id", _MOMENT, _turn(), primary_key=True),
            sqlite_with_rowid=False,
        )
        op.create_index(f"ix_{table}_turn", table, ["turn_id"])
    op.create_table(
        "reply_texts",
        sa.Column("id", _MOMENT, primary_key=True, autoincrement=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "day_figures",
        sa.Column("figure", sa.String(20), primary_key=True),
        sa.Column("days", sa.Integer, primary_key=True),
        sa.Column("day", sa.Integer, primary_key=True),
        sa.Column("value", sa.String(150), primary_key=True),
        sa.Column("turns", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table("changed_days", sa.Column("day", sa.Integer, primary_key=True, autoincrement=False))
    op.create_table(
        "turn_changes",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("message_id", sa.Integer, _message(), nullable=False),
    )
    op.create_index("ix_turn_changes_message_id", "turn_changes", ["message_id"])
    op.create_table(
        "turn_events",
        sa.Column("message_id", sa.Integer, _message(), primary_key=True),
        sa.Column("told", sa.JSON, nullable=False),
    )
    op.create_table(
        "personal_data",
        sa.Column(
            "conversation_id", sa.String(36), sa.ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("kind", sa.String(12), primary_key=True),
        sa.Column("value", sa.Text, primary_key=True),
    )
    op.create_index("ix_conversations_created", "conversations", ["created_at"])
    op.create_index("ix_cases_submitted", "cases", ["submitted_at"])
    op.create_index("ix_cases_answered", "cases", ["answered_at"])
    for statement in _SEARCH[op.get_bind().dialect.name]:
        op.execute(statement)
    op.execute("INSERT INTO turn_changes (message_id) SELECT id FROM messages WHERE state = 'answered' ORDER BY id")


def downgrade() -> None:
    """Drops them."""
    op.drop_index("ix_cases_answered", "cases")
    op.drop_index("ix_cases_submitted", "cases")
    op.drop_index("ix_conversations_created", "conversations")
    for table in (
        *("turn_words", "personal_data", "turn_events", "turn_changes", "changed_days", "day_figures", "reply_texts"),
        *("turn_member_states", "turn_entries", "turn_reasons", "turns"),
    ):
        op.drop_table(table)
