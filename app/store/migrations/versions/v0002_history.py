"""What happened: episodes, snapshots, runs of jobs, near-misses counted, metadata of markets."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_episodes()
    _make_snapshots()
    _make_job_runs()
    _make_counts()


def _make_episodes() -> None:
    op.create_table(
        "episodes",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("pair_id", sa.String(), nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        _big("first_ms"),
        _big("last_ms"),
        _big("ended_ms", nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        *(_big(f"best_{name}") for name in ("profit", "quantity", "outlay", "edge_bps", "seen_ms")),
        *(_big(f"last_{name}") for name in ("profit", "quantity", "outlay", "edge_bps")),
        _big("half_life_ms", nullable=True),
        sa.Column("was_good", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("best", "last", "proof")),
    )
    for name in ("pair_id", "first_ms"):
        op.create_index(f"ix_episodes_{name}", "episodes", [name])


def _make_snapshots() -> None:
    op.create_table(
        "snapshots",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("episode_id", sa.String(), sa.ForeignKey("episodes.id"), nullable=False),
        _big("ts_ms"),
        sa.Column("happened", sa.String(), nullable=False),
        sa.Column("opportunity", sa.Text(), nullable=False),
        sa.Column("books", sa.Text(), nullable=False),
        _big("one_age_ms", nullable=True),
        _big("two_age_ms", nullable=True),
    )
    op.create_index("ix_snapshots_episode_id", "snapshots", ["episode_id"])


def _make_job_runs() -> None:
    op.create_table(
        "job_runs",
        sa.Column("job", sa.String(), primary_key=True),
        _big("slot_ms", primary_key=True, autoincrement=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        _big("started_ms", nullable=True),
        _big("ended_ms", nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
    )
    running = sa.text("state = 'running'")
    op.create_index(
        "ix_job_runs_running",
        "job_runs",
        ["job"],
        unique=True,
        sqlite_where=running,
        postgresql_where=running,
    )


def _make_counts() -> None:
    op.create_table(
        "near_miss_counts",
        _big("ts_ms", primary_key=True, autoincrement=False),
        sa.Column("reason", sa.String(), primary_key=True),
        _big("count"),
    )
    op.create_table(
        "metadata_versions",
        sa.Column("venue", sa.String(), primary_key=True),
        sa.Column("market", sa.String(), primary_key=True),
        _big("seen_ms", primary_key=True, autoincrement=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
    )


def _big(name: str, *, nullable: bool = False, **more: Any) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable, **more)


def downgrade() -> None:
    """Never run: what happened is not thrown away."""
    raise NotImplementedError
