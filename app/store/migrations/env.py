"""Alembic's way in: `app/store/opening.py` hands it a connection inside a transaction."""

from __future__ import annotations

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    transactional_ddl=True,  # all or nothing, also where we are killed
)
context.run_migrations()
