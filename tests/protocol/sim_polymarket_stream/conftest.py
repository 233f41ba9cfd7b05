"""A small exchange behind its websocket face, people who trade on it, and ends of conversations."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pytest
from coincurve import PrivateKey

from venues import Clock
from venues.money import ONE, Cash, Price, Quantity, micros
from venues.sides import Side
from venues.sim.polymarket.catalogue import Event, Fee, Market
from venues.sim.polymarket.contracts import exchange
from venues.sim.polymarket.eip712 import order_id
from venues.sim.polymarket.house import House
from venues.sim.polymarket.knobs import Knobs
from venues.sim.polymarket.records import ApiKey, Kind, NewOrder, OrderType, Placed, SignedOrder
from venues.sim.polymarket.refusal import Refusal
from venues.sim.polymarket.server_accounts import owner_of
from venues.sim.polymarket.stream import Conversation
from venues.sim.polymarket.stream_knobs import StreamKnobs
from venues.sim.polymarket.streams import Streams

Frame = dict[str, Any]
RAIN: Final = "0x" + "22" * 32
FED: Final = "0x" + "11" * 32
RAIN_YES, RAIN_NO = str(71 * 10**75), str(52 * 10**75)
FED_YES, FED_NO = str(65 * 10**75), str(28 * 10**75)
TOKENS: Final = (RAIN_YES, RAIN_NO, FED_YES, FED_NO)
ZERO: Final = "0x" + "00" * 32


@dataclass
class Trader:
    """Signs, places and cancels; one EOA with money, shares and an API key."""

    house: House
    private_key: bytes
    key: ApiKey
    wallet: str
    salts: list[int] = field(default_factory=lambda: [1])

    def order(
        self, token: str, side: str, price: str, size: str, kind: OrderType = OrderType.GTC
    ) -> Placed:
        shares, money = micros(size), micros(price) * micros(size) // ONE
        self.salts.append(self.salts[-1] + 1)
        order = SignedOrder(
            salt=self.salts[-1],
            maker=self.wallet,
            signer=self.key.address,
            token=token,
            maker_amount=money if side == "BUY" else shares,
            taker_amount=shares if side == "BUY" else money,
            side=Side(side.lower()),
            signature_type=0,
            timestamp_ms=self.house.now_ms,
            metadata=ZERO,
            builder=ZERO,
            signature="",
        )
        new = NewOrder(order=self._signed(order), owner=self.key.key, order_type=kind)
        return self.house.orders.place(self.key.key, new)

    def cancel(self, *ids: str) -> None:
        self.house.orders.cancel(self.key.key, ids)

    def open_ids(self) -> list[str]:
        return [each.id for each in self.house.view(self.key.key).orders()]

    def _signed(self, order: SignedOrder) -> SignedOrder:
        market = self.house.catalogue.market_of(order.token)
        assert market is not None
        where = exchange(market.version, market.neg_risk)
        digest = bytes.fromhex(order_id(order, *where, 137)[2:])
        raw = PrivateKey(self.private_key).sign_recoverable(digest, hasher=None)
        return replace(order, signature=f"0x{raw[:64].hex()}{raw[64] + 27:02x}")


class Peer:
    """A client's end: words in, frames out. `seen` holds events, `texts` whole frames."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.texts: list[str] = []
        self.seen: list[Frame] = []
        self.garbage: list[str] = []

    def drain(self) -> list[Frame]:
        """The events that are due now; what is no JSON goes to `garbage`."""
        events: list[Frame] = []
        while (text := self.conversation.next_frame()) is not None:
            self.texts.append(text)
            try:
                found = json.loads(text)
            except ValueError:
                self.garbage.append(text)
            else:
                events += found if isinstance(found, list) else [found]
        self.seen += events
        return events

    def say(self, said: Any) -> list[Frame]:
        self.conversation.received(said if isinstance(said, str) else json.dumps(said))
        return self.drain()

    def subscribe(self, *tokens: str, **more: Any) -> list[Frame]:
        return self.say({"type": "market", "assets_ids": tokens, **more})

    def update(self, operation: str, *tokens: str, **more: Any) -> list[Frame]:
        return self.say({"operation": operation, "assets_ids": tokens, **more})

    def log_in(self, key: ApiKey, *markets: str) -> list[Frame]:
        return self.say(log_in(key, *markets))

    def of(self, *types: str) -> list[Frame]:
        return [each for each in self.seen if each["event_type"] in types]


def log_in(key: ApiKey, *markets: str) -> Frame:
    auth = {"apiKey": key.key, "secret": key.secret, "passphrase": key.passphrase}
    return {"type": "user", "auth": auth, **({"markets": markets} if markets else {})}


class Copy:
    """Books kept from events alone: token → side → price → size, in micros."""

    def __init__(self) -> None:
        self.books: dict[str, dict[str, dict[int, int]]] = {}

    def take(self, event: Frame) -> None:
        if event["event_type"] == "book":
            self.books[event["asset_id"]] = {
                side: {micros(each["price"]): micros(each["size"]) for each in event[name]}
                for side, name in (("BUY", "bids"), ("SELL", "asks"))
            }
        for change in event.get("price_changes", ()):
            if change["asset_id"] in self.books:
                levels = self.books[change["asset_id"]][change["side"]]
                levels[micros(change["price"])] = micros(change["size"])
                if not micros(change["size"]):
                    del levels[micros(change["price"])]

    def equals(self, house: House, token: str) -> bool:
        view = house.book(token)
        told = {"BUY": dict(view.bids), "SELL": dict(view.asks)}
        return self.books[token] == told

    def top(self, token: str) -> tuple[int, int]:
        book = self.books[token]
        return max(book["BUY"], default=0), min(book["SELL"], default=ONE)


@pytest.fixture
def make_house(clock: Clock) -> Callable[..., House]:
    """`make_house(lag_ms=…)`: two markets, with these knobs."""

    def made(**knobs: Any) -> House:
        house = House(clock, seed=7, knobs=Knobs(**knobs))
        stock(house)
        return house

    return made


def stock(house: House) -> None:
    fed = Event(id="101", slug="fed", title="Fed?", neg_risk=True, tags=("economy",))
    house.lifecycle.add_event(fed)
    house.lifecycle.add_event(Event(id="102", slug="rain-in-paris", title="Rain in Paris?"))
    house.lifecycle.add_market(
        Market(
            id="901",
            condition=FED,
            event_id="101",
            slug="fed-cuts",
            question="Will the Fed cut?",
            tokens=(FED_YES, FED_NO),
            tick=Price(1_000),
            fee=Fee(rate=50_000),
            neg_risk=True,
        )
    )
    house.lifecycle.add_market(
        Market(
            id="902",
            condition=RAIN,
            event_id="102",
            slug="rain",
            question="Will it rain in Paris tomorrow?",
            tokens=(RAIN_YES, RAIN_NO),
        )
    )


@pytest.fixture
def house(make_house: Callable[..., House]) -> House:
    return make_house()


@pytest.fixture
def trader() -> Callable[..., Trader]:
    """`trader(house, 1)`: with plenty of everything; the number makes the key."""

    def made(house: House, number: int) -> Trader:
        private_key = bytes([number]) * 32
        owner = owner_of(private_key)
        wallet = house.wallets.open(owner, Kind.EOA)
        house.wallets.deposit(wallet, Cash(100_000 * ONE))
        for token in TOKENS:
            house.wallets.give(wallet, token, Quantity(50_000 * ONE))
        return Trader(house, private_key, house.keys.create(owner, 0), wallet)

    return made


@pytest.fixture
def us(house: House, trader: Callable[..., Trader]) -> Trader:
    return trader(house, 1)


@pytest.fixture
def them(house: House, trader: Callable[..., Trader]) -> Trader:
    return trader(house, 2)


@pytest.fixture
def trade_at_random(house: House, trader: Callable[..., Trader]) -> Callable[..., None]:
    """`trade_at_random(rng)`: one command of somebody; it may be refused. Of eight people, because
    what one would sell to himself is canceled."""
    people = [trader(house, number) for number in range(11, 19)]

    def one(rng: random.Random) -> None:
        who = rng.choice(people)
        mine = who.open_ids()
        if mine and rng.random() < 0.2:
            who.cancel(rng.choice(mine))
            return
        kind = rng.choice((OrderType.GTC, OrderType.GTC, OrderType.FAK, OrderType.FOK))
        side, size = rng.choice(("BUY", "SELL")), str(rng.randint(2, 20) * 10)
        price = f"0.{rng.randint(40, 52) if side == 'BUY' else rng.randint(48, 60)}"
        try:
            who.order(rng.choice(TOKENS), side, price, size, kind)
        except Refusal as refusal:  # of one that does not wait, and finds too little
            if refusal.words.split()[0] not in {"no", "order"}:
                raise

    return one


@pytest.fixture
def streams(house: House) -> Streams:
    return Streams(house)


@pytest.fixture
def peer(streams: Streams) -> Peer:
    return Peer(streams.open_market())


@pytest.fixture
def another(house: House) -> Callable[..., Peer]:
    """`another(newline=True)`: a peer of the market channel with these knobs."""
    return lambda **knobs: Peer(Streams(house, knobs=StreamKnobs(**knobs)).open_market())


@pytest.fixture
def user(house: House) -> Callable[..., Peer]:
    """`user(times=…)`: a peer of the user channel with these knobs."""
    return lambda **knobs: Peer(Streams(house, knobs=StreamKnobs(**knobs)).open_user())


@pytest.fixture
def faulty(house: House) -> Callable[..., Peer]:
    """`faulty(StreamFaults(…))`: a peer of the market channel with these faults."""
    return lambda faults: Peer(Streams(house, trouble=lambda _: faults).open_market())


@pytest.fixture
def copy() -> type[Copy]:
    return Copy
