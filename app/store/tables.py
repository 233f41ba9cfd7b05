"""The rows of the store. Times are UTC epoch milliseconds; lists are JSON texts.

Only types and constraints that SQLite and PostgreSQL share.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Text
from sqlmodel import Field, SQLModel


def _text() -> Column[str]:
    return Column(Text, nullable=False)


def _ms() -> Column[int]:
    return Column(BigInteger, nullable=False)


class KeptRow(SQLModel, table=True):
    """A pair as it stands. `decision`: JSON of what a person decided on, "" before that."""

    __tablename__ = "pairs"

    id: str = Field(primary_key=True)
    kalshi: str = Field(index=True)
    polymarket: str = Field(index=True)
    kalshi_title: str = Field(sa_column=_text())
    polymarket_title: str = Field(sa_column=_text())
    relation: str
    verdict: str
    score: float
    assumed: str = Field(sa_column=_text())
    divergences: str = Field(sa_column=_text())
    state: str = Field(index=True)
    by: str
    at_ms: int = Field(sa_column=_ms())
    note: str = Field(sa_column=_text())
    kalshi_text: str
    polymarket_text: str
    decision: str = Field(sa_column=_text())


class StepRow(SQLModel, table=True):
    """One change of a pair; `kept` is the pair after it, as JSON. Rows are only ever added."""

    __tablename__ = "pair_history"

    id: int | None = Field(default=None, primary_key=True)
    pair_id: str = Field(sa_column=Column(ForeignKey("pairs.id"), nullable=False, index=True))
    at_ms: int = Field(sa_column=_ms())
    kept: str = Field(sa_column=_text())


class TextRow(SQLModel, table=True):
    """A market's text that once went with a pair. Rows are only ever added."""

    __tablename__ = "pair_texts"

    venue: str = Field(primary_key=True)
    market: str = Field(primary_key=True)
    text_hash: str = Field(primary_key=True)
    listing: str = Field(sa_column=_text())


class CatalogueRow(SQLModel, table=True):
    """When a venue's whole catalogue was last seen."""

    __tablename__ = "catalogues"

    venue: str = Field(primary_key=True)
    seen_ms: int = Field(sa_column=_ms())


class ListingRow(SQLModel, table=True):
    """A market as it was last seen. `gone`: its venue's catalogue no longer has it.

    `digest` is of the whole listing, `text_hash` of what a decision is bound to. `seen_ms`: when it
    became what it is, and of one that is gone when it was last there. One that is here was last
    seen with its catalogue, so that seeing it unchanged writes nothing.
    """

    __tablename__ = "listings"

    venue: str = Field(primary_key=True)
    market: str = Field(primary_key=True)
    text_hash: str
    digest: str
    seen_ms: int = Field(sa_column=_ms())
    gone: bool
    listing: str = Field(sa_column=_text())


class NearMissRow(SQLModel, table=True):
    """Two markets that are nearly the same."""

    __tablename__ = "near_misses"
    __table_args__ = (Index("ix_near_misses_order", "score", "at_ms"),)

    kalshi: str = Field(primary_key=True)
    polymarket: str = Field(primary_key=True)
    relation: str
    verdict: str
    score: float
    reasons: str = Field(sa_column=_text())
    at_ms: int = Field(sa_column=_ms())
