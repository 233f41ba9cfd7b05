"""How the exchange may be up and take no orders (§15.3)."""

from __future__ import annotations

from venues.sim.polymarket.core import Core
from venues.sim.polymarket.floor import Floor
from venues.sim.polymarket.notices import EngineRestarted
from venues.sim.polymarket.records import OrderStatus
from venues.sim.polymarket.refusal import Refusal

POST_ONLY = "post-only mode: only post-only orders and cancels are allowed"
CANCEL_ONLY = (
    "Trading is currently cancel-only. New orders are not accepted, but cancels are allowed."
)
DISABLED = "Trading is currently disabled. Check polymarket.com for updates"


class Modes:
    def __init__(self, core: Core, floor: Floor) -> None:
        self._core = core
        self._floor = floor
        self._down_until_ms = self._post_only_until_ms = 0
        self._is_cancel_only = self._is_disabled = False

    def restart(
        self, *, down_ms: int = 90_000, post_only_ms: int = 120_000, wipe: bool = False
    ) -> None:
        """From now on 425, then a while for orders that rest only. Books stand unless `wipe`."""
        self._core.agenda.advance()
        self._down_until_ms = self._core.now_ms + down_ms
        self._post_only_until_ms = self._down_until_ms + post_only_ms
        for order in self._floor.resting() if wipe else ():
            self._floor.end(order.id, OrderStatus.CANCELED)
        self._core.tell(EngineRestarted(ts_ms=self._core.now_ms))

    def cancel_only(self, *, on: bool = True) -> None:
        self._is_cancel_only = on

    def disable(self, *, on: bool = True) -> None:
        self._is_disabled = on

    def check_place(self, *, post_only: bool) -> None:
        self._check_up()
        if self._is_cancel_only:
            raise Refusal(503, CANCEL_ONLY)
        left_ms = self._post_only_until_ms - self._core.now_ms
        if left_ms > 0 and not post_only:
            wait_s = -(-left_ms // 1_000)
            raise Refusal(503, POST_ONLY, code="post_only_mode", retry_after_s=wait_s)

    def check_cancel(self) -> None:
        self._check_up()

    def _check_up(self) -> None:
        if self._core.now_ms < self._down_until_ms:
            raise Refusal(425, "the matching engine is restarting")
        if self._is_disabled:
            raise Refusal(503, DISABLED)
