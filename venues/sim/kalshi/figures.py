"""Last prices, volumes, and how things stood a day ago: a market's public figures (6.4)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from venues.money import ONE, Price, Quantity
from venues.sim.exchange import Level
from venues.sim.kalshi.knobs import DAY_MS
from venues.sim.kalshi.records import NONE, Quote, TradeRecord

_SAMPLE_MS: Final = 60_000
_NO_PRICE: Final = Price(0)
_DOLLAR: Final = Price(ONE)


class Top(NamedTuple):
    """The sentinels of an empty side: bid 0, ask ONE, last 0."""

    bid: Price = _NO_PRICE
    ask: Price = _DOLLAR
    last: Price = _NO_PRICE


@dataclass(slots=True)
class _Market:
    last_price: Price = _NO_PRICE
    last_size: Quantity = NONE
    volume: int = 0
    day: deque[tuple[int, int]] = field(default_factory=deque)
    day_volume: int = 0
    tops: deque[tuple[int, Top]] = field(default_factory=deque)


class Figures:
    """`tops` are kept a minute apart, so figures of a day ago are right to a minute."""

    def __init__(self) -> None:
        self._markets: dict[str, _Market] = {}

    def printed(self, trade: TradeRecord) -> None:
        market = self._markets.setdefault(trade.ticker, _Market())
        market.last_price, market.last_size = trade.price, trade.count
        market.volume += trade.count
        market.day_volume += trade.count
        market.day.append((trade.created_ms, trade.count))

    def moved(self, ticker: str, now_ms: int, top: Callable[[], tuple[Level, Level]]) -> None:
        """A book moved; `top` tells its best bid and ask and is asked once a minute at most."""
        market = self._markets.setdefault(ticker, _Market())
        if market.tops and market.tops[-1][0] > now_ms - _SAMPLE_MS:
            return
        bid, ask = top()
        market.tops.append((now_ms, Top(bid.price, ask.price, market.last_price)))

    def last_price(self, ticker: str) -> Price:
        market = self._markets.get(ticker)
        return market.last_price if market else Price(0)

    def quote(
        self, ticker: str, now_ms: int, bid: Level, ask: Level, open_interest: Quantity
    ) -> Quote:
        market = self._markets.setdefault(ticker, _Market())
        while market.day and market.day[0][0] <= now_ms - DAY_MS:
            market.day_volume -= market.day.popleft()[1]
        while len(market.tops) > 1 and market.tops[1][0] <= now_ms - DAY_MS:
            market.tops.popleft()
        old = market.tops and market.tops[0][0] <= now_ms - DAY_MS
        then = market.tops[0][1] if old else Top()
        return Quote(
            yes_bid=bid.price,
            yes_bid_size=bid.size,
            yes_ask=ask.price,
            yes_ask_size=ask.size,
            last_price=market.last_price,
            last_size=market.last_size,
            volume=Quantity(market.volume),
            volume_24h=Quantity(market.day_volume),
            open_interest=open_interest,
            previous_yes_bid=then.bid,
            previous_yes_ask=then.ask,
            previous_price=then.last,
        )
