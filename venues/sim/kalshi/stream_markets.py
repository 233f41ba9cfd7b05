"""The markets that commands name: found, counted, and put into a subscription."""

from __future__ import annotations

from venues.sim.kalshi.house import House
from venues.sim.kalshi.refusal import Refusal
from venues.sim.kalshi.stream_commands import Markets
from venues.sim.kalshi.stream_errors import Code, StreamRefusal
from venues.sim.kalshi.stream_knobs import StreamKnobs
from venues.sim.kalshi.stream_subscription import Named, Subscription


class Directory:
    def __init__(self, house: House, knobs: StreamKnobs) -> None:
        self._house = house
        self._knobs = knobs

    def find(self, markets: Markets) -> Named:
        """Raises StreamRefusal for markets that nobody knows, unless they are passed over."""
        ids = {each.id: each.ticker for each in self._house.live_markets()} if markets.ids else {}
        named = [(ticker, "") for ticker in markets.tickers if self._knows(ticker)]
        named += [(ids[id], id) for id in markets.ids if id in ids]
        known = {name for pair in named for name in pair}
        unknown = tuple(name for name in (*markets.tickers, *markets.ids) if name not in known)
        if unknown and self._knobs.unknown_markets_refused:
            raise StreamRefusal(Code.INVALID_PARAMETER, unknown)
        return tuple(named)

    def join(self, to: Subscription, named: Named) -> tuple[str, ...]:
        """The tickers that are new there. Raises StreamRefusal above the limit."""
        if to.size_with(named) > self._knobs.markets_max:
            raise StreamRefusal(Code.MARKET_LIMIT)
        return to.add(named)

    def _knows(self, ticker: str) -> bool:
        try:
            self._house.market(ticker)
        except Refusal:
            return False
        return True
