"""One account's orders and trades as reads show them: `lag_ms` behind the engine."""

from __future__ import annotations

from collections.abc import Callable

from venues.sim.polymarket.floor import Floor
from venues.sim.polymarket.records import OrderRecord, OrderStatus, TradeRecord

_OPEN = (OrderStatus.LIVE, OrderStatus.DELAYED)


class View:
    """Of one API key, at a moment."""

    def __init__(
        self, api_key: str, when_ms: int, floor: Floor, *, dead_orders_shown: bool
    ) -> None:
        self._api_key = api_key
        self._when_ms = when_ms
        self._floor = floor
        self._dead_orders_shown = dead_orders_shown

    def orders(self, market: str = "", token: str = "") -> tuple[OrderRecord, ...]:
        """Open ones, newest first."""
        return tuple(
            each
            for each in self._floor.orders.all(self._when_ms)
            if each.owner == self._api_key
            and each.status in _OPEN
            and market in {"", each.market}
            and token in {"", each.token}
        )

    def order(self, id: str) -> OrderRecord | None:
        """Dead ones too, if `knobs.dead_orders_shown`."""
        found = self._floor.orders.at(id, self._when_ms)
        if found is None or found.owner != self._api_key:
            return None
        return found if found.status in _OPEN or self._dead_orders_shown else None

    def trades(
        self,
        market: str = "",
        token: str = "",
        id: str = "",
        *,
        before_s: int | None = None,
        after_s: int | None = None,
        maker: str = "",
    ) -> tuple[TradeRecord, ...]:
        """Newest first: those where the account took or made."""
        wanted: tuple[Callable[[TradeRecord], bool], ...] = (
            self._is_mine,
            lambda each: market in {"", each.market},
            lambda each: token in {"", each.token},
            lambda each: id in {"", each.id},
            lambda each: before_s is None or each.matched_ms // 1_000 < before_s,
            lambda each: after_s is None or each.matched_ms // 1_000 > after_s,
            lambda each: maker in {"", each.maker_address, *(m.maker_address for m in each.makers)},
        )
        rows = self._floor.trades.all(self._when_ms)
        return tuple(each for each in rows if all(fits(each) for fits in wanted))

    def _is_mine(self, trade: TradeRecord) -> bool:
        return self._api_key in {trade.owner, *(part.owner for part in trade.makers)}
