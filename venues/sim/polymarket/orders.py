"""Orders as the exchange takes them: what it checks, in its words (§8, §9, §16), and cancels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from venues.money import Price, Quantity, cost
from venues.sides import Side
from venues.sim.polymarket.catalogue import Market
from venues.sim.polymarket.core import Core
from venues.sim.polymarket.floor import Floor, is_at_once
from venues.sim.polymarket.keys import Keys
from venues.sim.polymarket.modes import Modes
from venues.sim.polymarket.notices import OrderUpdated
from venues.sim.polymarket.order_checks import Asked, Checks, taken_of
from venues.sim.polymarket.records import (
    ApiKey,
    Canceled,
    NewOrder,
    OrderRecord,
    OrderStatus,
    OrderType,
    Placed,
    SignedOrder,
    TradeRecord,
)
from venues.sim.polymarket.refusal import Refusal
from venues.sim.polymarket.settlement import Settlement, taken_cash
from venues.sim.polymarket.wallets import Wallets

NOT_THERE: Final = "already canceled or matched"


class Orders:
    def __init__(
        self,
        core: Core,
        keys: Keys,
        wallets: Wallets,
        *,
        floor: Floor,
        settlement: Settlement,
        modes: Modes,
    ) -> None:
        self._core = core
        self._keys = keys
        self._wallets = wallets
        self._floor = floor
        self._settlement = settlement
        self._modes = modes
        self._checks = Checks(core, wallets, floor, settlement)
        self._waiting: dict[str, Asked] = {}
        self._outcomes: dict[str, Placed | Refusal] = {}
        self._beats: dict[str, tuple[str, int]] = {}

    def place(self, api_key: str, new: NewOrder) -> Placed:
        """Raises Refusal with the words of §16; then nothing happened."""
        self._core.agenda.advance()
        self._modes.check_place(post_only=new.post_only)
        key = self._key(api_key)
        asked = self._checks.papers(key, new)
        return self._take_in(asked)

    def place_batch(self, api_key: str, news: Iterable[NewOrder]) -> tuple[Placed | Refusal, ...]:
        """Each for itself; a mode or an unknown key refuses all."""
        self._core.agenda.advance()
        wanted = tuple(news)
        most = self._core.knobs.batch_max
        if len(wanted) > most:
            raise Refusal(400, f"Too many orders in payload: {len(wanted)}, max allowed: {most}")
        self._modes.check_place(post_only=all(each.post_only for each in wanted))
        self._key(api_key)
        outcomes: list[Placed | Refusal] = []
        for each in wanted:
            try:
                outcomes.append(self.place(api_key, each))
            except Refusal as refusal:
                outcomes.append(refusal)
        return tuple(outcomes)

    def quote(
        self,
        wallet: str,
        token: str,
        side: Side,
        *,
        price: Price,
        shares: Quantity,
        kind: OrderType = OrderType.GTC,
        post_only: bool = False,
        expires_s: int = 0,
    ) -> Placed:
        """An order of one of the world's own people, who have no keys to sign with. Everything else
        is as for everybody."""
        self._core.agenda.advance()
        self._modes.check_place(post_only=post_only)
        market = self._core.listed(token)
        money = cost(price, shares)
        amounts = (money, shares) if side is Side.BUY else (shares, money)
        order = SignedOrder(
            salt=self._core.rng.getrandbits(53),
            maker=wallet,
            signer=wallet,
            token=token,
            maker_amount=amounts[0],
            taker_amount=amounts[1],
            side=side,
            signature_type=0,
            timestamp_ms=self._core.now_ms,
            metadata="",
            builder="",
            signature="",
            expiration_s=expires_s,
        )
        new = NewOrder(order=order, owner=wallet, order_type=kind, post_only=post_only)
        return self._take_in(self._checks.order(new, market, self._core.new_hash()))

    def withdraw(self, order_id: str) -> None:
        """A `quote` that its maker takes back; nothing if it is gone already."""
        self._core.agenda.advance()
        if order_id in self._floor.open:
            self._floor.end(order_id, OrderStatus.CANCELED)

    def outcome(self, order_id: str) -> Placed:
        """What became of an order that was delayed. Raises Refusal where it was dropped."""
        self._core.agenda.advance()
        found = self._outcomes.get(order_id)
        if found is None:
            return Placed(order_id=order_id, status="delayed")
        if isinstance(found, Refusal):
            raise found
        return found

    def cancel(self, api_key: str, ids: Iterable[str]) -> Canceled:
        self._core.agenda.advance()
        self._modes.check_cancel()
        self._key(api_key)
        wanted = tuple(dict.fromkeys(ids))
        if len(wanted) > self._core.knobs.cancel_max:
            raise Refusal(400, "Payload exceeds the limit")
        return self._cancel(api_key, wanted)

    def cancel_all(self, api_key: str) -> Canceled:
        self._core.agenda.advance()
        self._modes.check_cancel()
        self._key(api_key)
        return self._cancel(api_key, self._of(api_key))

    def cancel_market(self, api_key: str, market: str, token: str) -> Canceled:
        self._core.agenda.advance()
        self._modes.check_cancel()
        self._key(api_key)
        orders = (self._floor.open[id] for id in self._of(api_key))
        wanted = [o.id for o in orders if market in {"", o.market} and token in {"", o.token}]
        return self._cancel(api_key, wanted)

    def heartbeat(self, api_key: str, heartbeat_id: str) -> str:
        """400 for another id than the last one, which is then in the refusal's `order_id`."""
        self._core.agenda.advance()
        self._key(api_key)
        last, _ = self._beats.get(api_key, ("", 0))
        if heartbeat_id != last:
            raise Refusal(400, "Invalid Heartbeat ID", order_id=last)
        made = self._core.new_uuid()
        self._beats[api_key] = made, self._core.now_ms
        self._core.after(self._core.knobs.heartbeat_ms, lambda: self._look_for_beat(api_key))
        return made

    def recheck(self, wallet: str) -> None:
        """Cancels what the wallet cannot pay for any more, the newest first (§9.2)."""
        for order in self._checks.unfunded(wallet):
            self._floor.end(order.id, OrderStatus.CANCELED, "CANCELED_NOT_ENOUGH_BALANCE")

    def _key(self, api_key: str) -> ApiKey:
        found = self._keys.find(api_key)
        if found is None:
            raise Refusal(401, "Unauthorized/Invalid api key")
        return found

    def _take_in(self, asked: Asked) -> Placed:
        record = asked.record
        wait_ms, blocks = self._wait_ms(asked)
        if not wait_ms:
            return self._match(asked, self._floor.put(record))
        self._waiting[record.id] = asked
        self._checks.waiting[record.id] = self._checks.needed(asked)
        self._floor.put(replace(record, status=OrderStatus.DELAYED))
        self._tell("PLACEMENT", self._floor.open[record.id])
        self._core.after(wait_ms, lambda: self._end_wait(record.id))
        return Placed(order_id=record.id, status="delayed", blocks_ms=wait_ms if blocks else 0)

    def _wait_ms(self, asked: Asked) -> tuple[int, bool]:
        """How long a taker waits (§9.7), in sports only once the game is on; and whether its answer
        waits as long."""
        market = asked.market
        if not self._floor.meets(market, asked.record):
            return 0, False
        started = market.game_start_ms is not None and market.game_start_ms <= self._core.now_ms
        if market.delay_s and started:
            return market.delay_s * 1_000, False
        return market.taker_delay_ms, True

    def _end_wait(self, order_id: str) -> None:
        """Looks at everything again: the book, the purse and the market may be others by now."""
        asked = self._waiting.pop(order_id)
        del self._checks.waiting[order_id]
        self._core.after(self._core.knobs.kept_ms, lambda: self._forget(order_id))
        record = self._floor.open.pop(order_id, None)  # it must not lock its own money
        if record is None:  # its market was closed meanwhile
            self._outcomes[order_id] = Placed(order_id=order_id, status="unmatched")
            return
        try:
            self._modes.check_place(post_only=False)
            asked = self._checks.again(asked, self._core.catalogue.markets[record.market])
        except Refusal as refusal:
            self._floor.open[order_id] = record
            self._floor.end(order_id, OrderStatus.CANCELED, "UNMATCHED")
            self._outcomes[order_id] = refusal
        else:
            self._outcomes[order_id] = self._match(asked, self._floor.put(asked.record))

    def _forget(self, order_id: str) -> None:
        self._outcomes.pop(order_id, None)

    def _match(self, asked: Asked, record: OrderRecord) -> Placed:
        market = asked.market
        taken = taken_of(asked, self._floor.meets(market, record))
        at_once = is_at_once(record.order_type)
        size = Quantity(sum(each.size for each in taken)) if at_once else record.original
        self._tell("PLACEMENT", record)
        if asked.meant.spend is not None:  # what it buys, not what it would buy at its limit
            most = Quantity(max(size, record.original))
            record = self._floor.put(replace(record, original=most))
        now, trade = self._floor.match(market, record, size, rests=not at_once)
        if trade:
            self._settlement.begin(market, trade)
            self._tell("UPDATE", now)
        if now.matched < now.original and at_once and self._core.knobs.fak_rest_told:
            why = "CANCELED_order couldn't be fully filled"
            self._core.tell(
                OrderUpdated(
                    kind="CANCELLATION", order=replace(now, why=why), ts_ms=self._core.now_ms
                )
            )
        if record.order_type is OrderType.GTD and now.status is OrderStatus.LIVE:
            margin_s = self._core.knobs.gtd_margin_s
            self._core.at((record.expiration_s - margin_s) * 1_000, lambda: self._expire(record.id))
        return _placed(market, now, trade)

    def _expire(self, order_id: str) -> None:
        if order_id in self._floor.open:
            self._floor.end(order_id, OrderStatus.CANCELED, "CANCELED_EXPIRED_ORDER")

    def _of(self, api_key: str) -> list[str]:
        return [order.id for order in self._floor.resting() if order.owner == api_key]

    def _cancel(self, api_key: str, ids: Iterable[str]) -> Canceled:
        done, refused = [], {}
        for id in ids:
            order = self._floor.open.get(id)
            if order is None or order.owner != api_key:
                refused[id] = NOT_THERE
            elif order.status is OrderStatus.DELAYED:
                refused[id] = "order is delayed and cannot be canceled"
            else:
                self._floor.end(id, OrderStatus.CANCELED)
                done.append(id)
        return Canceled(canceled=tuple(done), not_canceled=refused)

    def _look_for_beat(self, api_key: str) -> None:
        _, at_ms = self._beats.get(api_key, ("", 0))
        if at_ms and self._core.now_ms - at_ms >= self._core.knobs.heartbeat_ms:
            del self._beats[api_key]
            self._cancel(api_key, self._of(api_key))

    def _tell(self, kind: str, record: OrderRecord) -> None:
        self._core.tell(OrderUpdated(kind=kind, order=record, ts_ms=self._core.now_ms))


def _placed(market: Market, now: OrderRecord, trade: TradeRecord | None) -> Placed:
    if trade is None:
        return Placed(order_id=now.id, status="live")
    money = taken_cash(market, trade)
    making, taking = (money, trade.size) if now.side is Side.BUY else (trade.size, money)
    return Placed(
        order_id=now.id, status="matched", making=making, taking=taking, trade_ids=(trade.id,)
    )
