"""What SQLite and PostgreSQL say differently: inserts that mind what stands there, and errors."""

from __future__ import annotations

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError


def upsert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An insert with `on_conflict_do_nothing`, `on_conflict_do_update` and `excluded`."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def said(error: SQLAlchemyError) -> str:
    """What the database said, without the statement and its values, on one line."""
    return " ".join(str(getattr(error, "orig", None) or error).split()).rstrip(".")
