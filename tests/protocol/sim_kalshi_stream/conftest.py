"""A seeded exchange behind its websocket face, and both ends of conversations with it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from venues import Clock
from venues.money import ONE, Price, Quantity
from venues.sim import world
from venues.sim.exchange import Tif
from venues.sim.kalshi.house import House
from venues.sim.kalshi.orders import Placed
from venues.sim.kalshi.records import BookSide, CreateOrder
from venues.sim.kalshi.stream import Conversation
from venues.sim.kalshi.stream_notices import Viewer
from venues.sim.kalshi.streams import Streams

Frame = dict[str, Any]

ONE_OF: Final = {
    "ok": (
        *("okResponse", "listSubscriptionsResponse"),
        *("subscribedIndicesResponse", "subscribedUnderlyingsResponse"),
    ),
    "subscribed": ("subscribedResponse",),
    "unsubscribed": ("unsubscribedResponse",),
    "error": ("errorResponse",),
    "orderbook_snapshot": ("orderbookSnapshot",),
    "orderbook_delta": ("orderbookDelta",),
    "ticker": ("ticker",),
    "trade": ("trade",),
    "fill": ("fill",),
    "user_order": ("userOrder",),
    "market_position": ("marketPosition",),
    "order_group_updates": ("orderGroupUpdates",),
    "market_lifecycle_v2": ("marketLifecycleV2", "marketMetadataUpdated"),
    "multivariate_market_lifecycle": ("multivariateMarketLifecycle",),
    "event_lifecycle": ("eventLifecycle",),
    "event_fee_update": ("eventFeeUpdate",),
    "cfbenchmarks_value_indexlist": ("cfbenchmarksIndexList",),
    "cfbenchmarks_value_5hz_indexlist": ("cfbenchmarks5HzIndexList",),
    "pyth_value_underlying_list": ("pythUnderlyingList",),
}
"""Frame type → the payloads of the AsyncAPI document that describe it."""


class Peer:
    """A client's end: commands in, frames out, all of them kept in `seen`."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.seen: list[Frame] = []
        self.garbage: list[str] = []
        self._id = 0

    def drain(self) -> list[Frame]:
        """What is due now; broken texts go to `garbage`."""
        frames = []
        while (text := self.conversation.next_frame()) is not None:
            try:
                frames.append(json.loads(text))
            except ValueError:
                self.garbage.append(text)
        self.seen += frames
        return frames

    def say(self, cmd: str, **params: Any) -> list[Frame]:
        """The frames that waited or came in answer."""
        self._id += 1
        self.conversation.received(json.dumps({"id": self._id, "cmd": cmd, "params": params}))
        return self.drain()

    def subscribe(self, channel: str, *tickers: str, **params: Any) -> list[Frame]:
        named = {"market_tickers": tickers} if tickers else {}
        return self.say("subscribe", channels=[channel], **named, **params)

    def update(self, action: str, *tickers: str, sid: int = 1) -> list[Frame]:
        return self.say("update_subscription", sid=sid, action=action, market_tickers=tickers)


class Copy:
    """A book kept from frames alone, in YES dollars: micros → micros."""

    def __init__(self, *, yes_price: bool = False) -> None:
        self._yes_price = yes_price
        self.sides: dict[str, dict[str, dict[int, int]]] = {}

    def take(self, frame: Frame) -> None:
        msg = frame.get("msg", {})
        if frame["type"] == "orderbook_snapshot":
            self.sides[msg["market_ticker"]] = {
                side: {
                    self._price(side, price): micro(size)
                    for price, size in msg.get(f"{side}_dollars_fp", [])
                }
                for side in ("yes", "no")
            }
        elif frame["type"] == "orderbook_delta":
            levels = self.sides[msg["market_ticker"]][msg["side"]]
            price = self._price(msg["side"], msg["price_dollars"])
            levels[price] = levels.get(price, 0) + micro(msg["delta_fp"])
            if levels[price] <= 0:
                del levels[price]

    def equals(self, house: House, ticker: str) -> bool:
        bids = {level.price: level.size for level in house.bids(ticker)}
        asks = {level.price: level.size for level in house.asks(ticker)}
        return self.sides[ticker] == {"yes": bids, "no": asks}

    def _price(self, side: str, price: str) -> int:
        own = micro(price)
        return own if side == "yes" or self._yes_price else ONE - own


def micro(text: str) -> int:
    sign = -1 if text.startswith("-") else 1
    whole, _, rest = text.removeprefix("-").partition(".")
    return sign * (int(whole) * ONE + int(rest.ljust(6, "0")))


class OwnClock:
    """Like `clock`, for a test that needs two."""

    def __init__(self) -> None:
        self._ms = 1_795_564_800_000

    def now_ms(self) -> int:
        return self._ms

    def monotonic_ns(self) -> int:
        return self._ms * 1_000_000

    async def sleep_ms(self, duration_ms: int) -> None:
        self._ms += duration_ms


@pytest.fixture
def new_clock() -> Callable[[], Clock]:
    return OwnClock


@pytest.fixture
def house(clock: Clock) -> House:
    return world.kalshi(clock, seed=7)


@pytest.fixture
def streams(house: House) -> Streams:
    return Streams(house)


@pytest.fixture
def peer(streams: Streams) -> Peer:
    return Peer(streams.open(Viewer(world.USER)))


@pytest.fixture
def copy() -> type[Copy]:
    return Copy


@pytest.fixture
def another(house: House) -> Callable[..., Peer]:
    """`another(knobs=…, trouble=…, user=…)`: a peer on a face of its own."""

    def made(*, user: str = world.USER, **settings: Any) -> Peer:
        return Peer(Streams(house, **settings).open(Viewer(user)))

    return made


@pytest.fixture
def tickers(house: House) -> tuple[str, ...]:
    """The markets that trade."""
    return tuple(m.ticker for m in house.live_markets() if m.status.value == "active")


@pytest.fixture
def order(house: House) -> Callable[..., Placed]:
    """`order(ticker, "bid", cents, contracts)` for our user."""

    def placed(ticker: str, side: str, cents: int, contracts: int = 1, **more: Any) -> Placed:
        body = CreateOrder(
            ticker=ticker,
            side=BookSide(side),
            count=Quantity(contracts * ONE),
            price=Price(cents * 10_000),
            time_in_force=more.pop("time_in_force", Tif.GTC),
            **more,
        )
        return house.orders.create(world.USER, body)

    return placed


@pytest.fixture(scope="session")
def asyncapi(shared: Path) -> dict[str, Any]:
    packed = shared / "data/recorded/kalshi/spec/kalshi_asyncapi_2.0.0.json.gz"
    found: dict[str, Any] = json.loads(gzip.decompress(packed.read_bytes()))
    return found


@pytest.fixture(scope="session")
def judge(asyncapi: dict[str, Any]) -> Callable[[Frame], None]:
    """Raises for a frame that the document does not describe; unknown keys are wrong too."""
    schemas = {name: strict(each) for name, each in asyncapi["components"]["schemas"].items()}
    validators = {
        kind: Draft202012Validator(
            {
                "anyOf": [{"$ref": f"#/components/schemas/{name}Payload"} for name in names],
                "components": {"schemas": schemas},
            },
            format_checker=FormatChecker(),
        )
        for kind, names in ONE_OF.items()
    }
    return lambda frame: validators[frame["type"]].validate(frame)


def strict(schema: Any) -> Any:
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: strict(each) for name, each in schema.items()}
    if "properties" in closed:
        closed.setdefault("additionalProperties", False)
    return closed
