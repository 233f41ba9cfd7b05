"""Previews that nobody executed yet: another process may be asked to."""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter
from sqlalchemy import Engine, Table, delete, insert, select
from sqlmodel import SQLModel

from app.store.tables_journal import PreviewRow
from execution.plan import HedgePlan

_PREVIEWS: Final[Table] = SQLModel.metadata.tables[PreviewRow.__tablename__]
_PLAN: Final = TypeAdapter(HedgePlan)
KEPT_MS: Final = 3_600_000


class Previews:
    """Of one environment and mode."""

    def __init__(self, engine: Engine, book: str) -> None:
        self._engine = engine
        self._book = book

    def keep(self, plan: HedgePlan) -> None:
        """Those of an hour ago go."""
        old = delete(_PREVIEWS).where(_PREVIEWS.c.made_ms < plan.made_ms - KEPT_MS)
        row = {
            "id": plan.id,
            "book": self._book,
            "made_ms": plan.made_ms,
            "plan": _PLAN.dump_json(plan).decode(),
        }
        with self._engine.begin() as connection:
            connection.execute(old)
            connection.execute(insert(_PREVIEWS).values(row))

    def find(self, id: str) -> HedgePlan | None:
        with self._engine.begin() as connection:
            mine = _PREVIEWS.c.book == self._book
            found = connection.execute(
                select(_PREVIEWS.c.plan).where(_PREVIEWS.c.id == id, mine)
            ).scalar()
        return _PLAN.validate_json(found) if found else None
