"""A preview belongs to one environment and mode: none of paper is executed live."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM preview")  # they live for a minute
    op.add_column("preview", sa.Column("book", sa.String(), nullable=False, server_default=""))
