"""Several machines: who lives, who does what, who answers which message; and where the engines leave their events."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Makes the tables, and columns. In PostgreSQL the engines share the two tables that are files elsewhere."""
    op.create_table(
        "nodes", sa.Column("id", sa.String(36), primary_key=True), sa.Column("seen_at", _TIME, nullable=False)
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("holder", sa.String(36), nullable=False),
        sa.Column("until", _TIME, nullable=False),
    )
    for table in ("messages", "content_versions", "train_jobs"):
        op.add_column(table, sa.Column("node", sa.String(36)))
    if op.get_bind().dialect.name != "postgresql":
        return
    op.create_table(
        "spooled_events",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=True),
        sa.Column("sender_id", sa.String(255), index=True),
        sa.Column("data", sa.Text),
    )
    # As Rasa's tracker store makes it; here, so that engines that start at once do not make it at once.
    op.execute("CREATE SEQUENCE events_seq")
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, primary_key=True, server_default=sa.text("nextval('events_seq')")),
        sa.Column("sender_id", sa.String(255), nullable=False, index=True),
        sa.Column("type_name", sa.String(255), nullable=False),
        sa.Column("timestamp", sa.Float),
        sa.Column("intent_name", sa.String(255)),
        sa.Column("action_name", sa.String(255)),
        sa.Column("data", sa.Text),
    )


def downgrade() -> None:
    """Drops them."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_table("events")
        op.execute("DROP SEQUENCE events_seq")
        op.drop_table("spooled_events")
    for table in ("train_jobs", "content_versions", "messages"):
        op.drop_column(table, "node")
    for table in ("leases", "nodes"):
        op.drop_table(table)
