"""Runs migrations on the connection that ``bot.storage.migrate`` hands over."""

from __future__ import annotations

from alembic import context

from bot.storage.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=True,
    compare_server_default=True,
    # The distributed engine's own tables are its library's to change.
    include_name=lambda name, kind, _: (
        not (kind == "table" and str(name).startswith("procrastinate_"))
    ),
    render_as_batch=True,  # SQLite cannot change a column in place
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
