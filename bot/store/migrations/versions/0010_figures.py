"""All turns of a day as a figure of its own, and an index of what was answered with low confidence."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_UNSURE = sa.text("confidence <= 0.5")


def upgrade() -> None:
    """Sums what is counted by language, which every turn has."""
    op.execute(
        "INSERT INTO day_figures (figure, days, day, value, turns)"
        " SELECT 'turns', days, day, '', sum(turns) FROM day_figures WHERE figure = 'language' GROUP BY days, day"
    )
    op.create_index("ix_turns_unsure", "turns", ["id", "confidence"], sqlite_where=_UNSURE, postgresql_where=_UNSURE)


def downgrade() -> None:
    """Drops both."""
    op.drop_index("ix_turns_unsure", "turns")
    op.execute("DELETE FROM day_figures WHERE figure = 'turns'")
