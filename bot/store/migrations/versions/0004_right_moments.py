"""Since when a case is in its state, and since when a letter is tried."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)

_SENT = "SELECT MAX(outbox.sent_at) FROM outbox WHERE outbox.case_key = cases.key AND outbox.kind = 'question'"
_EVENT = "SELECT MAX(case_events.at) FROM case_events WHERE case_events.case_key = cases.key"
_FAILED = f"{_EVENT} AND case_events.cause IN ('question_failed', 'question_bounced')"


def upgrade() -> None:
    """Adds both, the former with what the record says of it."""
    # A default, since no row may be without; and a new table in its place would take the rows that refer to it along.
    op.add_column("cases", sa.Column("since", _TIME, nullable=False, server_default="1970-01-01 00:00:00"))
    op.execute(
        f"""
        UPDATE cases SET since = COALESCE(
            CASE state
                WHEN 'sent' THEN ({_SENT})
                WHEN 'failed' THEN ({_FAILED})
                WHEN 'answered' THEN answered_at
                WHEN 'draft' THEN created_at
                ELSE ({_EVENT})
            END,
            submitted_at,
            created_at
        )
        """  # noqa: S608 - of our own constants
    )
    op.add_column("outbox", sa.Column("tried_at", _TIME))


def downgrade() -> None:
    """Drops them."""
    op.drop_column("outbox", "tried_at")
    op.drop_column("cases", "since")
