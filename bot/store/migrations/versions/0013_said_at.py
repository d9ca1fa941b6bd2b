"""When something was said last in a conversation: what comes next gets a later time, whatever the clock says."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Empty for the conversations there are: theirs is the time of their last reply."""
    op.add_column("conversations", sa.Column("said_at", sa.DateTime(timezone=True)))
    op.execute(
        "UPDATE conversations SET said_at ="
        " (SELECT max(created_at) FROM replies WHERE replies.conversation_id = conversations.id)"
    )


def downgrade() -> None:
    """Drops the column."""
    op.drop_column("conversations", "said_at")
