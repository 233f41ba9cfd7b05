"""Who may trade, and what everybody owns, exactly (section 10)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from venues.money import Cash, Price
from venues.sim.kalshi.collateral import Working, locked
from venues.sim.kalshi.core import Core
from venues.sim.kalshi.knobs import Member
from venues.sim.kalshi.notices import PositionChanged
from venues.sim.kalshi.positions import Positions
from venues.sim.kalshi.records import FillRecord, OrderRecord, PositionRecord
from venues.sim.kalshi.refusal import (
    insufficient_balance,
    invalid_parameters,
    not_found,
    user_not_found,
)
from venues.sim.kalshi.versions import Versions

SUBACCOUNT_MAX: Final = 63


class Purse(NamedTuple):
    """Where cash lies: what one engine lets one subaccount spend."""

    user_id: str
    subaccount: int
    exchange_index: int


class Held(NamedTuple):
    """The cash of a purse, and how much of it open orders lock."""

    cash: Cash
    locked: Cash


@dataclass(slots=True)
class _User:
    member: Member
    shards: frozenset[int]
    subaccounts: set[int]


class Accounts:
    """Users, their cash by (subaccount, shard), their positions by (subaccount, ticker)."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._users: dict[str, _User] = {}
        self._cash: dict[Purse, int] = {}
        self._open: dict[Purse, dict[str, OrderRecord]] = {}
        self._touched: dict[Purse, None] = {}
        self._netting: set[Purse] = set()
        self.positions = Positions(core)
        self.held: Versions[Purse, Held] = Versions(core.knobs.kept_ms)
        self.deposited = 0
        """All outside money that came in, less what went out."""
        self.earned = 0
        """All fees the house took."""
        self.travelling = 0
        """Cash that left one shard and has not reached the other."""

    def open(
        self,
        user_id: str,
        *,
        member: Member | None = None,
        shards: Iterable[int] | None = None,
    ) -> None:
        """A new user with subaccount 0 on these shards (None: all); elsewhere user_not_found."""
        known = frozenset(self._core.statuses if shards is None else shards)
        self._users[user_id] = _User(member or self._core.knobs.member, known, {0})
        for shard in sorted(known):
            self._touch(Purse(user_id, 0, shard))

    def users(self) -> tuple[str, ...]:
        return tuple(self._users)

    def member(self, user_id: str) -> Member:
        return self._users[user_id].member

    def shards(self, user_id: str) -> frozenset[int]:
        return self._users[user_id].shards

    def subaccounts(self, user_id: str) -> tuple[int, ...]:
        return tuple(sorted(self._users[user_id].subaccounts))

    def open_subaccount(self, user_id: str) -> int:
        """The next free number, 1 … 63."""
        number = max(self._users[user_id].subaccounts) + 1
        if number > SUBACCOUNT_MAX:
            raise invalid_parameters("no more subaccounts")
        self._users[user_id].subaccounts.add(number)
        for shard in sorted(self.shards(user_id)):
            self._touch(Purse(user_id, number, shard))
        return number

    def need(self, user_id: str, subaccount: int, exchange_index: int) -> Purse:
        """The purse, or user_not_found on this shard, or 404 for the subaccount."""
        user = self._users.get(user_id)
        if user is None or exchange_index not in user.shards:
            raise user_not_found(user_id, exchange_index)
        if subaccount not in user.subaccounts:
            raise not_found("subaccount")
        return Purse(user_id, subaccount, exchange_index)

    def deposit(
        self, user_id: str, amount: Cash, *, exchange_index: int = 0, subaccount: int = 0
    ) -> None:
        """Outside money comes in; a negative amount takes it out (insufficient_balance)."""
        with self._core.operation():
            purse = self.need(user_id, subaccount, exchange_index)
            if amount < 0 and self.free_in(purse) < -amount:
                raise insufficient_balance()
            self.deposited += amount
            self.move(purse, amount)

    def cash(self, user_id: str, *, exchange_index: int = 0, subaccount: int = 0) -> Cash:
        """All cash there, what open orders lock included."""
        return Cash(self._cash.get(Purse(user_id, subaccount, exchange_index), 0))

    def free(self, user_id: str, *, exchange_index: int = 0, subaccount: int = 0) -> Cash:
        """Cash that no open order locks; below zero only by a fee (`MarginCancel` follows)."""
        return self.free_in(Purse(user_id, subaccount, exchange_index))

    def free_in(self, purse: Purse) -> Cash:
        return Cash(self._cash.get(purse, 0) - self.locked_in(purse))

    def locked_in(self, purse: Purse, instead: OrderRecord | None = None) -> Cash:
        """What the open orders of a purse lock, with `instead` added or in its old self's place."""
        orders = dict(self._open.get(purse, {}))
        if instead is not None:
            orders[instead.order_id] = instead
        markets: dict[str, list[Working]] = {}
        for order in orders.values():
            working = Working(order.side, order.price, order.remaining)
            markets.setdefault(order.ticker, []).append(working)
        return Cash(sum(locked(self._covering(purse, t), work) for t, work in markets.items()))

    def position(self, user_id: str, ticker: str, *, subaccount: int = 0) -> PositionRecord:
        """As it is now, empty if there never was one."""
        return self.positions.get(user_id, subaccount, ticker)

    def set_netting(
        self, user_id: str, *, enabled: bool, exchange_index: int = 0, subaccount: int = 0
    ) -> None:
        """MECNET for this purse, where the knob allows it (UNSURE #7)."""
        with self._core.operation():
            purse = self.need(user_id, subaccount, exchange_index)
            if not self._core.knobs.mecnet:
                raise invalid_parameters("netting is not available")
            (self._netting.add if enabled else self._netting.discard)(purse)
            for event_ticker in self._core.catalogue.events:
                self._net(purse, event_ticker)

    def netting(self, user_id: str, *, exchange_index: int = 0, subaccount: int = 0) -> bool:
        return Purse(user_id, subaccount, exchange_index) in self._netting

    def open_orders(self, purse: Purse) -> tuple[OrderRecord, ...]:
        """Oldest first."""
        return tuple(self._open.get(purse, {}).values())

    def count_open(self, user_id: str) -> int:
        return sum(len(orders) for purse, orders in self._open.items() if purse[0] == user_id)

    def track(self, order: OrderRecord) -> None:
        """Keeps what an order locks in step with the order."""
        purse = Purse(order.user_id, order.subaccount, order.exchange_index)
        if order.remaining:
            self._open.setdefault(purse, {})[order.order_id] = order
        elif self._open.get(purse, {}).pop(order.order_id, None) is None:
            return
        self._touch(purse)

    def fill(self, fill: FillRecord) -> PositionRecord:
        """Pays for a fill, cashes the pairs it makes, and takes the fee."""
        purse = Purse(fill.user_id, fill.subaccount, fill.exchange_index)
        position, change = self.positions.fill(fill)
        self.earned += fill.fee
        self.move(purse, change - fill.fee)
        self._net(purse, self._core.catalogue.markets[fill.ticker].event_ticker)
        return position

    def settle(self, ticker: str, value: Price) -> None:
        """Pays every position of a market; `value` is what one YES pays (14, 11.3)."""
        event_ticker = self._core.catalogue.markets[ticker].event_ticker
        for position in self.positions.holders(ticker):
            purse = Purse(position.user_id, position.subaccount, position.exchange_index)
            settlement = self.positions.settle(
                position, value, self._users[position.user_id].member.precision
            )
            self.move(purse, settlement.revenue)
            self._net(purse, event_ticker)
            told = self.positions.get(position.user_id, position.subaccount, ticker)
            self._core.tell(PositionChanged(position=told, ts_ms=self._core.now_ms))
        self.earned += self.positions.empty_escrow(ticker)

    def move(self, purse: Purse, amount: int) -> None:
        self._cash[purse] = self._cash.get(purse, 0) + amount
        self._touch(purse)

    def total_cash(self) -> int:
        return sum(self._cash.values())

    def take_touched(self) -> tuple[Purse, ...]:
        """The purses that changed since the last call."""
        touched, self._touched = tuple(self._touched), {}
        return touched

    def note(self, purse: Purse) -> None:
        """Writes down what the purse holds now, for reads that lag."""
        held = Held(Cash(self._cash.get(purse, 0)), self.locked_in(purse))
        self.held.put(purse, self._core.now_ms, held)

    def _touch(self, purse: Purse) -> None:
        self._touched[purse] = None

    def _covering(self, purse: Purse, ticker: str) -> int:
        """The position that closing orders may lean on: less what netting has paid out ahead."""
        event_ticker = self._core.catalogue.markets[ticker].event_ticker
        count = self.positions.get(purse.user_id, purse.subaccount, ticker).count
        left = max(0, abs(count) - self.positions.advanced(purse, event_ticker))
        return left if count > 0 else -left

    def _net(self, purse: Purse, event_ticker: str) -> None:
        """Brings what netting pays ahead in line with the positions (UNSURE #7)."""
        change = self.positions.net(purse, event_ticker, enabled=purse in self._netting)
        if change:
            self.move(purse, change)
