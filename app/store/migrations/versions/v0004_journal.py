"""The journal of hedges, which is only ever added to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "journal",
        sa.Column("book", sa.String(), primary_key=True),
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("sum", sa.String(), nullable=False),
    )
    op.create_table(
        "journal_lease",
        sa.Column("book", sa.String(), primary_key=True),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "preview",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION journal_is_final() RETURNS trigger AS $$ BEGIN "
            "RAISE EXCEPTION 'the journal is only added to'; END $$ LANGUAGE plpgsql"
        )
        op.execute(
            "CREATE TRIGGER journal_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON journal "
            "FOR EACH STATEMENT EXECUTE FUNCTION journal_is_final()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER journal_no_{change.lower()} BEFORE {change} ON journal "
            "BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END"
        )


def downgrade() -> None:
    """Never run: a journal is not unwritten."""
    raise NotImplementedError
