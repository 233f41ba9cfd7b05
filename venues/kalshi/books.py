"""The books of one connection: from snapshot to doubt to the next snapshot. Pure.

Whoever owns this proves the order of frames and applies the changes, see Session.receive. A book is
good from its snapshot on until somebody doubts it, and a doubt asks for the next snapshot.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from venues.book import Top
from venues.kalshi.normalize import VENUE
from venues.kalshi.subscriptions import BookRequests
from venues.kalshi.wire import stream as wire
from venues.ladder import CROSSED, Ladder, Micros
from venues.market import Contract
from venues.money import ONE, micros
from venues.sides import Outcome
from venues.stream import Counts, Watched

_SCANNED_AT_A_TICK: Final = 200


PRICES: Final = Micros(micros)
_LEFT_MAX: Final = 100_000
_MIRRORED: Final = Micros(lambda text: ONE - micros(text))
SIZES: Final = Micros(micros)


class Books:
    """`yes_prices` as the subscription asked for it: True tells the asks in YES prices; False,
    Kalshi's old way, as NO bids at q, which are YES asks at ONE − q."""

    def __init__(self, requests: BookRequests, counts: Counts, *, yes_prices: bool) -> None:
        self.changed: set[str] = set()
        self._requests = requests
        self._counts = counts
        self.ask_prices = PRICES if yes_prices else _MIRRORED
        self.ladders: dict[str, Ladder] = {}
        self._left: set[str] = set()
        self._unscanned: Iterator[str] = iter(())
        self._crossed: set[str] = set()

    def add(self, tickers: Iterable[str], now_ns: int) -> None:
        new = [ticker for ticker in tickers if ticker not in self.ladders]
        for ticker in new:
            self.ladders[ticker] = Ladder(Contract(VENUE, ticker, Outcome.YES))
        self._requests.want(new, now_ns)

    def remove(self, tickers: Iterable[str], now_ns: int) -> None:
        gone = [ticker for ticker in tickers if self.ladders.pop(ticker, None)]
        if len(self._left) > _LEFT_MAX:
            self._left.clear()
        self._left.update(gone)
        self._requests.drop(gone)
        self._requests.ask(now_ns)

    def watched(self, ticker: str, confirmed_ms: int, confirmed_ns: int) -> Watched | None:
        ladder = self.ladders.get(ticker)
        if ladder is None:
            return None
        book, fault = ladder.book(), ladder.fault
        if fault is None and ladder.crossed:
            fault = CROSSED
        return Watched(book=book, confirmed_ms=confirmed_ms, confirmed_ns=confirmed_ns, fault=fault)

    def top(self, ticker: str) -> Top | None:
        ladder = self.ladders.get(ticker)
        return ladder.top if ladder else None

    def unreadable(self, change: wire.Change, error: Exception, now_ns: int) -> None:
        """A change of a market that we do not have (KeyError), or of no price or size at all."""
        ladder = self.ladders.get(change.market_ticker)
        if ladder is None:
            self._unasked(change.market_ticker, now_ns)
        else:
            self.poisoned(ladder, f"poisoned: {error}", now_ns)

    def poisoned(self, ladder: Ladder, why: str, now_ns: int) -> None:
        self._counts.poisoned += 1
        self.resync_one(ladder.contract.market, why, now_ns)

    def replace(self, rungs: wire.Rungs, answer_to: int, now_ms: int, now_ns: int) -> None:
        """One snapshot, in order; `answer_to` is the command it answers, 0 for none."""
        ticker = rungs.market_ticker
        ladder = self.ladders.get(ticker)
        if ladder is None:
            self._unasked(ticker, now_ns)
            return
        if not self._requests.arrived(ticker, answer_to):
            return
        try:
            bids = [(PRICES[price], SIZES[size]) for price, size in rungs.yes_dollars_fp]
            asks = [(self.ask_prices[price], SIZES[size]) for price, size in rungs.no_dollars_fp]
        except ValueError as error:
            ladder.fault = f"poisoned: {error}"
        else:
            ladder.received_ms, ladder.venue_ms = now_ms, None
            ladder.replace(bids, asks)
        self.changed.add(ticker)
        if ladder.fault is not None:
            self._counts.poisoned += 1
            self._requests.poisoned(ticker, now_ns)
        self._requests.ask(now_ns)

    def doubt(self, why: str) -> None:
        """Every book, without asking for anything."""
        for ladder in self.ladders.values():
            ladder.fault = why
        self.changed.update(self.ladders)

    def resync(self, why: str, now_ns: int) -> None:
        self._counts.resyncs += 1
        self.doubt(why)
        self._requests.want(self.ladders, now_ns)

    def resync_one(self, ticker: str, why: str, now_ns: int) -> None:
        self.fault(ticker, why)
        self._requests.want((ticker,), now_ns)

    def fault(self, ticker: str, why: str) -> None:
        if ladder := self.ladders.get(ticker):
            ladder.fault = why
            self.changed.add(ticker)

    def look_for_crossed(self, now_ns: int) -> None:
        """A book that is crossed at two looks, a tick apart, is no passing moment."""
        for ticker in filter(self._is_crossed, self._crossed):
            self.poisoned(self.ladders[ticker], CROSSED, now_ns)
        some = tuple(islice(self._unscanned, _SCANNED_AT_A_TICK))
        if len(some) < _SCANNED_AT_A_TICK:
            self._unscanned = iter(tuple(self.ladders))
        self._crossed = {ticker for ticker in some if self._is_crossed(ticker)}

    def _unasked(self, ticker: str, now_ns: int) -> None:
        """A market that left may still be told of; another name may be a damaged one of ours, but
        not each time that it comes."""
        if ticker not in self._left:
            self._counts.stray += 1
            if len(self._left) > _LEFT_MAX:
                self._left.clear()
            self._left.add(ticker)
            self.resync("a frame came for a market that nobody asked for", now_ns)

    def _is_crossed(self, ticker: str) -> bool:
        ladder = self.ladders.get(ticker)
        return ladder is not None and ladder.fault is None and ladder.crossed
