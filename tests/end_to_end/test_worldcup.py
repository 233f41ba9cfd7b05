"""Both venues' real quotes of three World Cup matches: the tape scan equals a brute force.

The brute force is written from contracts.md alone, in fractions, and shares no code with us.
"""

from __future__ import annotations

import json
import runpy
from collections import defaultdict
from datetime import UTC, date, datetime
from fractions import Fraction
from math import ceil, floor
from pathlib import Path
from typing import Any

import pytest

BENCH = runpy.run_path(str(Path(__file__).parents[2] / "bench/worldcup.py"))
PAYOUT = date(2026, 7, 20)
TEN6 = 10**6


@pytest.fixture(scope="module", params=BENCH["MATCHES"])
def recording(
    request: Any, shared: Path, tmp_path_factory: Any, cli: Any
) -> tuple[list[Any], Path, Path]:
    """(rows, tape, pairs file) of one match."""
    rows = BENCH["rows_of"](shared, request.param)
    folder = tmp_path_factory.mktemp(request.param)
    quotes, pairs = BENCH["write_files"](rows, folder)
    tape = folder / "tape"
    ran = cli("tape", "import", str(quotes), "-o", str(tape))
    assert ran.exit_code == 0, ran.output
    return rows, tape, pairs


def kalshi_fee(q: Fraction, p: Fraction) -> Fraction:
    """One taker fill of a direct member at M = 1 (facts §11.3)."""
    trade = Fraction(ceil(Fraction(7, 100) * q * p * (1 - p) * TEN6), TEN6)
    aligned = Fraction(floor((-q * p - trade) * 10_000), 10_000)
    rounding = -q * p - trade - aligned
    rebate = Fraction(floor(min(rounding, trade + rounding) * 10_000), 10_000)
    return trade + rounding - rebate


def polymarket_fee(q: Fraction, p: Fraction) -> Fraction:
    return Fraction(floor(Fraction(3, 100) * q * p * (1 - p) * 100_000 + Fraction(1, 2)), 100_000)


def best_of(
    k: Fraction, k_size: Fraction, p: Fraction, p_size: Fraction
) -> tuple[Fraction, Fraction]:
    """(profit, quantity) of buying one side at each venue, one level each, 0.01 apart.

    Fees are within 0.0002 of a line in q, so beyond that distance of an end nothing can win.
    """
    lots = floor(min(k_size, p_size) * 100)

    def profit(n: int) -> Fraction:
        q = Fraction(n, 100)
        return q - q * k - q * p - kalshi_fee(q, k) - polymarket_fee(q, p)

    slope = 1 - k - p - Fraction(7, 100) * k * (1 - k) - Fraction(3, 100) * p * (1 - p)
    reach = lots if slope == 0 else min(lots, ceil(Fraction(4, 10_000) / abs(slope) * 100) + 1)
    near = range(1, reach + 1) if slope < 0 else range(lots - reach + 1, lots + 1)
    found = [(profit(n), Fraction(n, 100)) for n in near if n >= 1]
    return max(found, key=lambda x: (x[0], -x[1]), default=(Fraction(0), Fraction(0)))


def expected(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    cycles: dict[int, dict[str, dict[str, dict[str, Any]]]] = defaultdict(lambda: defaultdict(dict))
    for row, quote in zip(rows, BENCH["quotes_of"](rows), strict=True):
        cycles[row["ts"]][row["pair"]][row["venue"]] = quote
    return [
        judge(ts, pair.split(":")[0], cycles[ts][pair])
        for ts in sorted(cycles)
        for pair in sorted(cycles[ts])
        if len(cycles[ts][pair]) == 2
    ]


def judge(ts: int, pair_id: str, at: dict[str, dict[str, Any]]) -> dict[str, Any]:
    f: dict[tuple[str, str], Any] = {
        (venue, name): None if quote[name] is None else Fraction(quote[name])
        for venue, quote in at.items()
        for name in ("bid", "ask", "bid_size", "ask_size")
    }
    kb, ka, pb, pa = (f[v, s] for v in ("kalshi", "polymarket") for s in ("bid", "ask"))
    crossed = bool((kb and pa and kb > pa) or (pb and ka and pb > ka))
    found = []
    if ka is not None and pb is not None:
        found.append(
            (*best_of(ka, f["kalshi", "ask_size"], 1 - pb, f["polymarket", "bid_size"]), 0)
        )
    if kb is not None and pa is not None:
        found.append(
            (*best_of(1 - kb, f["kalshi", "bid_size"], pa, f["polymarket", "ask_size"]), 1)
        )
    best = max(found, key=lambda x: (x[0], -x[1]), default=(Fraction(0), Fraction(0), 0))
    days = (PAYOUT - datetime.fromtimestamp(ts / 1000, UTC).date()).days
    line: dict[str, Any] = {"ts_ms": ts, "pair_id": pair_id, "crossed": crossed, "days": days}
    if best[0] <= 0:
        return line | {"legs": None, "profit_micros": 0}
    profit, q, way = best
    prices = (ka, 1 - pb) if way == 0 else (1 - kb, pa)
    fees = (kalshi_fee(q, prices[0]), polymarket_fee(q, prices[1]))
    outlay = sum(q * p + fee for p, fee in zip(prices, fees, strict=True))
    legs = [
        {
            "venue": venue,
            "side": ("yes", "no")[(way + i) % 2],
            "quantity_micros": int(q * TEN6),
            "average_price_micros": int(p * TEN6),
            "worst_price_micros": int(p * TEN6),
            "cost_micros": int(q * p * TEN6),
            "fee_micros": int(fee * TEN6),
        }
        for i, (venue, p, fee) in enumerate(
            zip(("kalshi", "polymarket"), prices, fees, strict=True)
        )
    ]
    return line | {
        "legs": legs,
        "quantity_micros": int(q * TEN6),
        "profit_micros": int(profit * TEN6),
        "edge_bps": floor(10_000 * profit / outlay),
        "annual_bps": floor(10_000 * profit * 365 / (outlay * days)),
        "reason": None,
    }


def test_the_tape_scan_equals_the_brute_force_line_for_line(recording: Any, cli: Any) -> None:
    rows, tape, pairs = recording
    ran = cli("scan", "--tape", str(tape), "--pairs", str(pairs), "--json")
    assert ran.exit_code == 0, ran.output
    got = [json.loads(line) for line in ran.stdout.splitlines()]
    want = expected(rows)
    assert len(got) == len(want)
    for line, wanted in zip(got, want, strict=True):
        for leg in line["legs"] or ():
            del leg["market"]
        assert {name: line[name] for name in wanted} == wanted
        assert (line["reason"] is None) == (line["legs"] is not None)
    assert any(line["legs"] for line in got), "nothing positive: the comparison proves little"
