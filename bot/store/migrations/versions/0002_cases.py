"""Cases and their history, letters out, mail in."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def _case(*, nullable: bool) -> sa.Column:
    return sa.Column("case_key", sa.String(36), sa.ForeignKey("cases.key", ondelete="CASCADE"), nullable=nullable)


def upgrade() -> None:
    """Makes the five tables."""
    op.create_table(
        "cases",
        sa.Column("key", sa.String(36), primary_key=True),
        sa.Column("reference", sa.String(16), unique=True),
        sa.Column("conversation_id", sa.String(36), sa.ForeignKey("conversations.id", ondelete="SET NULL")),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("area", sa.String(60), nullable=False),
        sa.Column("contact", sa.String(60)),
        sa.Column("name", sa.Text),
        sa.Column("email", sa.String(320)),
        sa.Column("member_state", sa.String(2)),
        sa.Column("organisation", sa.Text),
        sa.Column("question", sa.Text),
        sa.Column("consent", sa.Boolean),
        sa.Column("answer_by", sa.Date),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("submitted_at", _TIME),
        sa.Column("reminded_at", _TIME),
        sa.Column("answered_at", _TIME),
    )
    op.create_index("ix_cases_conversation", "cases", ["conversation_id"])
    op.create_index("ix_cases_state", "cases", ["state", "submitted_at"])
    op.create_index("ix_cases_email", "cases", ["email"])
    op.create_table(
        "case_events",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        _case(nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("cause", sa.String(40), nullable=False),
        sa.Column("detail", sa.Text),
    )
    op.create_index("ix_case_events_case", "case_events", ["case_key", "id"])
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        _case(nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("contact", sa.String(60)),
        sa.Column("address", sa.String(320)),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("token", sa.String(32), nullable=False, unique=True),
        sa.Column("message_id", sa.String(200), nullable=False, unique=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("leased_by", sa.String(40)),
        sa.Column("leased_until", _TIME),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("sent_at", _TIME),
        sa.Column("response", sa.Text),
        # Last, so that looking for what is due reads none of it.
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_outbox_due", "outbox", ["state", "due_at"])
    op.create_index("ix_outbox_case", "outbox", ["case_key"])
    op.create_table(
        "inbox",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("fingerprint", sa.String(64), nullable=False, unique=True),
        _case(nullable=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("sender", sa.String(320), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.Column("received_at", _TIME, nullable=False),
    )
    op.create_index("ix_inbox_case", "inbox", ["case_key"])
    op.create_index("ix_inbox_kind", "inbox", ["kind", "received_at"])
    op.create_table(
        "attachments",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("inbox_id", sa.Integer, sa.ForeignKey("inbox.id", ondelete="CASCADE"), nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("media_type", sa.String(200), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
    )
    op.create_index("ix_attachments_inbox_id", "attachments", ["inbox_id"])


def downgrade() -> None:
    """Drops them."""
    for table in ("attachments", "inbox", "outbox", "case_events", "cases"):
        op.drop_table(table)
