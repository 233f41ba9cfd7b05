"""The rows of what happened: episodes with snapshots, runs of jobs, what markets were like.

As in tables.py: UTC epoch milliseconds, JSON texts, money in micros, and only what SQLite and
PostgreSQL share.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Text, text
from sqlmodel import Field, SQLModel

RUNNING: Final = "state = 'running'"


def _text() -> Column[str]:
    return Column(Text, nullable=False)


def _big() -> Column[int]:
    return Column(BigInteger, nullable=False)


def _big_or_null() -> Column[int]:
    return Column(BigInteger, nullable=True)


class EpisodeRow(SQLModel, table=True):
    """An episode as `node` told it last; `ended_ms` is null while it lasts."""

    __tablename__ = "episodes"

    id: str = Field(primary_key=True)
    pair_id: str = Field(index=True)
    node: str
    first_ms: int = Field(sa_column=Column(BigInteger, nullable=False, index=True))
    last_ms: int = Field(sa_column=_big())
    ended_ms: int | None = Field(sa_column=_big_or_null())
    ended_by: str | None
    best_profit: int = Field(sa_column=_big())
    best_quantity: int = Field(sa_column=_big())
    best_outlay: int = Field(sa_column=_big())
    best_edge_bps: int = Field(sa_column=_big())
    best_seen_ms: int = Field(sa_column=_big())
    last_profit: int = Field(sa_column=_big())
    last_quantity: int = Field(sa_column=_big())
    last_outlay: int = Field(sa_column=_big())
    last_edge_bps: int = Field(sa_column=_big())
    half_life_ms: int | None = Field(sa_column=_big_or_null())
    was_good: bool
    best: str = Field(sa_column=_text())
    last: str = Field(sa_column=_text())
    proof: str = Field(sa_column=_text())


class SnapshotRow(SQLModel, table=True):
    """What an episode was made of when it changed: both YES books whole, null where unknown."""

    __tablename__ = "snapshots"

    id: int | None = Field(default=None, primary_key=True)
    episode_id: str = Field(sa_column=Column(ForeignKey("episodes.id"), nullable=False, index=True))
    ts_ms: int = Field(sa_column=_big())
    happened: str
    opportunity: str = Field(sa_column=_text())
    books: str = Field(sa_column=_text())
    one_age_ms: int | None = Field(sa_column=_big_or_null())
    two_age_ms: int | None = Field(sa_column=_big_or_null())


class JobRunRow(SQLModel, table=True):
    """A slot of a job. Of one job, one row runs at a time, whatever the nodes think."""

    __tablename__ = "job_runs"
    __table_args__ = (
        Index(
            "ix_job_runs_running",
            "job",
            unique=True,
            sqlite_where=text(RUNNING),
            postgresql_where=text(RUNNING),
        ),
    )

    job: str = Field(primary_key=True)
    slot_ms: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    node: str
    state: str
    attempt: int
    started_ms: int | None = Field(sa_column=_big_or_null())
    ended_ms: int | None = Field(sa_column=_big_or_null())
    note: str = Field(sa_column=_text())


class NearMissCountRow(SQLModel, table=True):
    """How often pairs stopped at a gate in the hour that begins at `ts_ms`."""

    __tablename__ = "near_miss_counts"

    ts_ms: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    reason: str = Field(primary_key=True)
    count: int = Field(sa_column=_big())


class MetadataRow(SQLModel, table=True):
    """What a market's orders must keep to, from `seen_ms` on; a row only where that changed."""

    __tablename__ = "metadata_versions"

    venue: str = Field(primary_key=True)
    market: str = Field(primary_key=True)
    seen_ms: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    digest: str
    text: str = Field(sa_column=_text())
