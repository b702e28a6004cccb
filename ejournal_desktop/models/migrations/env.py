"""Run migrations on the connection that `database.py` hands over; there is no other way to run them."""

from __future__ import annotations

from alembic import context

from ejournal_desktop.models.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
