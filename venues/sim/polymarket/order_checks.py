"""What the exchange looks at before it takes an order, in its words (§8, §9, §16)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final, NamedTuple

from venues.money import ONE, Cash, Quantity, affordable, cost, text
from venues.sides import Side
from venues.sim.polymarket.catalogue import Market, Phase
from venues.sim.polymarket.contracts import exchange
from venues.sim.polymarket.core import Core
from venues.sim.polymarket.eip712 import order_id, order_signer
from venues.sim.polymarket.fees import taker_fee
from venues.sim.polymarket.floor import Floor, Met, is_at_once
from venues.sim.polymarket.pricing import Meant, meant
from venues.sim.polymarket.records import (
    ApiKey,
    Kind,
    NewOrder,
    OrderRecord,
    OrderStatus,
    OrderType,
    SignedOrder,
)
from venues.sim.polymarket.refusal import Refusal
from venues.sim.polymarket.settlement import Settlement
from venues.sim.polymarket.wallets import Wallets

NO_MATCH: Final = (
    "no orders found to match with FAK order. FAK orders are partially filled or killed if no "
    "match is found."
)
NOT_FULL: Final = "order couldn't be fully filled. FOK orders are fully filled or killed."
CROSSES: Final = "invalid post-only order: order crosses book"
_DOLLAR: Final = Cash(ONE)


class Asked(NamedTuple):
    """A new order that passed every look at its papers."""

    new: NewOrder
    market: Market
    record: OrderRecord
    meant: Meant


class Checks:
    """Raises Refusal; nothing happened then."""

    def __init__(self, core: Core, wallets: Wallets, floor: Floor, settlement: Settlement) -> None:
        self._core = core
        self._wallets = wallets
        self._floor = floor
        self._settlement = settlement
        self.waiting: dict[str, int] = {}
        """What orders in a delay have locked, by id: money of buys, shares of sales."""

    def papers(self, key: ApiKey, new: NewOrder) -> Asked:
        """Papers first: whose order is it, and did they sign this?"""
        order = new.order
        if new.owner != key.key:
            raise Refusal(400, "the order owner has to be the owner of the API KEY")
        if order.signature_type not in {0, 1, 2, 3}:
            raise Refusal(400, "Invalid order payload")
        kind = Kind(order.signature_type)
        signer = order.maker if kind is Kind.DEPOSIT else key.address
        if order.signer != signer:
            words = "the order signer address has to be the address of the API KEY"
            raise Refusal(400, words)
        if kind is not Kind.DEPOSIT and not self._core.knobs.owners_of_type_0_allowed:
            words = "maker address not allowed, please use the deposit wallet flow"
            raise Refusal(400, words)
        market = self._core.catalogue.market_of(order.token)
        if market is None or market.phase is Phase.LISTED:
            raise Refusal(400, "Invalid token id")
        id = self._id_if_signed(order, key.address, kind, market)
        return self.order(new, market, id)

    def _id_if_signed(self, order: SignedOrder, owner: str, kind: Kind, market: Market) -> str:
        """An order signed for another of our exchanges is an invalid signature: nobody can tell it
        from any other wrong one."""
        address, version = exchange(market.version, market.neg_risk)
        chain = self._core.knobs.chain_id
        try:
            signer = order_signer(order, address, version, chain)
            id = order_id(order, address, version, chain)
        except ValueError:
            raise Refusal(400, "invalid signature") from None
        purse = self._wallets.find(order.maker)
        if signer != owner or purse is None or (purse.owner, purse.kind) != (owner, kind):
            raise Refusal(400, "invalid signature")
        return id

    def order(self, new: NewOrder, market: Market, id: str) -> Asked:
        """Then the order itself."""
        order, now_ms = new.order, self._core.now_ms
        self._check_person(order)
        if self._floor.orders.now(id) is not None:
            raise Refusal(400, f"order {id} is invalid. Duplicated.", order_id=id)
        check_open(market)
        self._check_expiry(new)
        found = meant(order, new.order_type, market, self._core.knobs, id)
        record = OrderRecord(
            id=id,
            owner=new.owner,
            maker_address=order.maker,
            market=market.condition,
            token=order.token,
            outcome=market.outcomes[market.tokens.index(order.token)],
            side=order.side,
            price=found.price,
            original=found.shares,
            matched=Quantity(0),
            status=OrderStatus.LIVE,
            order_type=new.order_type,
            expiration_s=order.expiration_s,
            created_ms=now_ms,
            updated_ms=now_ms,
        )
        asked = Asked(new, market, record, found)
        self.book_and_purse(asked)
        return asked

    def again(self, asked: Asked, market: Market) -> Asked:
        """After a delay: person, market, grid, book and purse may be others by now."""
        order, kind = asked.new.order, asked.new.order_type
        self._check_person(order)
        check_open(market)
        found = meant(order, kind, market, self._core.knobs, asked.record.id)
        record = replace(asked.record, price=found.price)
        asked = asked._replace(market=market, record=record, meant=found)
        self.book_and_purse(asked)
        return asked

    def needed(self, asked: Asked) -> int:
        """What an order takes at most, its fee for what it meets now too: money of a buy, shares
        of a sale."""
        record, market = asked.record, asked.market
        if record.side is Side.SELL:
            return record.original
        taken = taken_of(asked, self._floor.meets(market, record))
        fee = sum(taker_fee(market.fee, each.price, each.size) for each in taken)
        rest = Quantity(max(record.original - sum(each.size for each in taken), 0))
        money = sum(cost(each.price, each.size) for each in taken) + cost(record.price, rest)
        return fee + max(asked.new.order.maker_amount, 0 if asked.meant.spend else money)

    def locked(self, wallet: str, token: str | None) -> int:
        """What resting, waiting and unsettled orders of a wallet will take."""
        resting = 0
        for order in self._floor.resting(wallet=wallet):
            if (order.token if order.side is Side.SELL else None) == token:
                resting += self.locked_by(order)
        return resting + self._settlement.locked(wallet, token)

    def locked_by(self, order: OrderRecord) -> int:
        """What one open order has locked: money of a buy, shares of a sale."""
        left = Quantity(order.original - order.matched)
        resting = cost(order.price, left) if order.side is Side.BUY else left
        return self.waiting.get(order.id, resting)

    def unfunded(self, wallet: str) -> list[OrderRecord]:
        """What must go, the newest first, so that balance and allowances are enough for the rest.
        Orders in a delay are looked at when it ends."""
        found, short = [], dict[str | None, int]()
        for order in reversed(self._floor.resting(wallet=wallet)):
            token = order.token if order.side is Side.SELL else None
            missing = short.setdefault(token, -self.free(wallet, token))
            needs = self.locked_by(order)
            market = self._core.catalogue.markets[order.market]
            is_short = missing > 0 or self._allowance(wallet, token, market)[1] < needs
            if is_short and order.status is OrderStatus.LIVE:
                short[token] = missing - needs
                found.append(order)
        return found

    def free(self, wallet: str, token: str | None) -> int:
        return self._wallets.seen(wallet, token) - self.locked(wallet, token)

    def _check_person(self, order: SignedOrder) -> None:
        purse = self._wallets.purse(order.maker)
        if purse.banned:
            raise Refusal(400, f"'{order.maker}' address banned")
        if order.side is Side.BUY and purse.close_only:
            raise Refusal(400, f"'{order.maker}' address in closed only mode")

    def _check_expiry(self, new: NewOrder) -> None:
        expires_s = new.order.expiration_s
        is_gtd = new.order_type is OrderType.GTD
        lead_s = self._core.knobs.gtd_lead_s
        if is_gtd and expires_s * 1_000 < self._core.now_ms + lead_s * 1_000 - 1_000:
            raise Refusal(400, "invalid expiration")
        if not is_gtd and expires_s:
            raise Refusal(400, "invalid expiration")
        if new.post_only and is_at_once(new.order_type):
            raise Refusal(400, "Invalid payload")

    def book_and_purse(self, asked: Asked) -> None:
        record, market = asked.record, asked.market
        taken = taken_of(asked, self._floor.meets(market, record))
        worth = asked.new.order.maker_amount
        if taken and record.side is Side.BUY and worth < _DOLLAR:
            raise Refusal(
                400, f"invalid amount for a marketable BUY order (${text(worth)}), min size: $1"
            )
        if asked.new.post_only and self._floor.crosses(market, record):
            raise Refusal(400, CROSSES)
        token = record.token if record.side is Side.SELL else None
        self._check_funds(record.maker_address, token, self.needed(asked), market)
        if is_at_once(record.order_type):
            self._check_at_once(asked, taken)

    def _check_at_once(self, asked: Asked, taken: list[Met]) -> None:
        if not taken:
            raise Refusal(400, NO_MATCH if asked.record.order_type is OrderType.FAK else NOT_FULL)
        if asked.record.order_type is OrderType.FOK and not _is_full(asked, taken):
            raise Refusal(400, NOT_FULL)

    def _check_funds(self, wallet: str, token: str | None, amount: int, market: Market) -> None:
        spender, allowance = self._allowance(wallet, token, market)
        have, locked = self._wallets.seen(wallet, token), self.locked(wallet, token)
        words = "not enough balance / allowance: "
        if have < amount:
            raise Refusal(
                400,
                f"{words}the balance is not enough -> balance: {have}, order amount: {amount}",
            )
        if have - locked < amount:
            raise Refusal(
                400,
                f"{words}the balance is not enough -> balance: {have}, sum of active orders: "
                f"{locked}, order amount: {amount}",
            )
        if allowance < amount:
            raise Refusal(
                400,
                f"{words}the allowance is not enough -> spender: {spender}, allowance: "
                f"{allowance}, order amount: {amount}",
            )

    def _allowance(self, wallet: str, token: str | None, market: Market) -> tuple[str, int]:
        spender = exchange(market.version, market.neg_risk)[0]
        return spender, self._wallets.allowances(wallet, token).get(spender, 0)


def check_open(market: Market) -> None:
    if market.phase is not Phase.OPEN:
        raise Refusal(400, "the market is not yet ready to process new orders")


def taken_of(asked: Asked, met: Iterable[Met]) -> list[Met]:
    """What an order would really take of what it meets: until its shares, or its money, run out."""
    found: list[Met] = []
    spend = asked.meant.spend
    left: int = asked.record.original if spend is None else spend
    for each in met:
        can = left if spend is None else affordable(each.price, Cash(left))
        size = Quantity(min(each.size, can))
        if size <= 0:
            break
        found.append(Met(each.price, size))
        left -= size if spend is None else cost(each.price, size)
    return found


def _is_full(asked: Asked, taken: Iterable[Met]) -> bool:
    """A buy that counts dollars is full if it spends what its own amounts mean at its limit."""
    if asked.meant.spend is None:
        return sum(each.size for each in taken) == asked.record.original
    paid = sum(cost(each.price, each.size) for each in taken)
    return paid >= cost(asked.meant.price, asked.meant.shares)
