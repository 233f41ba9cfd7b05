"""A small exchange behind its REST faces, and clients that sign, all in this process."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

import httpx2
import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from venues import Clock
from venues.money import Cash, Price, Quantity, micros
from venues.sim.faults import Faults
from venues.sim.polymarket.catalogue import Event, Fee, Market
from venues.sim.polymarket.house import House
from venues.sim.polymarket.knobs import Knobs
from venues.sim.polymarket.records import ApiKey, Kind
from venues.sim.polymarket.rest import RestApp

OUR_KEY: Final = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
THEIR_KEY: Final = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"
FED: Final = "0x" + "11" * 32
RAIN: Final = "0x" + "22" * 32
NEW: Final = "0x" + "33" * 17 + "00" * 15
YES: Final = "65193234666628291664907888364936366210889305490897648116746073820519263548476"
NO: Final = "28290293140018107764072370767749010110409017615323596573647425138985988593200"
RAIN_YES: Final = "71321045679252212594626385532706912750332728571942532289631379312455583992563"
RAIN_NO: Final = "52114319501245915516055106046884209969926127482827954674443846427813813222426"
NEW_YES: Final = "663574927012476832975694178961957910328055987427402067619466963999000625152"
NEW_NO: Final = "663574927012476832975694178961957910328055987427402067619466963999000625153"
EXCHANGES: Final = {
    ("v1", False): ("2", "0xE111180000d2663C0091e4f400237545B87B996B"),
    ("v1", True): ("2", "0xe2222d279d744050d28e00520010520000310F59"),
    ("v2", False): ("3", "0xe3333700cA9d93003F00f0F71f8515005F6c00Aa"),
}
ZERO: Final = "0x" + "00" * 32
_ORDER: Final = [
    ("salt", "uint256"),
    ("maker", "address"),
    ("signer", "address"),
    ("tokenId", "uint256"),
    ("makerAmount", "uint256"),
    ("takerAmount", "uint256"),
    ("side", "uint8"),
    ("signatureType", "uint8"),
    ("timestamp", "uint256"),
    ("metadata", "bytes32"),
    ("builder", "bytes32"),
]


def order_signature(private_key: str, order: dict[str, Any], exchange: tuple[str, str]) -> str:
    version, contract = exchange
    message = order | {
        "salt": int(order["salt"]),
        "tokenId": int(order["tokenId"]),
        "makerAmount": int(order["makerAmount"]),
        "takerAmount": int(order["takerAmount"]),
        "timestamp": int(order["timestamp"]),
        "side": 0 if order["side"] == "BUY" else 1,
    }
    signable = encode_typed_data(
        domain_data={
            "name": "Polymarket CTF Exchange",
            "version": version,
            "chainId": 137,
            "verifyingContract": contract,
        },
        message_types={"Order": [{"name": name, "type": kind} for name, kind in _ORDER]},
        message_data={name: message[name] for name, _ in _ORDER},
    )
    signature: bytes = Account.sign_message(signable, private_key).signature
    return "0x" + signature.hex()


def l1_headers(private_key: str, at_s: int, nonce: int = 0) -> dict[str, str]:
    address = Account.from_key(private_key).address
    signable = encode_typed_data(
        domain_data={"name": "ClobAuthDomain", "version": "1", "chainId": 137},
        message_types={
            "ClobAuth": [
                {"name": "address", "type": "address"},
                {"name": "timestamp", "type": "string"},
                {"name": "nonce", "type": "uint256"},
                {"name": "message", "type": "string"},
            ]
        },
        message_data={
            "address": address,
            "timestamp": str(at_s),
            "nonce": nonce,
            "message": "This message attests that I control the given wallet",
        },
    )
    return {
        "POLY_ADDRESS": address,
        "POLY_SIGNATURE": "0x" + Account.sign_message(signable, private_key).signature.hex(),
        "POLY_TIMESTAMP": str(at_s),
        "POLY_NONCE": str(nonce),
    }


@dataclass
class Client:
    """Calls by method and path. `key` None: unsigned."""

    http: httpx2.AsyncClient
    house: House
    clock: Clock
    private_key: str = ""
    key: ApiKey | None = None
    salts: list[int] = field(default_factory=lambda: [1])

    @property
    def address(self) -> str:
        return str(Account.from_key(self.private_key).address)

    def headers(
        self, method: str, path: str, body: bytes, *, at_s: int | None = None
    ) -> dict[str, str]:
        if self.key is None:
            return {}
        stamp = str(self.clock.now_ms() // 1_000 if at_s is None else at_s)
        message = f"{stamp}{method}{path}".encode() + body
        secret = base64.urlsafe_b64decode(self.key.secret)
        signed = base64.urlsafe_b64encode(hmac.new(secret, message, sha256).digest()).decode()
        return {
            "POLY_ADDRESS": self.address,
            "POLY_API_KEY": self.key.key,
            "POLY_PASSPHRASE": self.key.passphrase,
            "POLY_SIGNATURE": signed,
            "POLY_TIMESTAMP": stamp,
        }

    def l1(self, nonce: int = 0, *, at_s: int | None = None) -> dict[str, str]:
        """The headers that manage keys."""
        now_s = self.clock.now_ms() // 1_000
        return l1_headers(self.private_key, now_s if at_s is None else at_s, nonce)

    async def call(
        self, method: str, path: str, body: Any = None, *, query: str = "", **headers: str
    ) -> httpx2.Response:
        content = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
        url = f"http://venue.test{path}" + (f"?{query}" if query else "")
        signed = self.headers(method, path, content)
        return await self.http.request(method, url, content=content, headers=signed | headers)

    async def get(self, path: str, query: str = "") -> Any:
        response = await self.call("GET", path, query=query)
        assert response.status_code == 200, response.text
        return response.json()

    def order(
        self, *, token: str = RAIN_YES, side: str = "BUY", price: str = "0.40", size: str = "10"
    ) -> dict[str, Any]:
        """A body for POST /order, signed for the exchange of its market."""
        shares, money = micros(size), micros(price) * micros(size) // 1_000_000
        maker, taker = (money, shares) if side == "BUY" else (shares, money)
        self.salts.append(self.salts[-1] + 1)
        order: dict[str, Any] = {
            "builder": ZERO,
            "expiration": "0",
            "maker": self.address,
            "makerAmount": str(maker),
            "metadata": ZERO,
            "salt": self.salts[-1],
            "side": side,
            "signatureType": 0,
            "signer": self.address,
            "takerAmount": str(taker),
            "timestamp": str(self.clock.now_ms()),
            "tokenId": token,
        }
        market = self.house.catalogue.market_of(token)
        assert market is not None
        exchange = EXCHANGES[market.version, market.neg_risk]
        order["signature"] = order_signature(self.private_key, order, exchange)
        assert self.key is not None
        return {
            "deferExec": False,
            "order": order,
            "orderType": "GTC",
            "owner": self.key.key,
        }

    async def place(self, *, order_type: str = "GTC", **fields: str) -> httpx2.Response:
        return await self.call("POST", "/order", self.order(**fields) | {"orderType": order_type})

    async def placed(self, *, order_type: str = "GTC", **fields: str) -> Any:
        response = await self.place(order_type=order_type, **fields)
        assert response.status_code == 200, response.text
        return response.json()


@dataclass
class Made:
    """An exchange and the clients that look at it: us, another trader, the public."""

    house: House
    app: RestApp
    faults: Faults
    client: Client
    other: Client
    public: Client

    @property
    def fed(self) -> Market:
        """Of a neg-risk event, with fees and a fine tick."""
        return self.house.catalogue.markets[FED]

    @property
    def rain(self) -> Market:
        return self.house.catalogue.markets[RAIN]

    @property
    def new(self) -> Market:
        """Of Protocol V2."""
        return self.house.catalogue.markets[NEW]


MakeExchange = Callable[..., Made]


def stocked(house: House) -> None:
    """Two events of three markets."""
    ends_ms = house.now_ms + 86_400_000
    house.lifecycle.add_event(
        Event(
            id="101",
            slug="fed-decision-in-january",
            title="Fed decision in January?",
            description="About the upper bound.",
            neg_risk=True,
            augmented=True,
            tags=("economy", "fed-rates"),
            series="fomc",
            end_ms=ends_ms,
        )
    )
    house.lifecycle.add_event(
        Event(id="102", slug="rain-in-paris", title="Rain in Paris?", tags=("weather",))
    )
    house.lifecycle.add_market(
        Market(
            id="901",
            condition=FED,
            event_id="101",
            slug="fed-cuts-by-25",
            question="Will the Fed cut by 25 bps?",
            title="25 bps cut",
            tokens=(YES, NO),
            tick=Price(micros("0.001")),
            fee=Fee(rate=50_000, rebate=250_000),
            fee_type="economics_fees",
            neg_risk=True,
            cleared_at_start=True,
            start_ms=house.now_ms,
            end_ms=ends_ms,
        )
    )
    for id, condition, tokens, version in (
        ("902", RAIN, (RAIN_YES, RAIN_NO), "v1"),
        ("903", NEW, (NEW_YES, NEW_NO), "v2"),
    ):
        house.lifecycle.add_market(
            Market(
                id=id,
                condition=condition,
                event_id="102",
                slug=f"rain-in-paris-{version}",
                question="Will it rain in Paris?",
                tokens=tokens,
                version=version,
                start_ms=house.now_ms,
                end_ms=ends_ms,
            )
        )


def funded(house: House, private_key: str) -> ApiKey:
    """An EOA with money and shares of what is tradable, and its API key."""
    address = str(Account.from_key(private_key).address)
    wallet = house.wallets.open(address, Kind.EOA)
    house.wallets.deposit(wallet, Cash(micros("10000")))
    for token in house.catalogue.by_token:
        house.wallets.give(wallet, token, Quantity(micros("500")))
    house.wallets.refresh(wallet)
    return house.keys.create(address, 0)


@pytest.fixture
async def make_exchange(clock: Clock) -> AsyncIterator[MakeExchange]:
    """`make_exchange(lag_ms=300)`: the exchange with these knobs, behind its REST faces."""
    opened: list[httpx2.AsyncClient] = []

    def make(*, clock_offset_ms: int = 0, **knobs: Any) -> Made:
        house, faults = House(clock, seed=7, knobs=Knobs(**knobs)), Faults()
        stocked(house)
        keys = {each: funded(house, each) for each in (OUR_KEY, THEIR_KEY)}
        app = RestApp(house, clock, faults=faults, clock_offset_ms=clock_offset_ms)
        http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), trust_env=False)
        opened.append(http)
        ours, theirs = (Client(http, house, clock, each, key) for each, key in keys.items())
        return Made(house, app, faults, ours, theirs, Client(http, house, clock))

    yield make
    for http in opened:
        await http.aclose()


@pytest.fixture
def exchange(make_exchange: MakeExchange) -> Made:
    return make_exchange()
