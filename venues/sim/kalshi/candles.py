"""Candles of the last two days, from the house's own notices (6.8).

Trades are counted one by one; quotes are looked at once a second at most, and at every trade.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from venues.money import Price, Quantity
from venues.sim.kalshi.knobs import DAY_MS
from venues.sim.kalshi.notices import BookChanged, Notice, TradePrinted
from venues.sim.kalshi.records import Quote

MINUTE_MS: Final = 60_000
_KEPT_MS: Final = 2 * DAY_MS
_LOOK_MS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Bar:
    """First, lowest, highest and last price of a period."""

    open: Price
    low: Price
    high: Price
    close: Price

    def then(self, other: Bar) -> Bar:
        return Bar(self.open, min(self.low, other.low), max(self.high, other.high), other.close)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candle:
    """A period that ends at `end_ms`, the end included. `price` is None without a trade; `turnover`
    is price × count summed, in 1e-12 dollars; `before` the last price before the period."""

    end_ms: int
    bid: Bar
    ask: Bar
    price: Bar | None
    volume: Quantity
    turnover: int
    open_interest: Quantity
    before: Price | None

    def then(self, other: Candle) -> Candle:
        prices = [each for each in (self.price, other.price) if each]
        return replace(
            other,
            bid=self.bid.then(other.bid),
            ask=self.ask.then(other.ask),
            price=prices[0].then(prices[-1]) if prices else None,
            volume=Quantity(self.volume + other.volume),
            turnover=self.turnover + other.turnover,
            before=self.before,
        )


class Candles:
    """One-minute candles by ticker; `quote` tells how a market stands."""

    def __init__(self, quote: Callable[[str], Quote]) -> None:
        self._quote = quote
        self._minutes: dict[str, list[Candle]] = {}
        self._looked: dict[str, int] = {}

    def hear(self, notice: Notice) -> None:
        if isinstance(notice, TradePrinted):
            trade = notice.trade
            at = Bar(trade.price, trade.price, trade.price, trade.price)
            self._add(trade.ticker, notice.ts_ms, at, trade.count)
        elif isinstance(notice, BookChanged) and self._is_due(notice):
            self._add(notice.ticker, notice.ts_ms, None, Quantity(0))

    def of(self, ticker: str, minutes: int) -> Iterator[Candle]:
        """Oldest first, one for each period in which anything happened."""
        whole: Candle | None = None
        for each in self._minutes.get(ticker, ()):
            end_ms = _end(each.end_ms, minutes * MINUTE_MS)
            if whole and whole.end_ms != end_ms:
                yield whole
                whole = None
            whole = replace(whole.then(each) if whole else each, end_ms=end_ms)
        if whole:
            yield whole

    def _is_due(self, change: BookChanged) -> bool:
        return change.ts_ms - self._looked.get(change.ticker, 0) >= _LOOK_MS

    def _add(self, ticker: str, at_ms: int, price: Bar | None, size: Quantity) -> None:
        self._looked[ticker] = at_ms
        quote = self._quote(ticker)
        kept = self._minutes.setdefault(ticker, [])
        last = kept[-1] if kept else None
        now = Candle(
            end_ms=_end(at_ms, MINUTE_MS),
            bid=_still(quote.yes_bid),
            ask=_still(quote.yes_ask),
            price=price,
            volume=size,
            turnover=price.open * size if price else 0,
            open_interest=quote.open_interest,
            before=(last.price.close if last.price else last.before) if last else None,
        )
        if last and last.end_ms == now.end_ms:
            kept[-1] = last.then(now)
            return
        kept.append(now)
        while kept[0].end_ms <= at_ms - _KEPT_MS:
            del kept[0]


def mean(candle: Candle) -> Price:
    """The mean price by volume, to the nearest micro-dollar."""
    return Price((2 * candle.turnover + candle.volume) // (2 * candle.volume))


def _still(price: Price) -> Bar:
    return Bar(price, price, price, price)


def _end(at_ms: int, period_ms: int) -> int:
    return -(-at_ms // period_ms) * period_ms
