"""Frames lost, doubled and out of order: a book is the clean one or in doubt, never a third thing.

`Venue` is the other end, written from the documents: true books, numbered frames, answers.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from venues import ONE
from venues.kalshi.session import Session

MARKETS: Final = ("A", "B", "C")
S: Final = 1_000_000_000
Side = dict[int, int]
Truth = dict[str, tuple[Side, Side]]
Frame = tuple[int, bytes]


@dataclass
class Venue:
    """Books as (bids of YES by cents, bids of NO by cents) in contracts."""

    books: Truth = field(default_factory=lambda: {m: ({40: 5}, {55: 5}) for m in MARKETS})
    members: set[str] = field(default_factory=set)
    seq: int = 0
    then: dict[int, Truth] = field(default_factory=dict)
    line: deque[Frame] = field(default_factory=deque)

    def say(self, kind: str, msg: Any = None, id: int = 0) -> None:
        self.seq += 1
        frame = {"type": kind, "sid": 7, "seq": self.seq, "msg": msg} | ({"id": id} if id else {})
        self.line.append((self.seq, json.dumps(frame).encode()))
        self.then[self.seq] = {m: (dict(yes), dict(no)) for m, (yes, no) in self.books.items()}

    def snapshot(self, market: str, id: int = 0) -> None:
        msg: dict[str, Any] = {"market_ticker": market}
        for name, side in zip(("yes", "no"), self.books[market], strict=True):
            if side:
                msg[f"{name}_dollars_fp"] = [[dollars(p), f"{n}.00"] for p, n in side.items()]
        self.say("orderbook_snapshot", msg, id)

    def trade(self, market: str, side: int, cents: int, size: int) -> None:
        levels = self.books[market][side]
        delta = size - levels.pop(cents, 0)
        if size:
            levels[cents] = size
        if market in self.members and delta:
            msg = {
                "market_ticker": market,
                "price_dollars": dollars(cents),
                "delta_fp": f"{delta}.00",
                "side": ("yes", "no")[side],
            }
            self.say("orderbook_delta", msg)

    def answer(self, text: str) -> None:
        command = json.loads(text)
        params, id = command["params"], command["id"]
        markets = params["market_tickers"]
        if command["cmd"] == "subscribe":
            msg = {"channel": "orderbook_delta", "sid": 7}
            subscribed = json.dumps({"type": "subscribed", "id": id, "msg": msg}).encode()
            self.line.append((self.seq, subscribed))
        elif params["action"] == "get_snapshot":
            for market in markets:
                self.snapshot(market, id)
            return
        joins = command["cmd"] == "subscribe" or params["action"] == "add_markets"
        self.members = self.members.union(markets) if joins else self.members.difference(markets)
        if command["cmd"] != "subscribe":
            self.say("ok", {"market_tickers": sorted(self.members)}, id)
        for market in markets if joins else ():
            self.snapshot(market)


def dollars(cents: int) -> str:
    return f"0.{cents:02}00"


def micros(book: tuple[Side, Side]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    bids = sorted(((p * 10_000, n * ONE) for p, n in book[0].items()), reverse=True)
    return bids, sorted((ONE - p * 10_000, n * ONE) for p, n in book[1].items())


@dataclass
class Run:
    """A session and its venue, joined by a line that may be bad."""

    venue: Venue = field(default_factory=Venue)
    session: Session = field(default_factory=lambda: Session(yes_prices=False))
    now_ns: int = 0
    last: int = 0
    heard: list[Frame] = field(default_factory=list)

    def answer(self) -> None:
        for text in self.session.outbox:
            self.venue.answer(text)
        self.session.outbox.clear()

    def deliver(self, frame: Frame) -> None:
        seq, raw = frame
        self.session.receive(raw, 0, self.now_ns)
        self.heard.append(frame)
        if seq > self.last + 1:
            assert not self.good(), "a gap was not seen in the same call"
        if seq >= self.last:
            self.last = seq
        elif b"subscribed" not in raw:
            assert not self.good(), "an old frame was not seen in the same call"
        self.check()

    def good(self) -> list[str]:
        ladders = self.session._ladders
        fresh = self.heard[-1][1] if self.heard else b""
        return [
            m
            for m, ladder in ladders.items()
            if ladder.fault is None and f'"{m}"'.encode() not in fresh
        ]

    def check(self) -> None:
        for market, ladder in self.session._ladders.items():
            if ladder.fault is None:
                book = ladder.book()
                shown = [*map(tuple, book.bids)], [*map(tuple, book.asks)]
                assert shown == micros(self.venue.then[self.last][market])

    def calm_down(self) -> None:
        """No more faults: within minutes every book is good, and the true one."""
        for _ in range(200):
            self.answer()
            while self.venue.line:
                self.deliver(self.venue.line.popleft())
            self.now_ns += S
            self.session.tick(self.now_ns)
        ladders = self.session._ladders
        assert {m: ladder.fault for m, ladder in ladders.items()} == dict.fromkeys(ladders)
        assert self.session.unproven == 0


trades = st.tuples(
    st.just("trade"),
    st.sampled_from(MARKETS),
    st.integers(0, 1),
    st.integers(1, 44),  # never locked
    st.integers(0, 9),
)
faults = st.tuples(
    st.sampled_from(("drop", "swap", "again", "old", "wait", "remove", "add")),
    st.integers(0, 2**16),
)


@settings(max_examples=300)
@given(st.lists(st.one_of(trades, trades, trades, faults), max_size=60))
def test_a_book_is_the_clean_one_or_in_doubt_whatever_happens_to_the_frames(
    steps: list[tuple[Any, ...]],
) -> None:
    run = Run()
    run.session.open(MARKETS, 0)
    for step in steps:
        run.answer()
        line = run.venue.line
        match step:
            case ("trade", market, side, cents, size):
                run.venue.trade(market, side, cents, size)
            case ("drop", _) if line:
                line.popleft()
            case ("swap", _) if len(line) > 1:
                line[0], line[1] = line[1], line[0]
            case ("again", _) if run.heard:
                run.deliver(run.heard[-1])
            case ("old", n) if run.heard:
                run.deliver(run.heard[n % len(run.heard)])
            case ("wait", _):
                run.now_ns += 4 * S
                run.session.tick(run.now_ns)
            case ("remove", n):
                run.session.remove([MARKETS[n % 3]], run.now_ns)
            case ("add", n):
                run.session.add([MARKETS[n % 3]], run.now_ns)
            case _:
                pass
        if line:
            run.deliver(line.popleft())
    run.calm_down()


@settings(max_examples=100)
@given(st.lists(trades, max_size=60))
def test_a_clean_line_never_puts_a_book_in_doubt(steps: list[tuple[Any, ...]]) -> None:
    run = Run()
    run.session.open(MARKETS, 0)
    run.calm_down()
    for _, market, side, cents, size in steps:
        run.venue.trade(market, side, cents, size)
        while run.venue.line:
            run.deliver(run.venue.line.popleft())
        assert [ladder.fault for ladder in run.session._ladders.values()] == [None] * 3
    assert run.session.counts.resyncs == 0
