"""Contact data, whole letters and the staff's authenticators are sealed, and found by marks."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from bot.store.sealed import MARK_LENGTH, keys_of, opened_text, sealed_text

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TEXTS = {
    "cases": ("name", "email", "organisation"),
    "case_events": ("detail",),
    "outbox": ("address", "response"),
    "inbox": ("sender", "subject", "why"),
    "staff": ("totp_secret",),
}
_BYTES = {"outbox": ("content",), "inbox": ("raw",)}
_MARKED = {"cases": "email", "outbox": "address", "inbox": "sender"}
_NARROW = {"cases": ("email", 320), "outbox": ("address", 320), "inbox": ("sender", 320), "staff": ("totp_secret", 64)}
_KEY = {"cases": "key"}
"""What rows are told apart by, where it is not their id."""
BATCH = 500
"""Rows in memory at a time."""


def upgrade() -> None:
    """Seals what there is, and makes the marks."""
    op.create_table("contact_keys", sa.Column("id", sa.String(8), primary_key=True))
    op.drop_index("ix_cases_email", table_name="cases")
    _widths(wide=True)
    for table, column in _MARKED.items():
        op.add_column(table, sa.Column(f"{column}_mark", sa.String(MARK_LENGTH)))
        op.create_index(f"ix_{table}_{column}_mark", table, [f"{column}_mark"])
    for table in _TEXTS:
        _rewrite(table, seal=True)
    rows = op.get_bind().execute(sa.text("SELECT conversation_id, kind, value FROM personal_data")).all()
    op.drop_table("personal_data")
    keys = keys_of(op.get_bind().dialect)
    made = op.create_table(
        "personal_data",
        sa.Column("conversation_id", sa.String(36), _conversation(), primary_key=True),
        sa.Column("kind", sa.String(12), primary_key=True),
        sa.Column("mark", sa.String(MARK_LENGTH), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    told = {(conversation, kind, keys.mark(value)): value for conversation, kind, value in rows}
    _insert(
        made,
        [
            {"conversation_id": c, "kind": k, "mark": m, "value": sealed_text(keys, value, "personal_data.value")}
            for (c, k, m), value in told.items()
        ],
    )


def downgrade() -> None:
    """Opens it again."""
    keys = keys_of(op.get_bind().dialect)
    rows = op.get_bind().execute(sa.text("SELECT conversation_id, kind, value FROM personal_data")).all()
    op.drop_table("personal_data")
    made = op.create_table(
        "personal_data",
        sa.Column("conversation_id", sa.String(36), _conversation(), primary_key=True),
        sa.Column("kind", sa.String(12), primary_key=True),
        sa.Column("value", sa.Text, primary_key=True),
    )
    told = {(c, k, opened_text(keys, value, "personal_data.value")) for c, k, value in rows}
    _insert(made, [{"conversation_id": c, "kind": k, "value": value} for c, k, value in told])
    for table in _TEXTS:
        _rewrite(table, seal=False)
    for table, column in _MARKED.items():
        op.drop_index(f"ix_{table}_{column}_mark", table_name=table)
        op.drop_column(table, f"{column}_mark")
    _widths(wide=False)
    op.create_index("ix_cases_email", "cases", ["email"])
    op.drop_table("contact_keys")


def _conversation() -> sa.ForeignKey:
    return sa.ForeignKey("conversations.id", ondelete="CASCADE")


def _insert(table: sa.Table, rows: Sequence[dict[str, str]]) -> None:
    if rows:
        op.bulk_insert(table, list(rows))


def _widths(*, wide: bool) -> None:
    """What is sealed is longer; SQLite holds no text to its width, and would make the table anew."""
    if op.get_bind().dialect.name == "sqlite":
        return
    for table, (column, width) in _NARROW.items():
        narrow = sa.String(width)
        op.alter_column(table, column, type_=sa.Text() if wide else narrow, existing_type=narrow if wide else sa.Text())


def _rewrite(table: str, *, seal: bool) -> None:
    """Seals or opens the columns of every row."""
    connection, key = op.get_bind(), _KEY.get(table, "id")
    keys = keys_of(connection.dialect)
    texts, byte_columns, marked = _TEXTS[table], _BYTES.get(table, ()), _MARKED.get(table)
    columns = [*texts, *byte_columns]
    rows = sa.table(table, *(sa.column(name) for name in (key, *columns, *([f"{marked}_mark"] if marked else []))))
    ids = connection.execute(sa.select(rows.c[key]).order_by(rows.c[key])).scalars().all()
    for start in range(0, len(ids), BATCH):
        some = connection.execute(
            sa.select(rows.c[key], *(rows.c[name] for name in columns)).where(
                rows.c[key].in_(ids[start : start + BATCH])
            )
        ).mappings()
        for row in some.all():
            values: dict[str, object] = {}
            for name in texts:
                if row[name] is not None:
                    change = sealed_text if seal else opened_text
                    values[name] = change(keys, row[name], f"{table}.{name}")
            for name in byte_columns:
                if row[name]:
                    turn = keys.seal if seal else keys.open
                    values[name] = turn(bytes(row[name]), f"{table}.{name}")
            if seal and marked and row[marked] is not None:
                values[f"{marked}_mark"] = keys.mark(row[marked])
            if values:
                connection.execute(sa.update(rows).where(rows.c[key] == row[key]).values(values))
