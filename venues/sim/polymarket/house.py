"""The simulated exchange as its faces see it: one object, one subject behind each name."""

from __future__ import annotations

from collections.abc import Callable

from venues.clock import Clock
from venues.sim.agenda import Agenda
from venues.sim.polymarket.audit import audit
from venues.sim.polymarket.chain import Chain
from venues.sim.polymarket.core import Core
from venues.sim.polymarket.floor import Floor
from venues.sim.polymarket.index import DataIndex
from venues.sim.polymarket.keys import Keys
from venues.sim.polymarket.knobs import Knobs
from venues.sim.polymarket.lifecycle import Lifecycle
from venues.sim.polymarket.modes import Modes
from venues.sim.polymarket.notices import Notice
from venues.sim.polymarket.orders import Orders
from venues.sim.polymarket.records import BookView
from venues.sim.polymarket.settlement import Settlement
from venues.sim.polymarket.view import View
from venues.sim.polymarket.wallets import Wallets

__all__ = ["House"]


class House:
    """`advance()` applies what the clock made due. A face calls it before every answer and frame;
    calls that change something do so themselves."""

    def __init__(self, clock: Clock, *, seed: int = 0, knobs: Knobs | None = None) -> None:
        self.knobs = knobs or Knobs()
        self.agenda = Agenda(clock)
        self._core = Core(self.agenda, seed, self.knobs)
        self.catalogue = self._core.catalogue
        self.keys = Keys(self._core)
        self.data = DataIndex(self._core)
        self.wallets = Wallets(self._core, self.data)
        self._floor = Floor(self._core)
        self.settlement = Settlement(self._core, self._floor, self.wallets)
        self.modes = Modes(self._core, self._floor)
        self.orders = Orders(
            self._core,
            self.keys,
            self.wallets,
            floor=self._floor,
            settlement=self.settlement,
            modes=self.modes,
        )
        self.wallets.changed = self.settlement.changed = self.orders.recheck
        self.chain = Chain(self._core, self.wallets)
        self.lifecycle = Lifecycle(self._core, self._floor, self.wallets, self.chain)
        self.settlement.paid_late = self.lifecycle.redeem_late

    @property
    def now_ms(self) -> int:
        return self.agenda.now_ms

    def advance(self) -> None:
        self.agenda.advance()

    def at(self, due_ms: int, action: Callable[[], None]) -> None:
        """Books something to happen in this world; `now_ms` is then `due_ms`."""
        self.agenda.at(due_ms, action)

    def listen(self, callback: Callable[[Notice], None]) -> Callable[[], None]:
        """Every notice from now on, in order, during the call that causes it. Returns the way to
        stop listening. A callback must not call the house back with a write."""
        self._core.listeners.append(callback)
        return lambda: self._core.listeners.remove(callback)

    def book(self, token: str) -> BookView:
        """404 for a token that the exchange does not know."""
        self.advance()
        return self._floor.book(token)

    def view(self, api_key: str, as_of_ms: int | None = None) -> View:
        """One account's reads: of now less `knobs.lag_ms`, unless told."""
        self.advance()
        when_ms = self.now_ms - self.knobs.lag_ms if as_of_ms is None else as_of_ms
        shown = self.knobs.dead_orders_shown
        return View(api_key, when_ms, self._floor, dead_orders_shown=shown)

    def audit(self) -> None:
        """AssertionError unless every micro-dollar and every share is accounted for."""
        self.advance()
        audit(self._core, self.wallets)
