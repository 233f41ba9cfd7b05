"""Sizing against a peer, and a scan against the cost of merely decoding its books.

Prints ratios; asserts none. `make bench` runs it; the numbers in the README come from here.
"""

from __future__ import annotations

import json
import random
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from matching.pairs import MarketKey, Pair, Relation
from scanner import Listed, Offer, Policy, scan, size
from venues import (
    Book,
    CarriedFee,
    Cash,
    Contract,
    FeeSchedule,
    Grid,
    Level,
    Market,
    MarketStatus,
    Outcome,
    Price,
    Quantity,
    RoundedFee,
)

PEERS = Path(__file__).parents[2] / "bench/peers"
PEER, PROGRAM = PEERS / ".venv/bin/python", PEERS / "uselayer_sizes.py"
KALSHI = CarriedFee(70_000, 17_500, Cash(100))
POLYMARKET = RoundedFee(50_000, Cash(10))
Rows = list[tuple[int, int]]


def ladder(rng: random.Random, best: int, step: int, levels: int) -> Rows:
    return [(best + i * step, rng.randint(1, 50_000) * 10_000) for i in range(levels)]


def pair_of_ladders(rng: random.Random, levels: int) -> tuple[Rows, Rows]:
    """Asks that cross on about half of their levels, as a good moment would show them."""
    step = max(1_000, 400_000 // levels // 10 // 1_000 * 1_000)
    mid = rng.randint(30, 60) * 10_000
    return (
        ladder(rng, mid - step * levels // 2, step, levels),
        ladder(rng, 1_000_000 - mid - step * levels // 2 - 40_000, step, levels),
    )


def offer(venue: str, rows: Rows, outcome: Outcome) -> Offer:
    asks = tuple(Level(Price(p), Quantity(q)) for p, q in rows)
    fees = KALSHI if venue == "kalshi" else POLYMARKET
    return Offer(contract=Contract(venue, "m", outcome), asks=asks, fees=fees)


def best_seconds(work: Callable[[], object], rounds: int = 5) -> float:
    spent = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return min(spent)


@pytest.mark.parametrize("levels", [5, 20, 100])
def test_sizing_a_pair(levels: int) -> None:
    rng = random.Random(levels)
    cases = [pair_of_ladders(rng, levels) for _ in range(200)]
    offers = [
        (offer("kalshi", one, Outcome.YES), offer("polymarket", two, Outcome.NO))
        for one, two in cases
    ]
    ours = best_seconds(lambda: [size(*pair) for pair in offers]) / len(cases)
    found = sum(size(*pair) is not None for pair in offers)
    line = f"\nsize, {levels:3} levels a side: {ours * 1e6:8.1f} µs a pair ({found} of 200 cross)"
    if not PEER.exists():
        print(line + "; no peer: make bench sets it up")
        return
    ran = subprocess.run(
        [PEER, PROGRAM], input=json.dumps(cases), capture_output=True, text=True, check=False
    )
    if ran.returncode:
        print(line + f"; the peer failed: {ran.stderr[-300:]}")
        return
    theirs = json.loads(ran.stdout)["seconds"] / len(cases)
    print(line + f"; uselayer {theirs * 1e6:9.1f} µs: {theirs / ours:.1f}× as long")


def test_a_scan_of_ten_thousand_pairs() -> None:
    rng = random.Random(1)
    listed, books, payloads = [], {}, []
    for n in range(10_000):
        mid = rng.randint(20, 80) * 10_000
        shift = rng.choice([0, 0, 0, 0, 0, 0, 0, 0, 0, 40_000])
        keys = (MarketKey("kalshi", f"K{n}"), MarketKey("polymarket", f"P{n}"))
        markets = []
        for key, at in zip(keys, (mid, mid + shift), strict=True):
            asks = ladder(rng, at + 5_000, 5_000, 20)
            bids = [(2 * at - p, q) for p, q in asks]
            contract = Contract(*key, Outcome.YES)
            books[key] = Book(
                contract,
                tuple(Level(Price(p), Quantity(q)) for p, q in bids),
                tuple(Level(Price(p), Quantity(q)) for p, q in asks),
                0,
            )
            payloads.append(json.dumps({"bids": text(bids), "asks": text(asks)}).encode())
            found = Market(
                venue=key.venue,
                id=key.id,
                event_id="",
                title="",
                yes_means="",
                rules="",
                status=MarketStatus.OPEN,
                grid=Grid.even(Price(1_000)),
                fees=FeeSchedule.always(KALSHI if key.venue == "kalshi" else POLYMARKET),
            )
            markets.append(found)
        listed.append(Listed(Pair(f"pair-{n}", *keys, Relation.SAME), *markets))

    class Wire(msgspec.Struct):
        bids: list[tuple[str, str]]
        asks: list[tuple[str, str]]

    decoder = msgspec.json.Decoder(Wire)
    floor = best_seconds(lambda: [decoder.decode(payload) for payload in payloads])
    ours = best_seconds(lambda: scan(listed, books, ts_ms=0, policy=Policy()), rounds=3)
    report = scan(listed, books, ts_ms=0, policy=Policy())
    print(
        f"\nscan of 10,000 pairs × 20 levels a side: {ours:.3f} s, {ours / floor:.1f}× the msgspec "
        f"decode of the same books ({floor:.3f} s); {len(report.ranked):,} opportunities"
    )


def text(rows: Rows) -> list[tuple[str, str]]:
    return [(f"{p / 1e6:.4f}", f"{q / 1e6:.2f}") for p, q in rows]
