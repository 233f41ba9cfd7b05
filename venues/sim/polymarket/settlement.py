"""Trades on their way to the chain (§9.3): MATCHED, MINED, CONFIRMED; or RETRYING, FAILED.

Balances move when a trade is MINED; from its match until then both sides' money and tokens are
locked. A trade that fails moved nothing: `size_matched` of its orders stays what it was (UNSURE),
what they had locked for it is free again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from venues.money import ONE, Cash, Price, Quantity
from venues.sides import Side
from venues.sim.polymarket.catalogue import Market
from venues.sim.polymarket.core import Core
from venues.sim.polymarket.fees import taker_fee
from venues.sim.polymarket.floor import Floor, makers_fee
from venues.sim.polymarket.notices import TradeUpdated
from venues.sim.polymarket.records import TradeRecord, TradeStatus
from venues.sim.polymarket.wallets import CASH, Wallets


class Leg(NamedTuple):
    """One wallet's part in a trade; `cash` is what it pays or gets, without its fee."""

    wallet: str
    token: str
    side: Side
    shares: Quantity
    price: Price
    cash: Cash
    fee: Cash


class Settlement:
    def __init__(self, core: Core, floor: Floor, wallets: Wallets) -> None:
        self._core = core
        self._floor = floor
        self._wallets = wallets
        self.pending: dict[str, tuple[Leg, ...]] = {}
        self._to_fail = self._to_retry = 0
        self.changed: Callable[[str], None] = lambda _wallet: None
        """Is told of wallets that a trade took something from."""
        self.settled: list[tuple[int, TradeRecord, tuple[Leg, ...]]] = []
        """What reached the chain, oldest first, for the index."""

    def fail_next(self, count: int = 1) -> None:
        self._to_fail += count

    def retry_next(self, count: int = 1) -> None:
        self._to_retry += count

    def begin(self, market: Market, trade: TradeRecord) -> None:
        self.pending[trade.id] = legs(market, trade)
        self._show(trade)
        knobs = self._core.knobs
        fails = self._counted("_to_fail") or self._core.drawn(knobs.fail)
        retries = self._counted("_to_retry") or self._core.drawn(knobs.retry)
        mined_ms = knobs.mined_ms
        if retries:
            self._core.after(mined_ms, lambda: self._retry(trade.id))
            mined_ms += knobs.retry_ms
        due = self.fail if fails else self._mine
        self._core.after(mined_ms, lambda: due(trade.id))

    def fail(self, trade_id: str) -> None:
        """Takes back a trade that has not reached the chain; later ones stand."""
        if self.pending.pop(trade_id, None) is not None:
            self._become(trade_id, TradeStatus.FAILED)

    def locked(self, wallet: str, token: str | None) -> int:
        """What pending trades will take from a wallet; `token` None: of its cash."""
        total = 0
        for parts in self.pending.values():
            for leg in parts:
                if leg.wallet != wallet:
                    continue
                if token is None:
                    total += leg.cash + leg.fee if leg.side is Side.BUY else 0
                elif leg.side is Side.SELL and leg.token == token:
                    total += leg.shares
        return total

    def _retry(self, trade_id: str) -> None:
        if trade_id in self.pending:
            self._become(trade_id, TradeStatus.RETRYING)

    def _mine(self, trade_id: str) -> None:
        if trade_id not in self.pending:
            return
        parts = self.pending[trade_id]
        trade = self._floor.trades.now(trade_id)
        assert trade is not None
        market = self._core.catalogue.markets[trade.market]
        if not self._is_covered(parts):
            self.fail(trade_id)
            return
        del self.pending[trade_id]
        paid = got = 0
        for leg in parts:
            sign = 1 if leg.side is Side.BUY else -1
            self._wallets.move(leg.wallet, CASH, -sign * leg.cash - leg.fee)
            self._wallets.move(leg.wallet, leg.token, sign * leg.shares)
            self._wallets.fees += leg.fee
            paid += leg.cash if sign > 0 else 0
            got += leg.cash if sign < 0 else 0
        self._wallets.pool[market.condition] += paid - got
        self._become(trade_id, TradeStatus.MINED)
        for wallet in dict.fromkeys(leg.wallet for leg in parts):
            self.changed(wallet)
        settled = self._floor.trades.now(trade_id)
        assert settled is not None
        self.settled.append((self._core.now_ms, settled, parts))
        knobs = self._core.knobs
        self._core.after(
            max(knobs.confirmed_ms - knobs.mined_ms, 0),
            lambda: self._become(trade_id, TradeStatus.CONFIRMED),
        )

    def _is_covered(self, parts: tuple[Leg, ...]) -> bool:
        """The chain looks at what is there, not at what the exchange believes. Sums by wallet."""
        need: dict[tuple[str, str], int] = {}
        for leg in parts:
            is_buy = leg.side is Side.BUY
            cash, token = (leg.wallet, CASH), (leg.wallet, leg.token)
            need[cash] = need.get(cash, 0) + leg.fee + (leg.cash if is_buy else -leg.cash)
            need[token] = need.get(token, 0) + (-leg.shares if is_buy else leg.shares)
        return all(self._wallets.purse(w).held[asset] >= most for (w, asset), most in need.items())

    def _become(self, trade_id: str, status: TradeStatus) -> None:
        trade = self._floor.trades.now(trade_id)
        if trade is None:
            return
        transaction = trade.transaction_hash
        if trade.status is TradeStatus.RETRYING:  # a retry is another transaction
            transaction = self._core.new_hash()
        self._show(
            replace(
                trade, status=status, transaction_hash=transaction, updated_ms=self._core.now_ms
            )
        )
        if status in {TradeStatus.CONFIRMED, TradeStatus.FAILED}:
            self._core.after(self._core.knobs.kept_ms, lambda: self._floor.trades.drop(trade_id))

    def _show(self, trade: TradeRecord) -> None:
        self._floor.trades.put(trade.id, trade, self._core.now_ms)
        self._core.tell(TradeUpdated(trade=trade, ts_ms=self._core.now_ms))

    def _counted(self, name: str) -> bool:
        left: int = getattr(self, name)
        if left:
            setattr(self, name, left - 1)
        return left > 0


def legs(market: Market, trade: TradeRecord) -> tuple[Leg, ...]:
    """The taker's parts, one for each maker, and the makers'. What two buyers pay adds up to a
    dollar a share, what a buyer pays is what its seller gets: to the micro."""
    found = []
    fees = _spread(trade, market)
    for part, fee in zip(trade.makers, fees, strict=True):
        same = part.token == trade.token
        price = part.price if same else Price(ONE - part.price)
        theirs = Cash(-(-part.price * part.matched // ONE))
        ours = theirs if same else Cash(part.matched - theirs)
        found.append(
            Leg(trade.maker_address, trade.token, trade.side, part.matched, price, ours, fee)
        )
        found.append(
            Leg(
                part.maker_address,
                part.token,
                part.side,
                part.matched,
                part.price,
                theirs,
                makers_fee(market, part),
            )
        )
    return tuple(found)


def _spread(trade: TradeRecord, market: Market) -> list[Cash]:
    """The taker's fee, maker by maker; it adds up to the trade's."""

    return [taker_fee(market.fee, part.price, part.matched) for part in trade.makers]
