"""How things stand, on the wire: whole books and tickers, made when they are asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from venues.sim.kalshi import frames_market
from venues.sim.kalshi.frames import Message
from venues.sim.kalshi.house import House
from venues.sim.kalshi.stream_channels import Channel
from venues.sim.kalshi.stream_sender import Sender
from venues.sim.kalshi.stream_subscription import Subscription

_STAMPS: Final = frozenset({"ts", "ts_ms", "time"})


class Shows:
    """`empty_side_shown` as in `StreamKnobs`."""

    def __init__(self, house: House, sender: Sender, *, empty_side_shown: bool) -> None:
        self._house = house
        self._sender = sender
        self._empty_side_shown = empty_side_shown
        self._moved: dict[str, int] = {}
        self._shown: dict[str, Message] = {}

    def added(self, on: Subscription, tickers: Iterable[str], *, initial: bool) -> None:
        """What new markets of a subscription begin with: whole books, or tickers on demand."""
        if on.channel is Channel.BOOKS:
            self.books(on, tickers)
        elif on.channel is Channel.TICKER and initial:
            for ticker in tickers:
                self._sender.tell(on, "ticker", ticker, self._ticker(ticker, self._house.now_ms))

    def books(self, on: Subscription, tickers: Iterable[str], *, id: int = 0) -> None:
        for ticker in tickers:
            msg = frames_market.snapshot(
                self._house.catalogue.markets[ticker],
                self._house.book_clock(ticker),
                self._house.bids(ticker),
                self._house.asks(ticker),
                yes_price=on.use_yes_price,
                empty_shown=self._empty_side_shown,
            )
            self._sender.tell(on, "orderbook_snapshot", ticker, msg, id)

    def moved(self, ticker: str, ts_ms: int) -> None:
        """The ticker of this market may have changed: `tickers` will see."""
        on = self._sender.subscriptions.get(Channel.TICKER)
        if on is not None and on.sees(ticker):
            self._moved[ticker] = ts_ms
            self._sender.line.wake()

    def tickers(self) -> None:
        """Of the markets that moved, those whose figures are new."""
        moved, self._moved = self._moved, {}
        on = self._sender.subscriptions.get(Channel.TICKER)
        for ticker, ts_ms in moved.items():
            before = self._shown.get(ticker)
            msg = self._ticker(ticker, ts_ms)
            if on is not None and on.sees(ticker) and self._shown[ticker] != before:
                self._sender.tell(on, "ticker", ticker, msg)

    def _ticker(self, ticker: str, ts_ms: int) -> Message:
        market = self._house.catalogue.markets[ticker]
        msg = frames_market.ticker(market, self._house.quote(ticker), ts_ms)
        self._shown[ticker] = {name: msg[name] for name in msg if name not in _STAMPS}
        return msg
