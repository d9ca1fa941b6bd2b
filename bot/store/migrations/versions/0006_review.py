"""The review queue: distinct texts, why they are looked at, and what was decided."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def _only(condition: str) -> dict[str, sa.TextClause]:
    """That an index has only these rows."""
    return {f"{dialect}_where": sa.text(condition) for dialect in ("sqlite", "postgresql")}


def _item() -> sa.ForeignKey:
    return sa.ForeignKey("review_items.id", ondelete="CASCADE")


def upgrade() -> None:
    """Makes the tables, and has every turn of the record taken into the queue."""
    op.create_table(
        "review_arrivals",
        sa.Column("turn_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "review_items",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("wording", sa.BigInteger, nullable=False),
        sa.Column("turn_id", sa.BigInteger, sa.ForeignKey("turns.id", ondelete="SET NULL")),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("area", sa.String(60)),
        sa.Column("request", sa.String(120)),
        sa.Column("group_id", sa.Integer),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("rank", sa.Integer),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("verdict", sa.String(20)),
        sa.Column("target", sa.String(80)),
        sa.Column("settled_at", _TIME),
        sa.Column("judged_outcome", sa.String(20)),
        sa.Column("judged_entry", sa.String(80)),
        sa.Column("judged_model", sa.String(64)),
        sa.Column("change_id", sa.Integer),
        sa.Column("staging_due", sa.Boolean, nullable=False),
        sa.UniqueConstraint("language", "wording", name="uq_review_items_text"),
    )
    in_order = ("rank", sa.text("times DESC"), sa.text("last DESC"), "id")
    op.create_index("ix_review_items_queue", "review_items", [*in_order])
    op.create_index("ix_review_items_language", "review_items", ["language", *in_order])
    op.create_index("ix_review_items_area", "review_items", ["area", *in_order])
    op.create_index("ix_review_items_group", "review_items", ["group_id", *in_order])
    op.create_index("ix_review_items_leaders", "review_items", ["language", "request", "group_id"])
    op.create_index("ix_review_items_turn_id", "review_items", ["turn_id"])
    op.create_index("ix_review_items_settled", "review_items", ["settled_at"], **_only("settled_at IS NOT NULL"))
    op.create_index("ix_review_items_due", "review_items", ["id"], **_only("staging_due"))
    op.create_table(
        "review_turns",
        sa.Column("turn_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("item_id", sa.Integer, _item(), nullable=False),
        sa.Column("reasons", sa.Integer, nullable=False),
        sa.Column("sampled", sa.Boolean, nullable=False),
        sa.Column("right", sa.Boolean),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_review_turns_item", "review_turns", ["item_id", "turn_id"])
    op.create_index("ix_review_turns_sampled", "review_turns", ["turn_id", "right"], **_only("sampled"))
    op.create_table(
        "review_reasons",
        sa.Column("reason", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("item_id", sa.Integer, _item(), primary_key=True),
        sa.Column("turns", sa.Integer, nullable=False),
        sa.Column("rank", sa.Integer),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_review_reasons_item", "review_reasons", ["item_id"])
    op.create_index("ix_review_reasons_queue", "review_reasons", ["reason", *in_order[:3], "item_id"])
    op.create_table(
        "review_decisions",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("item_id", sa.Integer, _item(), nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("author_id", sa.Integer, sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("turn_id", sa.BigInteger, nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("target", sa.String(80)),
        sa.Column("comment", sa.Text),
        sa.Column("resolves", sa.Boolean, nullable=False),
        sa.Column("batch", sa.String(32), nullable=False),
        sa.Column("ended_at", _TIME),
        sa.Column("ended", sa.String(10)),
    )
    op.create_index("ix_review_decisions_item", "review_decisions", ["item_id", "author_id"])
    op.create_index("ix_review_decisions_author", "review_decisions", ["author_id", "id"])
    op.execute("INSERT INTO review_arrivals (turn_id) SELECT id FROM turns")


def downgrade() -> None:
    """Drops them."""
    for table in ("review_decisions", "review_reasons", "review_turns", "review_items", "review_arrivals"):
        op.drop_table(table)
