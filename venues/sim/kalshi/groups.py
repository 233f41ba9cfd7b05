"""Order groups: a limit on the contracts filled in a rolling window (8.5, 9.7)."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from venues.money import ONE, Quantity
from venues.sim.kalshi.accounts import Accounts
from venues.sim.kalshi.core import Core
from venues.sim.kalshi.floor import Floor
from venues.sim.kalshi.notices import GroupChanged, GroupEvent
from venues.sim.kalshi.records import GroupRecord, OrderRecord
from venues.sim.kalshi.refusal import group_blocked, invalid_parameters, not_found

LIMIT_MAX = 1_000_000 * ONE


class Groups:
    """A group stands on one shard: the wrong `exchange_index` is 404. `subaccount` None: any."""

    def __init__(self, core: Core, accounts: Accounts, floor: Floor) -> None:
        self._core = core
        self._accounts = accounts
        self._floor = floor
        self._groups: dict[str, GroupRecord] = {}
        self._orders: dict[str, list[str]] = {}
        self._filled: dict[str, deque[tuple[int, int]]] = {}
        floor.on_fill = self._count

    def create(
        self, user_id: str, limit: Quantity, *, subaccount: int = 0, exchange_index: int = 0
    ) -> GroupRecord:
        with self._core.operation():
            self._core.need_shard(exchange_index)
            self._core.need_exchange(exchange_index)
            self._accounts.need(user_id, subaccount, exchange_index)
            _check_limit(limit)
            if len(self.all(user_id)) >= self._core.knobs.groups_max:
                raise invalid_parameters("too many order groups")
            group = GroupRecord(
                group_id=self._core.new_id(),
                user_id=user_id,
                subaccount=subaccount,
                exchange_index=exchange_index,
                limit=limit,
            )
            self._orders[group.group_id] = []
            self._filled[group.group_id] = deque()
            return self._put(group, GroupEvent.CREATED)

    def all(self, user_id: str, subaccount: int | None = None) -> tuple[GroupRecord, ...]:
        return tuple(
            group
            for group in self._groups.values()
            if group.user_id == user_id and subaccount in {None, group.subaccount}
        )

    def get(self, user_id: str, group_id: str) -> GroupRecord:
        group = self._groups.get(group_id)
        if group is None or group.user_id != user_id:
            raise not_found("order group")
        return group

    def orders_of(self, group_id: str) -> tuple[str, ...]:
        """Ids of its resting orders, oldest first."""
        ids = self._orders.get(group_id, [])
        return tuple(id for id in ids if self._floor.records[id].remaining)

    def set_limit(
        self, user_id: str, group_id: str, limit: Quantity, *, exchange_index: int = 0
    ) -> GroupRecord:
        """A limit that the window has already reached fires at once."""
        with self._core.operation():
            group = self._on(user_id, group_id, exchange_index)
            _check_limit(limit)
            group = self._put(replace(group, limit=limit), GroupEvent.LIMIT_UPDATED)
            if not group.tripped and self._in_window(group_id) >= limit:
                self._trip(group_id)
            return self._groups[group_id]

    def trigger(self, user_id: str, group_id: str, *, exchange_index: int = 0) -> GroupRecord:
        with self._core.operation():
            self._on(user_id, group_id, exchange_index)
            self._trip(group_id)
            return self._groups[group_id]

    def reset(self, user_id: str, group_id: str, *, exchange_index: int = 0) -> GroupRecord:
        with self._core.operation():
            group = self._on(user_id, group_id, exchange_index)
            self._filled[group_id].clear()
            return self._put(replace(group, tripped=False), GroupEvent.RESET)

    def delete(self, user_id: str, group_id: str, *, exchange_index: int = 0) -> None:
        """Cancels its orders too."""
        with self._core.operation():
            group = self._on(user_id, group_id, exchange_index)
            self._cancel_orders(group_id)
            self._put(group, GroupEvent.DELETED)
            del self._groups[group_id], self._orders[group_id], self._filled[group_id]

    def admit(self, user_id: str, group_id: str, exchange_index: int) -> None:
        """Refuses an order that may not join: unknown group, other shard, or tripped."""
        if self._on(user_id, group_id, exchange_index).tripped:
            raise group_blocked()

    def join(self, group_id: str, order_id: str) -> None:
        """In the operation that placed the order: what it filled is counted, and trips, after."""
        self._orders[group_id].append(order_id)

    def _count(self, order: OrderRecord, count: Quantity) -> None:
        group = self._groups.get(order.order_group_id or "")
        if group is None:
            return
        self._filled[group.group_id].append((self._core.now_ms, count))
        if not group.tripped and self._in_window(group.group_id) >= group.limit:
            self._core.afterwards(lambda: self._trip(group.group_id))

    def _in_window(self, group_id: str) -> int:
        filled = self._filled[group_id]
        while filled and filled[0][0] <= self._core.now_ms - self._core.knobs.group_window_ms:
            filled.popleft()
        return sum(count for _, count in filled)

    def _trip(self, group_id: str) -> None:
        group = self._groups.get(group_id)
        if group is None or group.tripped:
            return
        self._put(replace(group, tripped=True), GroupEvent.TRIGGERED)
        self._cancel_orders(group_id)

    def _cancel_orders(self, group_id: str) -> None:
        for order_id in self.orders_of(group_id):
            self._floor.cancel(order_id)

    def _on(self, user_id: str, group_id: str, exchange_index: int) -> GroupRecord:
        group = self.get(user_id, group_id)
        if group.exchange_index != exchange_index:
            raise not_found("order group")
        self._core.need_exchange(exchange_index)
        return group

    def _put(self, group: GroupRecord, event: GroupEvent) -> GroupRecord:
        self._groups[group.group_id] = group
        self._core.tell(GroupChanged(event=event, group=group, ts_ms=self._core.now_ms))
        return group


def _check_limit(limit: Quantity) -> None:
    if not ONE <= limit <= LIMIT_MAX:
        raise invalid_parameters("contracts_limit must be 1 to 1000000")
