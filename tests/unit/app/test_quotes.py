"""Quotes become a tape whole and in order, or a sentence says which line to mend."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from app.problem import Exit, Problem
from app.quotes import import_quotes
from venues.tape import Cycle, Quote, Tape, TapeWriter

TOP: dict[str, Any] = {
    "ts_ms": 1_750_000_000_000,
    "received_ms": 1_750_000_000_120,
    "venue": "kalshi",
    "market": "KXWC-26JUL19-BRA",
    "bid": "0.054",
    "bid_size": "165.71",
    "ask": "0.059",
    "ask_size": "54217.92",
}
ENDS = {name: TOP[name] for name in ("ts_ms", "received_ms", "venue", "market")}
FULL = ENDS | {"bids": [["0.054", "165.71"], ["0.05", "1"]], "asks": [["0.059", "54217.92"]]}


def lines_of(*rows: dict[str, Any]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def imported(folder: Path, content: bytes) -> list[Any]:
    source = folder / "q.jsonl"
    source.write_bytes(content)
    held = import_quotes(source, folder / "t.tape")
    read = [*Tape(folder / "t.tape")]
    assert held == len(read)
    assert names(folder) == ["q.jsonl", "t.tape"]
    return read


def test_a_line_of_best_prices_becomes_a_quote_in_micros(tmp_path: Path) -> None:
    one_sided = TOP | {"venue": "polymarket", "market": "0xé", "bid": None, "bid_size": None}

    assert imported(tmp_path, lines_of(TOP, one_sided)) == [
        Quote(
            ts_ms=1_750_000_000_000,
            received_ms=1_750_000_000_120,
            venue="kalshi",
            market="KXWC-26JUL19-BRA",
            bids=((54_000, 165_710_000),),
            asks=((59_000, 54_217_920_000),),
        ),
        Quote(
            ts_ms=1_750_000_000_000,
            received_ms=1_750_000_000_120,
            venue="polymarket",
            market="0xé",
            bids=(),
            asks=((59_000, 54_217_920_000),),
        ),
    ]


def test_a_line_of_full_ladders_keeps_every_level(tmp_path: Path) -> None:
    both, empty = imported(tmp_path, lines_of(FULL, FULL | {"bids": None, "asks": []}))

    assert both.bids == ((54_000, 165_710_000), (50_000, 1_000_000))
    assert both.asks == ((59_000, 54_217_920_000),)
    assert (empty.bids, empty.asks) == ((), ())


@pytest.mark.parametrize(
    "change",
    [
        {"bid": "0.07"},  # crossed
        {"bid": "0", "ask": "1"},
        {"bid_size": "0"},
        {"ts_ms": 0},
        {"bid_size": "1" + 30 * "0"},
        {"source": "recorder 3", "seq": 1.5},
    ],
)
def test_what_the_scan_judges_or_does_not_need_is_let_through(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    assert len(imported(tmp_path, lines_of(TOP | change))) == 1


def test_blank_lines_and_gzip_and_windows_ends_are_no_trouble(tmp_path: Path) -> None:
    plain = imported(tmp_path, lines_of(TOP, FULL))
    windows = b"\xef\xbb\xbf" + lines_of(TOP, FULL).replace(b"\n", b"\r\n\r\n") + b"  "

    assert imported(tmp_path, gzip.compress(lines_of(TOP, FULL))) == plain
    assert imported(tmp_path, windows) == plain
    assert imported(tmp_path, lines_of(TOP, FULL).rstrip()) == plain


def test_quotes_are_put_in_order_of_time_and_else_keep_theirs(tmp_path: Path) -> None:
    order = [(3, "A"), (1, "B"), (3, "C"), (1, "A"), (2, "A")]
    rows = [TOP | {"ts_ms": ts_ms, "market": market} for ts_ms, market in order]
    read = imported(tmp_path, lines_of(*rows))

    assert [(q.ts_ms, q.market) for q in read] == [(1, "B"), (1, "A"), (2, "A"), (3, "A"), (3, "C")]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"ts_ms,venue,bid", "this is not JSON"),
        (b'{"ts_ms":1', "this is not JSON"),
        (b"\xff\xfe", "this is not JSON"),
        (b"[" * 100_000, "this is not JSON"),
        (b"[1]", "an object with named fields is expected"),
        ({"ts_ms": None}, "ts_ms must be whole milliseconds since 1970, not None"),
        ({"received_ms": None}, "received_ms must be whole milliseconds since 1970, not None"),
        ({"ts_ms": "1750000000000"}, "ts_ms must be whole milliseconds"),
        ({"ts_ms": 1.75e12}, "ts_ms must be whole milliseconds"),
        ({"ts_ms": True}, "ts_ms must be whole milliseconds"),
        ({"ts_ms": -1}, "ts_ms must be whole milliseconds"),
        ({"ts_ms": 1_750_000_000_000_000}, "ts_ms must be whole milliseconds"),
        ({"venue": "Kalshi"}, "venue must be kalshi or polymarket, not 'Kalshi'"),
        ({"venue": ["kalshi"]}, "venue must be kalshi or polymarket"),
        ({"market": ""}, "market must be the venue's id as text, not ''"),
        ({"market": 5}, "market must be the venue's id as text, not 5"),
        ({"market": "\ud800"}, "market must be the venue's id as text"),
        ({"bid": "1.2"}, "bid 1.2 is not a price between 0 and 1 dollar"),
        ({"bid": "-0.1"}, "bid -0.1 is not a price between 0 and 1 dollar"),
        ({"bid": "0.1234567"}, "bid '0.1234567' is not a plain number with at most six decimals"),
        ({"bid": "5e-1"}, "bid '5e-1' is not a plain number"),
        ({"bid": ""}, "bid '' is not a plain number"),
        ({"bid": 0.054}, 'bid must be text in quotes, as "0.054", not 0.054'),
        ({"bid_size": 165}, 'bid_size must be text in quotes, as "0.054", not 165'),
        ({"bid_size": "-1"}, "bid_size -1 is not a quantity: it is below zero"),
        ({"bid_size": None}, "bid and bid_size must both be there or both be null"),
        ({"ask": None}, "ask and ask_size must both be there or both be null"),
        ({"bids": []}, "give either bid and ask or bids and asks, not both"),
        (ENDS, "bid is missing; where that side is empty it is null"),
        (ENDS | {"bids": []}, "asks is missing; where that side is empty it is null"),
        (ENDS | {"bids": {}, "asks": []}, "bids must be a list of [price, size]"),
        (ENDS | {"bids": [], "asks": [["0.1"]]}, "asks must be a list of [price, size]"),
        (ENDS | {"bids": [["1.2", "1"]], "asks": []}, "bids[0] price 1.2 is not a price"),
        (ENDS | {"bids": [], "asks": [["0.2", -1]]}, "asks[0] size must be text in quotes"),
        (FULL | {"bids": FULL["bids"][::-1]}, "bids must stand best first, each price once"),
        (FULL | {"asks": FULL["asks"] * 2}, "asks must stand best first, each price once"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_written(
    tmp_path: Path, line: bytes | dict[str, Any], said: str
) -> None:
    if isinstance(line, dict):
        line = lines_of(line if "ts_ms" in line and "venue" in line else TOP | line)
    source, tape = tmp_path / "q.jsonl", tmp_path / "t.tape"
    source.write_bytes(lines_of(TOP) + b"\n" + line + b"\n" + lines_of(TOP))
    with TapeWriter(tape) as old:
        old.write(Cycle(1))

    with pytest.raises(Problem) as problem:
        import_quotes(source, tape)
    assert f"q.jsonl, line 3: {said}" in str(problem.value)
    assert str(problem.value).endswith("Mend that line and try again.")
    assert problem.value.code == Exit.BAD_FILE
    assert [*Tape(tape)] == [Cycle(1)]
    assert names(tmp_path) == ["q.jsonl", "t.tape"]


@pytest.mark.parametrize("name", [*ENDS, "bid", "bid_size", "ask", "ask_size"])
def test_every_field_of_a_line_is_needed(tmp_path: Path, name: str) -> None:
    row = {key: value for key, value in TOP.items() if key != name}

    with pytest.raises(Problem, match=f"line 1: {name} "):
        imported(tmp_path, lines_of(row))
    assert names(tmp_path) == ["q.jsonl"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, r"q.jsonl cannot be read: .*No such file"),
        (b"\n", r"q.jsonl holds no quote\."),
        (gzip.compress(lines_of(TOP) * 99)[:-9], "q.jsonl cannot be read: Compressed file ended"),
        (b"\x1f\x8b\x08" + bytes(40), "q.jsonl cannot be read: "),
    ],
    ids=["missing", "no quote", "cut gzip", "broken gzip"],
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    source = tmp_path / "q.jsonl"
    if content is not None:
        source.write_bytes(content)

    with pytest.raises(Problem, match=said):
        import_quotes(source, tmp_path / "t.tape")
    assert "t.tape" not in names(tmp_path)


def test_a_tape_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    source = tmp_path / "q.jsonl"
    source.write_bytes(lines_of(TOP))

    for tape in (tmp_path / "no" / "t.tape", source / "t.tape"):
        with pytest.raises(Problem, match=r"t\.tape cannot be written: "):
            import_quotes(source, tape)


@pytest.mark.parametrize("name", ["t.tape", "t.tape.half"])
def test_the_quotes_themselves_are_never_written_over(tmp_path: Path, name: str) -> None:
    source = tmp_path / name
    source.write_bytes(lines_of(TOP))

    with pytest.raises(Problem, match="holds the quotes themselves"):
        import_quotes(source, tmp_path / "t.tape")
    assert source.read_bytes() == lines_of(TOP)


def test_stand_ins_for_an_empty_side_are_left_out(tmp_path: Path) -> None:
    stand_ins = {"bid": "0", "bid_size": "9", "ask": "1.00", "ask_size": "9"}
    no_size = {"bid_size": "0.00"}
    first, second = imported(tmp_path, lines_of(TOP | stand_ins, TOP | no_size))

    assert (first.bids, first.asks) == ((), ())
    assert (second.bids, len(second.asks)) == ((), 1)
