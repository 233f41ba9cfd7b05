"""The simulated exchange as its faces see it: one object, one subject behind each name."""

from __future__ import annotations

from collections.abc import Callable

from venues.clock import Clock
from venues.sides import Side
from venues.sim.agenda import Agenda
from venues.sim.exchange import Level
from venues.sim.kalshi.accounts import Accounts
from venues.sim.kalshi.archive import Cutoff, archived, cutoff
from venues.sim.kalshi.audit import audit
from venues.sim.kalshi.candles import Candles
from venues.sim.kalshi.catalogue import Market
from venues.sim.kalshi.core import Core
from venues.sim.kalshi.floor import Floor
from venues.sim.kalshi.groups import Groups
from venues.sim.kalshi.knobs import Knobs
from venues.sim.kalshi.lifecycle import Lifecycle
from venues.sim.kalshi.limits import Limits
from venues.sim.kalshi.notices import Notice
from venues.sim.kalshi.orders import Orders
from venues.sim.kalshi.pauses import Pauses
from venues.sim.kalshi.records import Quote, ShardStatus, TradeRecord
from venues.sim.kalshi.refusal import not_found
from venues.sim.kalshi.transfers import Transfers
from venues.sim.kalshi.view import View

__all__ = ["Cutoff", "House"]


class House:
    """`advance()` applies what the clock made due. A face calls it before every answer and frame;
    the calls of `orders`, `groups` and `transfers` do so themselves."""

    def __init__(self, clock: Clock, *, seed: int = 0, knobs: Knobs | None = None) -> None:
        self.knobs = knobs or Knobs()
        self.agenda = Agenda(clock)
        self._core = Core(self.agenda, seed, self.knobs)
        self.catalogue = self._core.catalogue
        self.accounts = Accounts(self._core)
        self._floor = Floor(self._core, self.accounts)
        self._core.settle_up = self._floor.call_margin
        self.lifecycle = Lifecycle(self._core, self.accounts, self._floor)
        self.pauses = Pauses(self._core, self._floor)
        self.groups = Groups(self._core, self.accounts, self._floor)
        self.orders = Orders(self._core, self.accounts, self._floor, self.groups)
        self.limits = Limits(self._core)
        self.transfers = Transfers(self._core, self.accounts)
        self.candles = Candles(self.quote)
        self.listen(self.candles.hear)

    @property
    def now_ms(self) -> int:
        return self.agenda.now_ms

    def advance(self) -> None:
        self._core.advance()

    def at(self, due_ms: int, action: Callable[[], None]) -> None:
        """Books something to happen in this world; `now_ms` is then `due_ms`."""
        self._core.at(due_ms, action)

    def listen(self, callback: Callable[[Notice], None]) -> Callable[[], None]:
        """Every notice from now on, in order, during the call that causes it. Returns the way to
        stop listening. A callback must not call the house back with a write."""
        self._core.listeners.append(callback)
        return lambda: self._core.listeners.remove(callback)

    def market(self, ticker: str) -> Market:
        """On the live paths: 404 when unknown or archived."""
        market = self._core.market(ticker)
        if archived(market, self.cutoff()):
            raise not_found("market")
        return market

    def archived_market(self, ticker: str) -> Market:
        """On the historical paths: 404 when unknown or still live."""
        market = self._core.market(ticker)
        if not archived(market, self.cutoff()):
            raise not_found("market")
        return market

    def live_markets(self) -> tuple[Market, ...]:
        """In the order they were listed."""
        at = self.cutoff()
        return tuple(m for m in self.catalogue.markets.values() if not archived(m, at))

    def archived_markets(self) -> tuple[Market, ...]:
        at = self.cutoff()
        return tuple(m for m in self.catalogue.markets.values() if archived(m, at))

    def quote(self, ticker: str) -> Quote:
        return self._floor.quote(ticker)

    def bids(self, ticker: str) -> tuple[Level, ...]:
        """YES bids, best first."""
        return self._floor.engine(ticker).levels(ticker, Side.BUY)

    def asks(self, ticker: str) -> tuple[Level, ...]:
        """YES asks in YES dollars, best first."""
        return self._floor.engine(ticker).levels(ticker, Side.SELL)

    def book_clock(self, ticker: str) -> int:
        """The shard's clock at the newest change of this book; 0: none."""
        return self._floor.engine(ticker).newest_clock(ticker)

    def trades(self) -> tuple[TradeRecord, ...]:
        """Of the live window, newest first."""
        since = self.cutoff().trades_created_ms
        return tuple(t for t in reversed(self._floor.trades) if t.created_ms >= since)

    def archived_trades(self) -> tuple[TradeRecord, ...]:
        since = self.cutoff().trades_created_ms
        return tuple(t for t in reversed(self._floor.trades) if t.created_ms < since)

    def view(self, user_id: str, as_of_ms: int | None = None) -> View:
        """One user's data as REST shows it: as of now less `knobs.lag_ms`, unless told.

        `as_of_ms` may lie `lag_ms + lag_spare_ms` back; further back, changes are forgotten.
        """
        when = self.user_data_timestamp_ms() if as_of_ms is None else as_of_ms
        return View(user_id, when, self.cutoff(), self.accounts, self._floor)

    def user_data_timestamp_ms(self) -> int:
        return self.now_ms - self.knobs.lag_ms

    def statuses(self) -> tuple[ShardStatus, ...]:
        """By exchange_index."""
        return tuple(self._core.statuses.values())

    def cutoff(self) -> Cutoff:
        return cutoff(self.now_ms, self.knobs)

    def audit(self) -> None:
        """AssertionError unless every micro-dollar is accounted for (reliability.md, I18)."""
        audit(self._core, self.accounts, self._floor)
