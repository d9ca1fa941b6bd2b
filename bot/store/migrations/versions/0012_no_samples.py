"""PostgreSQL keeps no samples of what people wrote: its statistics would hold them after the rows are erased."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_WRITTEN = {
    "messages": ("text",),
    "feedback": ("comment",),
    "turns": ("text", "comment"),
    "review_decisions": ("comment",),
    "cases": ("question",),
    "inbox": ("text",),
    "attachments": ("name",),
    "train_jobs": ("problem",),
    "events": ("data",),
    "spooled_events": ("data",),
}
"""What is sealed, hashed or JSON leaves no readable sample: PostgreSQL takes none of types that it cannot sort."""


def upgrade() -> None:
    """Ends the samples, and drops those there are: the server does that where a column's type is set, even anew."""
    for table, column in _columns():
        # No row is written for it, since the type is the same.
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE text")
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")


def downgrade() -> None:
    """Has the server sample them again."""
    for table, column in _columns():
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS -1")


def _columns() -> list[tuple[str, str]]:
    if op.get_bind().dialect.name != "postgresql":
        return []
    return [(table, column) for table, columns in _WRITTEN.items() for column in columns]
