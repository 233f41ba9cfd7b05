"""A small simulated Polymarket to test with: one market, three people, and one who signs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

import pytest
from coincurve import PrivateKey

from venues import Clock
from venues.money import Cash, Price, Quantity, cost, micros
from venues.sides import Side
from venues.sim.polymarket.catalogue import Event, Market
from venues.sim.polymarket.contracts import exchange
from venues.sim.polymarket.eip712 import order_id
from venues.sim.polymarket.house import House
from venues.sim.polymarket.knobs import Knobs
from venues.sim.polymarket.notices import Notice
from venues.sim.polymarket.records import Kind, NewOrder, OrderType, Placed, SignedOrder
from venues.sim.polymarket.refusal import Refusal
from venues.sim.polymarket.server_accounts import owner_of

CONDITION: Final = "0x" + "22" * 32
YES: Final = "102936224134271070189104847090829839924697394514566827387181305960175107677216"
NO: Final = "11"
KEY: Final = bytes.fromhex("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")
OTHER_KEY: Final = bytes.fromhex("59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d")
ZERO: Final = "0x" + "00" * 32
PEOPLE: Final = ("ann", "bob", "cat")
DOLLARS: Final = Cash(micros("100"))


class Desk:
    """A house whose words are short: `desk.buy("ann", "0.40", "10")`. Keeps every notice.

    `us` is an EOA with an API key; the people have 100 dollars and no shares, as it has.
    """

    def __init__(self, clock: Clock, *, market: dict[str, Any] | None = None, **knobs: Any) -> None:
        self.clock = clock
        self.house = House(clock, seed=1, knobs=replace(Knobs(), **knobs))
        self.seen: list[Notice] = []
        self.house.listen(self.seen.append)
        self.house.lifecycle.add_event(Event(id="1", slug="e", title="E", neg_risk=True))
        listed = Market(
            id="1",
            condition=CONDITION,
            event_id="1",
            slug="rain",
            question="Rain?",
            tokens=(YES, NO),
        )
        self.house.lifecycle.add_market(replace(listed, **(market or {})))
        self.wallet = {
            who: self.house.wallets.open(f"0x{who.encode().hex():0<40}") for who in PEOPLE
        }
        self.us = owner_of(KEY)
        self.wallet["us"] = self.house.wallets.open(self.us)
        for wallet in self.wallet.values():
            self.house.wallets.deposit(wallet, DOLLARS)
        self.key = self.house.keys.create(self.us, 0).key
        self._salt = 0

    @property
    def market(self) -> Market:
        return self.house.catalogue.markets[CONDITION]

    def buy(self, who: str, at: str, size: str, token: str = YES, **more: Any) -> Placed:
        return self._quote(who, Side.BUY, at, size, token, **more)

    def sell(self, who: str, at: str, size: str, token: str = YES, **more: Any) -> Placed:
        return self._quote(who, Side.SELL, at, size, token, **more)

    def give(self, who: str, size: str, token: str = YES) -> None:
        self.house.wallets.give(self.wallet[who], token, Quantity(micros(size)))

    def signed(self, side: Side, at: str, size: str, token: str = YES, **more: Any) -> NewOrder:
        """Our order, at exactly its price; `more` changes fields, before the signature."""
        shares, kind = Quantity(micros(size)), more.pop("kind", OrderType.GTC)
        money = cost(Price(micros(at)), shares)
        post_only, secret = more.pop("post_only", False), more.pop("secret", KEY)
        self._salt += 1
        order = SignedOrder(
            salt=self._salt,
            maker=self.us,
            signer=self.us,
            token=token,
            maker_amount=money if side is Side.BUY else shares,
            taker_amount=shares if side is Side.BUY else money,
            side=side,
            signature_type=Kind.EOA,
            timestamp_ms=self.clock.now_ms(),
            metadata=ZERO,
            builder=ZERO,
            signature="",
        )
        order = replace(order, **more)
        signature = sign(order, self.market, secret)
        order = replace(order, signature=signature)
        return NewOrder(order=order, owner=self.key, order_type=kind, post_only=post_only)

    def place(self, side: Side, at: str, size: str, token: str = YES, **more: Any) -> Placed:
        """Ours, signed."""
        return self.house.orders.place(self.key, self.signed(side, at, size, token, **more))

    def amounts(self, side: Side, maker: int, taker: int, kind: OrderType) -> Placed:
        """Ours, of these base units."""
        return self.place(side, "1", "1", kind=kind, maker_amount=maker, taker_amount=taker)

    def cash(self, who: str) -> int:
        return self.house.wallets.cash(self.wallet[who])

    def held(self, who: str, token: str = YES) -> int:
        return self.house.wallets.held(self.wallet[who], token)

    def status(self, id: str) -> tuple[str, str]:
        """A record's status and its reason, by the key of its owner."""
        found = next(
            record
            for owner in (self.key, *self.wallet.values())
            if (record := self.house.view(owner).order(id)) is not None
        )
        return found.status.value, found.why

    def kinds(self, kind: type[Any]) -> list[Any]:
        return [notice for notice in self.seen if isinstance(notice, kind)]

    async def pass_ms(self, duration_ms: int) -> None:
        await self.clock.sleep_ms(duration_ms)
        self.house.advance()
        self.house.audit()

    def _quote(self, who: str, side: Side, at: str, size: str, token: str, **more: Any) -> Placed:
        quote: Callable[..., Placed] = self.house.orders.quote
        price, shares = Price(micros(at)), Quantity(micros(size))
        return quote(self.wallet[who], token, side, price=price, shares=shares, **more)


def sign(order: SignedOrder, market: Market, secret: bytes) -> str:
    """An EOA's 65 bytes over the order's digest."""
    address, version = exchange(market.version, market.neg_risk)
    return sign_digest(bytes.fromhex(order_id(order, address, version, 137)[2:]), secret)


def sign_digest(digest: bytes, secret: bytes) -> str:
    raw = PrivateKey(secret).sign_recoverable(digest, hasher=None)
    return "0x" + (raw[:64] + bytes((raw[64] + 27,))).hex()


@contextmanager
def refused(words: str, status: int = 400) -> Iterator[None]:
    """With exactly these words; one ellipsis in them stands for anything."""
    with pytest.raises(Refusal) as caught:
        yield
    said = caught.value.words
    begin, _, end = words.partition("…")
    assert said == words or ("…" in words and said.startswith(begin) and said.endswith(end)), said
    assert caught.value.status == status
