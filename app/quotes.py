"""Recorded quotes → a tape. The form of a line is fixed: contracts "Quotes in", docs/tape.md."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, Final

from rich import progress
from rich.console import Console

from app.problem import Exit, Problem
from venues import ONE
from venues.money import price, quantity
from venues.tape import Quote, Record, Tape, TapeWriter

_VENUES: Final = ("kalshi", "polymarket")
_TOP: Final = ("bid", "bid_size", "ask", "ask_size")
_FULL: Final = ("bids", "asks")
_YEAR_10000_MS: Final = 253_402_300_800_000
Levels = tuple[tuple[int, int], ...]


def import_quotes(source: Path, tape: Path) -> int:
    """Writes all quotes of `source` (plain or gzip) to a new tape, in order of `ts_ms`; how many.

    Raises Problem (bad file) naming the first bad line; then `tape` is as it was before. A file in
    order takes no memory to speak of, any other some 700 bytes a quote.
    """
    half = tape.with_name(tape.name + ".half")
    if source.resolve() in (tape.resolve(), half.resolve()):
        raise Problem(Exit.BAD_FILE, f"{source} holds the quotes themselves. Name another tape.")
    try:
        count, ordered = _write(half, _quotes(source))
        if not count:
            raise Problem(Exit.BAD_FILE, f"{source} holds no quote.")
        if not ordered:
            _write(half, sorted(Tape(half), key=_ts_ms))
        half.replace(tape)
    except OSError as error:
        raise Problem(Exit.BAD_FILE, f"{tape} cannot be written: {error}.") from None
    finally:
        with suppress(OSError):
            half.unlink()
    return count


def _write(path: Path, quotes: Iterable[Record]) -> tuple[int, bool]:
    """(how many quotes, whether they came in order of `ts_ms`)."""
    count, last_ms, ordered = 0, 0, True
    path.unlink(missing_ok=True)
    with TapeWriter(path) as writer:
        for count, quote in enumerate(quotes, 1):  # noqa: B007 - the last one is wanted
            writer.write(quote)
            ordered = ordered and _ts_ms(quote) >= last_ms
            last_ms = _ts_ms(quote)
    return count, ordered


def _ts_ms(record: Record) -> int:
    assert isinstance(record, Quote)
    return record.ts_ms


def _quotes(source: Path) -> Iterator[Quote]:
    try:
        with _opened(source) as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _checked(source, number, line)
    except (OSError, EOFError, zlib.error) as error:
        raise Problem(Exit.BAD_FILE, f"{source} cannot be read: {error}.") from None


@contextmanager
def _opened(source: Path) -> Iterator[Iterable[bytes]]:
    """The lines of the file, unpacked; with a progress bar on a terminal."""
    with _file(source) as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if not packed:
            yield file
            return
        with gzip.open(file) as lines:
            yield lines


def _file(source: Path) -> AbstractContextManager[BinaryIO]:
    bar = Console(stderr=True)
    if not bar.is_terminal:
        return source.open("rb")
    return progress.open(source, "rb", description="importing", console=bar, transient=True)


def _checked(source: Path, number: int, line: bytes) -> Quote:
    try:
        return _quote(json.loads(line.decode("utf-8-sig")))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        said = "this is not JSON"
    except ValueError as error:
        said = str(error)
    raise Problem(Exit.BAD_FILE, f"{source}, line {number}: {said}. Mend that line and try again.")


def _quote(row: Any) -> Quote:
    if not isinstance(row, dict):
        raise ValueError("an object with named fields is expected")
    if row.get("venue") not in _VENUES:
        raise ValueError(f"venue must be kalshi or polymarket, not {row.get('venue')!r:.80}")
    bids, asks = (tuple(filter(_quoted, side)) for side in _sides(row))
    return Quote(
        ts_ms=_moment(row, "ts_ms"),
        received_ms=_moment(row, "received_ms"),
        venue=row["venue"],
        market=_market(row),
        bids=bids,
        asks=asks,
    )


def _quoted(level: tuple[int, int]) -> bool:
    """A price at which one can trade. 0 and 1 (and no size) are how venues write an empty side."""
    at, size = level
    return 0 < at < ONE and size > 0


def _moment(row: dict[str, Any], name: str) -> int:
    value = row.get(name)
    if type(value) is not int or not 0 <= value < _YEAR_10000_MS:
        raise ValueError(f"{name} must be whole milliseconds since 1970, not {value!r:.80}")
    return value


def _market(row: dict[str, Any]) -> str:
    value = row.get("market")
    if not isinstance(value, str) or not value or not value.isprintable():
        raise ValueError(f"market must be the venue's id as text, not {value!r:.80}")
    return value


def _sides(row: dict[str, Any]) -> tuple[Levels, Levels]:
    """Bids and asks, from either form of a line."""
    full = any(name in row for name in _FULL)
    if full and any(name in row for name in _TOP):
        raise ValueError("give either bid and ask or bids and asks, not both")
    for name in _FULL if full else _TOP:
        if name not in row:
            raise ValueError(f"{name} is missing; where that side is empty it is null")
    if full:
        return _ladder(row, "bids", -1), _ladder(row, "asks", 1)
    return _best(row, "bid"), _best(row, "ask")


def _best(row: dict[str, Any], side: str) -> Levels:
    at, size = row[side], row[f"{side}_size"]
    if (at is None) != (size is None):
        raise ValueError(f"{side} and {side}_size must both be there or both be null")
    return () if at is None else (_level(side, at, f"{side}_size", size),)


def _ladder(row: dict[str, Any], side: str, sign: int) -> Levels:
    found = [] if row[side] is None else row[side]
    if not isinstance(found, list) or not all(isinstance(x, list) and len(x) == 2 for x in found):
        raise ValueError(f"{side} must be a list of [price, size]")
    levels = tuple(
        _level(f"{side}[{i}] price", at, f"{side}[{i}] size", size)
        for i, (at, size) in enumerate(found)
    )
    if any(sign * a >= sign * b for (a, _), (b, _) in pairwise(levels)):
        raise ValueError(f"{side} must stand best first, each price once")
    return levels


def _level(price_name: str, at: object, size_name: str, size: object) -> tuple[int, int]:
    return _amount(price_name, at, price), _amount(size_name, size, quantity)


def _amount(name: str, value: object, parse: Callable[[str], int]) -> int:
    if not isinstance(value, str):
        raise ValueError(f'{name} must be text in quotes, as "0.054", not {value!r:.80}')
    try:
        return parse(value)
    except ValueError as error:
        raise ValueError(f"{name} {error}") from None
