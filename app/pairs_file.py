"""Pairs from a CSV, JSON or YAML file; a bad row is named by its line.

Every value is read as the text that stands in the file, so a price or a rate is never a float.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from app.problem import Exit, Problem
from matching.pairs import MarketKey, Pair, Relation
from venues.money import price, quantity

Row = dict[str, str]


def _decimal(value: object) -> Decimal:
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        raise ValueError("is not a number") from None
    if not found.is_finite() or found < 0:
        raise ValueError("is not a number of 0 or more")
    return found


def _day(value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError("is not a date like 2026-07-19") from None


Rate = Annotated[Decimal, BeforeValidator(_decimal)]
Day = Annotated[date, BeforeValidator(_day)]
Step = Annotated[int, BeforeValidator(lambda value: price(str(value))), Field(gt=0)]
Size = Annotated[int, BeforeValidator(lambda value: quantity(str(value)))]


class PairRow(BaseModel):
    """One pair. What follows `relation` replaces the venue's own facts, or stands in for them.

    Ticks and rates in dollars, sizes in contracts, a date as 2026-07-19. A Kalshi fee that is
    named is rate × multiplier; the one left out is 0.07, or 1. The two texts are hashes of those
    that a person approved, as `pairs export` writes them; only `pairs import` asks for them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    pair_id: str = Field(min_length=1)
    kalshi: str = Field(min_length=1)
    polymarket: str = Field(min_length=1)
    relation: Literal[Relation.SAME, Relation.INVERTED]
    kalshi_tick: Step | None = None
    kalshi_fee_rate: Rate | None = None
    kalshi_fee_multiplier: Rate | None = None
    polymarket_tick: Step | None = None
    polymarket_fee_rate: Rate | None = None
    polymarket_min_size: Size | None = None
    payout_date: Day | None = None
    category: str | None = None
    kalshi_text: str | None = None
    polymarket_text: str | None = None

    @property
    def payout_at(self) -> datetime | None:
        found = self.payout_date
        return datetime(found.year, found.month, found.day, tzinfo=UTC) if found else None

    def pair(self, *, kalshi: str | None = None, polymarket: str | None = None) -> Pair:
        """The pair, with the names that a person typed replaced by the venues' own ids."""
        return Pair(
            self.pair_id,
            MarketKey("kalshi", kalshi or self.kalshi),
            MarketKey("polymarket", polymarket or self.polymarket),
            self.relation,
        )


def load_pairs(path: Path) -> tuple[PairRow, ...]:
    """The rows of a pairs file. Raises Problem (bad file) naming the line and what to mend."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(Exit.BAD_FILE, f"The pairs file {path} cannot be read: {error}.") from None
    rows = _csv_rows(path, text) if path.suffix.lower() == ".csv" else _yaml_rows(path, text)
    found, seen = [], dict[str, int]()
    for line, row in rows:
        checked = _checked(path, line, row)
        if checked.pair_id in seen:
            first = seen[checked.pair_id]
            raise _bad(path, line, f"pair_id {checked.pair_id!r} already stands in line {first}")
        seen[checked.pair_id] = line
        found.append(checked)
    if not found:
        raise Problem(Exit.BAD_FILE, f"The pairs file {path} holds no pair.")
    return tuple(found)


def _checked(path: Path, line: int, row: Row) -> PairRow:
    try:
        return PairRow.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "row"
        raise _bad(path, line, f"{field}: {_plain(first['type'], first['msg'])}") from None


def _plain(kind: str, message: str) -> str:
    known = ", ".join(PairRow.model_fields)
    return {
        "missing": "is missing",
        "extra_forbidden": f"no such field; the fields are {known}",
    }.get(kind, message.removeprefix("Value error, "))


def _bad(path: Path, line: int, what: str) -> Problem:
    return Problem(Exit.BAD_FILE, f"{path}, line {line}: {what}. Mend that line and try again.")


def _csv_rows(path: Path, text: str) -> Iterator[tuple[int, Row]]:
    reader = csv.reader(io.StringIO(text, newline=""))
    names: list[str] = []
    try:
        for cells in reader:
            row = [cell.strip() for cell in cells]
            if not any(row):
                continue
            if names:
                more = ["too many cells"] * (len(row) - len(names))
                line = reader.line_num
                yield line, _row(path, line, zip(names + more, row, strict=False))
            else:
                names = row
    except csv.Error as error:
        raise _bad(path, reader.line_num, str(error)) from None


def _yaml_rows(path: Path, text: str) -> Iterable[tuple[int, Row]]:
    """JSON is YAML, so one reader serves both and knows each row's line."""
    try:
        root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise _bad(path, line, "is neither JSON nor YAML") from None
    if not isinstance(root, yaml.SequenceNode):
        raise _bad(path, 1, "a list of pairs is expected")
    rows = []
    for node in root.value:
        line = node.start_mark.line + 1
        if not isinstance(node, yaml.MappingNode):
            raise _bad(path, line, "a pair with named fields is expected")
        pairs = ((_scalar(path, key), _scalar(path, value)) for key, value in node.value)
        rows.append((line, _row(path, line, pairs)))
    return rows


def _row(path: Path, line: int, pairs: Iterable[tuple[str, str]]) -> Row:
    """The fields that are not empty, each at most once."""
    row: Row = {}
    for name, value in pairs:
        if name in row:
            raise _bad(path, line, f"{name} stands there twice")
        if value:
            row[name] = value
    return row


def _scalar(path: Path, node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise _bad(path, node.start_mark.line + 1, "a plain value is expected")
    return "" if node.tag == "tag:yaml.org,2002:null" else str(node.value)
