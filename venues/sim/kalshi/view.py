"""What REST reads of user data show: the past, by the read lag (9.6)."""

from __future__ import annotations

from collections.abc import Iterable

from venues.money import ONE, Cash
from venues.sim.kalshi.accounts import Accounts, Held, Purse
from venues.sim.kalshi.archive import Cutoff
from venues.sim.kalshi.floor import Floor
from venues.sim.kalshi.records import (
    BalanceRecord,
    FillRecord,
    OrderRecord,
    PositionRecord,
    SettlementRecord,
)
from venues.sim.kalshi.refusal import not_found


class View:
    """One user's data as of `as_of_ms`. Lists are newest first; `subaccount` None: all."""

    def __init__(
        self, user_id: str, as_of_ms: int, cutoff: Cutoff, accounts: Accounts, floor: Floor
    ) -> None:
        self.as_of_ms = as_of_ms
        self._user_id = user_id
        self._cutoff = cutoff
        self._accounts = accounts
        self._floor = floor

    def order(self, order_id: str) -> OrderRecord:
        """404 when unknown by then, somebody else's, or archived."""
        order = self._floor.versions.at(order_id, self.as_of_ms)
        if order is None or order.user_id != self._user_id or self._archived(order):
            raise not_found("order")
        return order

    def orders(self, *, subaccount: int | None = None) -> tuple[OrderRecord, ...]:
        """Resting ones always; finished ones of the live window."""
        return tuple(order for order in self._orders(subaccount) if not self._archived(order))

    def archived_orders(self, *, subaccount: int | None = None) -> tuple[OrderRecord, ...]:
        return tuple(order for order in self._orders(subaccount) if self._archived(order))

    def fills(self, *, subaccount: int | None = None) -> tuple[FillRecord, ...]:
        """Of the live window of trades."""
        since = self._cutoff.trades_created_ms
        return tuple(fill for fill in self._fills(subaccount) if fill.created_ms >= since)

    def archived_fills(self, *, subaccount: int | None = None) -> tuple[FillRecord, ...]:
        since = self._cutoff.trades_created_ms
        return tuple(fill for fill in self._fills(subaccount) if fill.created_ms < since)

    def positions(self, *, subaccount: int | None = 0) -> tuple[PositionRecord, ...]:
        """Settled ones too (`settled_ms`), and those that are flat again."""
        positions = self._accounts.positions
        mine = (key for key in positions.versions.keys() if key[0] == self._user_id)  # noqa: SIM118
        found = [positions.versions.at(key, self.as_of_ms) for key in mine]
        return tuple(p for p in reversed(found) if p and subaccount in {None, p.subaccount})

    def settlements(self, *, subaccount: int | None = None) -> tuple[SettlementRecord, ...]:
        return tuple(
            s
            for s in reversed(self._accounts.positions.settlements)
            if s.user_id == self._user_id
            and subaccount in {None, s.subaccount}
            and s.settled_ms <= self.as_of_ms
        )

    def balance(
        self, *, subaccount: int | None = 0, exchange_index: int | None = None
    ) -> BalanceRecord:
        by_shard = {
            shard: self._free(shard, subaccount)
            for shard in sorted(self._accounts.shards(self._user_id))
            if exchange_index in {None, shard}
        }
        worth = sum(
            self._worth(position)
            for position in self.positions(subaccount=subaccount)
            if position.exchange_index in by_shard
        )
        return BalanceRecord(
            cash=Cash(sum(by_shard.values())),
            by_shard=tuple(by_shard.items()),
            portfolio_value=Cash(worth),
            updated_ms=self.as_of_ms,
        )

    def _free(self, shard: int, subaccount: int | None) -> Cash:
        every = self._accounts.subaccounts(self._user_id)
        numbers = every if subaccount is None else (subaccount,)
        purses: Iterable[Purse] = (Purse(self._user_id, number, shard) for number in numbers)
        nothing = Held(Cash(0), Cash(0))
        held = [self._accounts.held.at(purse, self.as_of_ms) or nothing for purse in purses]
        return Cash(sum(each.cash - each.locked for each in held))

    def _worth(self, position: PositionRecord) -> int:
        """At the result, or else at the last price; rounded down."""
        last = self._floor.mark(position.ticker)
        own = last if position.count > 0 else ONE - last
        return abs(position.count) * own // ONE

    def _orders(self, subaccount: int | None) -> list[OrderRecord]:
        ids = reversed(self._floor.orders_of.get(self._user_id, []))
        found = (self._floor.versions.at(id, self.as_of_ms) for id in ids)
        return [order for order in found if order and subaccount in {None, order.subaccount}]

    def _fills(self, subaccount: int | None) -> list[FillRecord]:
        return [
            fill
            for fill in reversed(self._floor.fills_of.get(self._user_id, []))
            if fill.created_ms <= self.as_of_ms and subaccount in {None, fill.subaccount}
        ]

    def _archived(self, order: OrderRecord) -> bool:
        return not order.remaining and order.updated_ms < self._cutoff.orders_updated_ms
