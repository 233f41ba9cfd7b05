"""The rows of messages that wait, and of those that were sent or given up."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Text
from sqlmodel import Field, SQLModel


class OutboxRow(SQLModel, table=True):
    """One message for one channel. `message` is JSON; `state`: waiting, sent or given_up; `why` of
    the last failure.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_key", "channel", "key", unique=True),
        Index("ix_outbox_due", "state", "channel", "due_ms"),
    )

    id: int | None = Field(default=None, primary_key=True)
    channel: str
    key: str
    critical: bool
    message: str = Field(sa_column=Column(Text, nullable=False))
    made_ms: int = Field(sa_column=Column(BigInteger, nullable=False))
    due_ms: int = Field(sa_column=Column(BigInteger, nullable=False))
    tries: int
    state: str
    why: str = Field(sa_column=Column(Text, nullable=False))


class SaidRow(SQLModel, table=True):
    """What was told of a group last."""

    __tablename__ = "said"

    group_id: str = Field(primary_key=True)
    episode_id: str
    at_ms: int = Field(sa_column=Column(BigInteger, nullable=False))
    profit: int = Field(sa_column=Column(BigInteger, nullable=False))
