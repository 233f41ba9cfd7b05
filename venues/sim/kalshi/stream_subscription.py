"""One subscription of a connection: its markets and its count (12.2, 12.4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from venues.sim.kalshi.frames import Message
from venues.sim.kalshi.stream_channels import BY_MARKET, INDICES, UNSEQUENCED, Channel

Named: TypeAlias = tuple[tuple[str, str], ...]
"""Pairs of a ticker and the market id it was named by, "" if by its ticker."""


@dataclass(slots=True, kw_only=True)
class Subscription:
    """`everything`: it was made without naming a market, and sees all of them.

    `by_id`: market id → ticker, of those named by their id; `references` are index ids or
    underlying tickers.
    """

    sid: int
    channel: Channel
    everything: bool
    use_yes_price: bool = False
    skip_ack: bool = False
    tickers: dict[str, None] = field(default_factory=dict)
    by_id: dict[str, str] = field(default_factory=dict)
    references: dict[str, None] = field(default_factory=dict)
    seq: int = 0

    @property
    def sequenced(self) -> bool:
        return self.channel not in UNSEQUENCED

    def next_seq(self) -> int:
        self.seq += 1
        return self.seq

    def sees(self, ticker: str) -> bool:
        if self.everything or self.channel not in BY_MARKET:
            return True
        return ticker in self.tickers or ticker in self.by_id.values()

    def size_with(self, named: Named) -> int:
        """How many markets it would name."""
        return len({*self.tickers, *self.by_id, *(id or ticker for ticker, id in named)})

    def add(self, named: Named) -> tuple[str, ...]:
        """Returns the tickers that it did not see before."""
        new = []
        for ticker, id in named:
            if not self.sees(ticker):
                new.append(ticker)
            if id:
                self.by_id[id] = ticker
            else:
                self.tickers[ticker] = None
        return tuple(new)

    def remove(self, named: Named) -> None:
        for ticker, id in named:
            if id:
                self.by_id.pop(id, None)
            else:
                self.tickers.pop(ticker, None)

    def listing(self) -> Message:
        """The `msg` of an `ok`: everything it has after the change, sorted as in recordings."""
        if self.channel in INDICES:
            return {"index_ids": list(self.references)}
        if self.channel is Channel.PYTH:
            return {"underlying_tickers": list(self.references)}
        if self.skip_ack or self.everything or self.channel not in BY_MARKET:
            return {}
        lists = {"market_tickers": sorted(self.tickers), "market_ids": sorted(self.by_id)}
        return {name: names for name, names in lists.items() if names} or {"market_tickers": []}
