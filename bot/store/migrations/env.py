"""Alembic's entry: runs the migrations on the connection that `bot.store.database` hands over."""

from alembic import context

from bot.store import (  # noqa: F401 - every table must be known
    case_tables,
    node_tables,
    publishing_tables,
    record_tables,
    review_tables,
    staff_tables,
)
from bot.store.tables import Table

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Table.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
