"""`dutchbook pairs evaluate`: decides labelled pairs and measures how well."""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from rich.table import Table

from app.cli import console, emit
from app.problem import Exit, Problem
from matching.evaluate import scored, summary
from matching.judge import judge
from matching.read import listing_from_row
from matching.verdict import Judgement
from venues import SystemClock


def run(file: Path, decisions: Path | None, *, as_json: bool) -> Exit:
    """Prints the measures, or what was decided where there is no label to measure by."""
    measured = evaluate(file, decisions)
    if as_json:
        emit(measured)
        return Exit.DONE
    out = console()
    out.print(
        f"{measured['rows']:,} rows in {measured['seconds']:.1f} s, {measured['peak_mb']:,.0f} MB;"
        f" {measured['scored']:,} with a label that counts."
    )
    if "families" in measured:
        _print(measured)
    if decisions is not None:
        out.print(f"What was decided of each is in {decisions}.")
    return Exit.DONE


def _print(measured: dict[str, Any]) -> None:
    table = Table("family", *(name for name, _ in _COLUMNS))
    for family, values in [*measured["families"].items(), ("all", measured)]:
        table.add_row(family, *(_cell(values, path) for _, path in _COLUMNS))
    console().print(table)


_COLUMNS: Final = (
    ("rows", "scored"),
    ("accepted", "accept.n"),
    ("precision", "accept.precision"),
    ("recall", "accept.recall"),
    ("wrong way", "direction_errors"),
    ("macro F1", "macro_f1"),
    ("review", "review_share"),
    ("ECE", "ece"),
)


def _cell(values: dict[str, Any], path: str) -> str:
    found: Any = values
    for name in path.split("."):
        found = found[name]
    return "" if found is None else f"{found:.3f}" if isinstance(found, float) else f"{found:,}"


def evaluate(file: Path, decisions: Path | None) -> dict[str, Any]:
    """The summary of contracts "dutchbook.evaluate/1"; writes a line per row to `decisions`."""
    clock = SystemClock()
    started_ns = clock.monotonic_ns()
    rows = list(_rows(file))
    decided = [(row, judge(*_listings(file, line, row))) for line, row in rows]
    if decisions is not None:
        _write(decisions, decided)
    labelled = scored(decided)
    return {
        "schema": "dutchbook.evaluate/1",
        "rows": len(rows),
        "scored": len(labelled),
        "seconds": round((clock.monotonic_ns() - started_ns) / 1e9, 3),
        "peak_mb": peak_mb(),
        **({} if not labelled else {k: v for k, v in summary(labelled).items() if k != "scored"}),
    }


def peak_mb() -> float:
    """The most memory this process has held, in megabytes."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def _rows(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for line, row in json_lines(file):
        if not isinstance(row.get("kalshi"), dict) or not isinstance(row.get("polymarket"), dict):
            raise _bad(file, line, 'a row needs the objects "kalshi" and "polymarket"')
        yield line, row


def json_lines(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a file of JSON lines with their line numbers. Raises Problem (bad file)."""
    try:
        with file.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, _object(file, number, line)
    except UnicodeDecodeError:
        raise Problem(Exit.BAD_FILE, f"{file} is no UTF-8 text.") from None
    except OSError as error:
        raise Problem(Exit.BAD_FILE, f"{file} cannot be read: {error.strerror}.") from None


def _object(file: Path, number: int, line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise _bad(file, number, "one JSON object a line is expected")
    return found


def _bad(file: Path, line: int, what: str) -> Problem:
    return Problem(Exit.BAD_FILE, f"{file}, line {line}: {what}. Mend that line and try again.")


def _listings(file: Path, line: int, row: dict[str, Any]) -> tuple[Any, Any]:
    try:
        return (
            listing_from_row("kalshi", row["kalshi"]),
            listing_from_row("polymarket", row["polymarket"]),
        )
    except ValueError as error:
        raise _bad(file, line, str(error).rstrip(".")) from None


def _write(path: Path, decided: list[tuple[dict[str, Any], Judgement]]) -> None:
    try:
        with path.open("w", encoding="utf-8") as out:
            for row, judgement in decided:
                out.write(json.dumps(decision(row.get("pair_id"), judgement)) + "\n")
    except OSError as error:
        raise Problem(Exit.BAD_FILE, f"{path} cannot be written: {error.strerror}.") from None


def decision(pair_id: object, judgement: Judgement) -> dict[str, Any]:
    """One line of a decisions file."""
    return {
        "pair_id": pair_id,
        "relation": judgement.relation.value,
        "verdict": judgement.verdict.value,
        "score": judgement.score,
        "assumed": list(judgement.assumed),
        "divergences": [each._asdict() for each in judgement.divergences],
    }
