"""Pauses of whole shards: trading, or everything (section 14)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from venues.sim.exchange import Reason
from venues.sim.kalshi.core import Core
from venues.sim.kalshi.floor import Floor
from venues.sim.kalshi.notices import ShardChanged


class Pauses:
    """`shard` None: all of them."""

    def __init__(self, core: Core, floor: Floor) -> None:
        self._core = core
        self._floor = floor

    def pause_trading(self, *, shard: int | None = None, resume_ms: int | None = None) -> None:
        """No create, no amend; cancels work. Orders marked cancel_order_on_pause go.

        `resume_ms` is only announced; see `schedule` for one that also ends.
        """
        with self._core.operation():
            for index in self._of(shard):
                self._set(index, exchange=True, trading=False, resume_ms=resume_ms)
                self._cancel_marked(index)

    def pause_exchange(self, *, shard: int | None = None, resume_ms: int | None = None) -> None:
        """Nothing works, cancels and transfers included."""
        with self._core.operation():
            for index in self._of(shard):
                self._set(index, exchange=False, trading=False, resume_ms=resume_ms)
                self._cancel_marked(index)

    def resume(self, *, shard: int | None = None) -> None:
        with self._core.operation():
            for index in self._of(shard):
                self._set(index, exchange=True, trading=True, resume_ms=None)

    def schedule(self, start_ms: int, end_ms: int, *, shard: int | None = None) -> None:
        """A trading pause that begins and ends by the clock, like the weekly one."""
        self._core.at(start_ms, lambda: self.pause_trading(shard=shard, resume_ms=end_ms))
        self._core.at(end_ms, lambda: self.resume(shard=shard))

    def _of(self, shard: int | None) -> Iterable[int]:
        return tuple(self._core.statuses) if shard is None else (shard,)

    def _set(self, index: int, *, exchange: bool, trading: bool, resume_ms: int | None) -> None:
        status = replace(
            self._core.statuses[index],
            exchange_active=exchange,
            trading_active=trading,
            transfers_active=exchange,
            estimated_resume_ms=resume_ms,
        )
        self._core.statuses[index] = status
        self._core.tell(ShardChanged(status=status, ts_ms=self._core.now_ms))

    def _cancel_marked(self, index: int) -> None:
        for order in self._floor.open_orders():
            if order.exchange_index == index and order.cancel_order_on_pause:
                self._floor.cancel(order.order_id, Reason.HALTED)
