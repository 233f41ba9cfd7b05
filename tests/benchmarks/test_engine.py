"""What the live engine costs beyond decoding the frames, and how long a full pass takes.

50,000 pairs, seeded, made here. Prints ratios; asserts none. Goals: bytes → opportunity at most 6.5
times the typed decode of the same frames; a slice of a full pass below 5 ms.
"""

from __future__ import annotations

import gc
import json
import os
import random
import time
from statistics import quantiles

from matching.pairs import MarketKey, Pair, Relation
from scanner.engine import Books, Engine
from scanner.scan import Listed, Policy
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
from venues.book import Top
from venues.kalshi.session import Session
from venues.kalshi.wire import stream as wire
from venues.stream import Watched

PAIRS = int(os.environ.get("DUTCHBOOK_BENCH_PAIRS", "50000"))
DELTAS = 100_000
LEVELS = 8
ROUNDS = 3
SUBSCRIBED = b'{"type":"subscribed","id":1,"msg":{"channel":"orderbook_delta","sid":2}}'


class Streamed:
    """Kalshi's books, from a session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def book(self, market: str) -> Watched | None:
        return self._session.watched(market)

    def top(self, market: str) -> Top | None:
        return self._session.top(market)


class Still:
    """Polymarket's, which do not move here."""

    def __init__(self, kept: dict[str, Watched]) -> None:
        self._kept = kept

    def book(self, market: str) -> Watched | None:
        return self._kept.get(market)

    def top(self, market: str) -> Top | None:
        return self._kept[market].book.top


def ticker(number: int) -> str:
    return f"KXBENCH-26DEC-T{number}"


def snapshots(rng: random.Random, fair: list[int]) -> list[bytes]:
    found = []
    for number, cents in enumerate(fair):
        yes = [[f"0.{cents - 1 - i:02}", f"{rng.randint(10, 900)}.00"] for i in range(LEVELS)]
        no = [[f"0.{98 - cents - i:02}", f"{rng.randint(10, 900)}.00"] for i in range(LEVELS)]
        msg = {"market_ticker": ticker(number), "yes_dollars_fp": yes, "no_dollars_fp": no}
        frame = {"type": "orderbook_snapshot", "sid": 2, "seq": number + 1, "msg": msg}
        found.append(json.dumps(frame).encode())
    return found


def deltas(rng: random.Random, fair: list[int]) -> list[bytes]:
    """Mostly inside the ladder; one in a hundred makes a bid that crosses the other venue."""
    found = []
    for n in range(DELTAS):
        number = rng.randrange(len(fair))
        high = rng.random() < 0.01
        price = fair[number] + 1 if high else fair[number] - 1 - rng.randrange(LEVELS)
        msg = {
            "market_ticker": ticker(number),
            "price_dollars": f"0.{price:02}",
            "delta_fp": f"{rng.randint(1, 50)}.00",
            "side": "yes",
            "ts_ms": 1_795_564_800_000,
        }
        frame = {"type": "orderbook_delta", "sid": 2, "seq": len(fair) + n + 1, "msg": msg}
        found.append(json.dumps(frame).encode())
    return found


def market(venue: str, id: str) -> Market:
    fees = CarriedFee(70_000, 0, Cash(100)) if venue == "kalshi" else RoundedFee(40_000, Cash(10))
    return Market(
        venue=venue,
        id=id,
        event_id="",
        title="",
        yes_means="",
        rules="",
        status=MarketStatus.OPEN,
        grid=Grid.even(Price(10_000)),
        fees=FeeSchedule.always(fees),
    )


def still_book(id: str, cents: int) -> Watched:
    def side(sign: int) -> tuple[Level, ...]:
        return tuple(
            Level(Price((cents - 3 + sign * (2 + i)) * 10_000), Quantity(300_000_000))
            for i in range(LEVELS)
        )

    book = Book(Contract("polymarket", id, Outcome.YES), side(-1), side(1), 1)
    return Watched(book=book, confirmed_ms=1, confirmed_ns=1, fault=None)


def world(seed: int) -> tuple[Session, Engine, list[bytes]]:
    rng = random.Random(seed)
    fair = [rng.randint(20, 80) for _ in range(PAIRS)]
    session = Session(yes_prices=False)
    session.open([ticker(n) for n in range(PAIRS)], 0)
    session.receive(SUBSCRIBED, 1, 1)
    for raw in snapshots(rng, fair):
        session.receive(raw, 1, 1)
    still = {f"0x{n}": still_book(f"0x{n}", cents) for n, cents in enumerate(fair)}
    books: dict[str, Books] = {"kalshi": Streamed(session), "polymarket": Still(still)}
    engine = Engine(books, policy=Policy(), age_ms_max=1 << 40)
    engine.watch(
        (
            Listed(
                Pair(
                    f"p{n}",
                    MarketKey("kalshi", ticker(n)),
                    MarketKey("polymarket", f"0x{n}"),
                    Relation.SAME,
                ),
                market("kalshi", ticker(n)),
                market("polymarket", f"0x{n}"),
            )
            for n in range(PAIRS)
        ),
        0,
    )
    session.changed.clear()
    return session, engine, deltas(rng, fair)


def test_from_bytes_to_opportunities() -> None:
    ratios, changes = [], 0
    for seed in range(ROUNDS):
        session, engine, frames = world(seed)
        gc.collect()
        gc.freeze()
        start = time.perf_counter()
        for raw in frames:
            wire.frame(raw)
        bare = time.perf_counter() - start
        changes = 0
        start = time.perf_counter()
        for raw in frames:
            session.receive(raw, 2, 2)
            for id in session.changed:
                changes += len(engine.touched(MarketKey("kalshi", id), 2, 2))
            session.changed.clear()
        ours = time.perf_counter() - start
        ratios.append(ours / bare)
        print(
            f"\n{PAIRS:,} pairs, {DELTAS:,} frames: {DELTAS / ours:,.0f} a second from bytes to "
            f"opportunity ({changes:,} told), {ours / bare:.2f}x the bare decode"
        )
        spent = []
        for ids in engine.slices():
            start = time.perf_counter()
            engine.price(ids, 3, 3)
            spent.append((time.perf_counter() - start) * 1_000)
        cuts = quantiles(spent, n=1_000)
        print(
            f"a full pass: {sum(spent):,.0f} ms in {len(spent)} slices; a slice takes "
            f"{cuts[499]:.2f} ms (median), {max(spent):.2f} ms at most"
        )
        gc.unfreeze()
    print(f"best {min(ratios):.2f}x, goal 6.5x")
    assert changes > 0
