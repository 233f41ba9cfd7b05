"""The pair book: pairs, their history and texts, markets seen, near-misses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_pairs()
    _make_markets()


def _make_pairs() -> None:
    op.create_table(
        "pairs",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("kalshi", sa.String(), nullable=False),
        sa.Column("polymarket", sa.String(), nullable=False),
        sa.Column("kalshi_title", sa.Text(), nullable=False),
        sa.Column("polymarket_title", sa.Text(), nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("assumed", sa.Text(), nullable=False),
        sa.Column("divergences", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("kalshi_text", sa.String(), nullable=False),
        sa.Column("polymarket_text", sa.String(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
    )
    for name in ("kalshi", "polymarket", "state"):
        op.create_index(f"ix_pairs_{name}", "pairs", [name])
    op.create_table(
        "pair_history",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("pair_id", sa.String(), sa.ForeignKey("pairs.id"), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.Text(), nullable=False),
    )
    op.create_index("ix_pair_history_pair_id", "pair_history", ["pair_id"])
    op.create_table(
        "pair_texts",
        sa.Column("venue", sa.String(), primary_key=True),
        sa.Column("market", sa.String(), primary_key=True),
        sa.Column("text_hash", sa.String(), primary_key=True),
        sa.Column("listing", sa.Text(), nullable=False),
    )


def _make_markets() -> None:
    op.create_table(
        "catalogues",
        sa.Column("venue", sa.String(), primary_key=True),
        sa.Column("seen_ms", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "listings",
        sa.Column("venue", sa.String(), primary_key=True),
        sa.Column("market", sa.String(), primary_key=True),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("seen_ms", sa.BigInteger(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("listing", sa.Text(), nullable=False),
    )
    op.create_table(
        "near_misses",
        sa.Column("kalshi", sa.String(), primary_key=True),
        sa.Column("polymarket", sa.String(), primary_key=True),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_near_misses_order", "near_misses", ["score", "at_ms"])


def downgrade() -> None:
    """Never run: a decision of a person is not thrown away."""
    raise NotImplementedError
