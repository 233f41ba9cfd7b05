"""The rows of the journal, of who may write it, and of previews that nobody executed yet."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary, String, Text
from sqlmodel import Field, SQLModel


class JournalRow(SQLModel, table=True):
    """One record (execution.journal.Row). `book`: environment and mode, which never mix. Rows are
    only ever added: a trigger refuses everything else."""

    __tablename__ = "journal"

    book: str = Field(primary_key=True)
    number: int = Field(sa_column=Column(BigInteger, primary_key=True))
    epoch: int = Field(sa_column=Column(BigInteger, nullable=False))
    kind: str
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sum: str


class LeaseRow(SQLModel, table=True):
    """The newest epoch of a book: who took it alone may write there."""

    __tablename__ = "journal_lease"

    book: str = Field(primary_key=True)
    epoch: int = Field(sa_column=Column(BigInteger, nullable=False))


class PreviewRow(SQLModel, table=True):
    """`book`: of which journal a hedge of it would be."""

    __tablename__ = "preview"

    id: str = Field(primary_key=True)
    book: str = Field(sa_column=Column(String(), nullable=False, server_default=""))
    made_ms: int = Field(sa_column=Column(BigInteger, nullable=False))
    plan: str = Field(sa_column=Column(Text, nullable=False))
