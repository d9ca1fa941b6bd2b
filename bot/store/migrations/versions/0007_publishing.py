"""Changes to the content, versions of what is published, and trainings."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_OPEN = sa.text("state IN ('draft', 'staged')")
_RUNNING = sa.text("state = 'running'")


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "content_changes",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("because", sa.Text),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("ended_by", sa.String(200)),
        sa.Column("ended_at", _TIME),
    )
    op.create_index(
        "uq_content_changes_open",
        "content_changes",
        ["digest"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index("ix_content_changes_state", "content_changes", ["state", "id"])
    op.create_table(
        "content_versions",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("changes", sa.JSON, nullable=False),
        sa.Column("model", sa.String(100), nullable=False),
        sa.Column("content", sa.String(100), nullable=False),
        sa.Column("base", sa.String(16), nullable=False),
        sa.Column("before", sa.Integer, sa.ForeignKey("content_versions.id", ondelete="SET NULL")),
        sa.Column("restores", sa.Integer, sa.ForeignKey("content_versions.id", ondelete="SET NULL")),
        sa.Column("job", sa.Integer),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("problem", sa.Text),
    )
    op.create_index("ix_content_versions_state", "content_versions", ["state", "id"])
    op.create_table(
        "train_jobs",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("step", sa.String(12), nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("changes", sa.JSON, nullable=False),
        sa.Column("old_model", sa.String(100), nullable=False),
        sa.Column("version", sa.Integer),
        sa.Column("model", sa.String(100)),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME),
        sa.Column("problem", sa.Text),
        sa.Column("result", sa.JSON),
    )
    op.create_index(
        "uq_train_jobs_running", "train_jobs", ["state"], unique=True, sqlite_where=_RUNNING, postgresql_where=_RUNNING
    )


def downgrade() -> None:
    """Drops them."""
    for table in ("train_jobs", "content_versions", "content_changes"):
        op.drop_table(table)
