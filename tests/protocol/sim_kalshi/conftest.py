"""A seeded exchange behind its REST face, and a client that signs, both in this process."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from venues import Clock
from venues.sim import world
from venues.sim.faults import Faults
from venues.sim.kalshi.house import House
from venues.sim.kalshi.knobs import Knobs
from venues.sim.kalshi.rest import RestApp
from venues.sim.kalshi.rest_auth import ApiKeys

PREFIX: Final = "/trade-api/v2"
PrivateKey = RSAPrivateKey | Ed25519PrivateKey


@pytest.fixture(scope="session")
def ed25519_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@pytest.fixture(scope="session")
def rsa_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65_537, key_size=2_048)


def public_pem(key: PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@dataclass
class Client:
    """Calls by method and route. `key` None: unsigned."""

    http: httpx2.AsyncClient
    app: RestApp
    clock: Clock
    key_id: str
    key: PrivateKey | None
    seen: list[httpx2.Response] = field(default_factory=list)

    def signature(self, message: str, *, salt: int = 32) -> str:
        assert self.key is not None
        if isinstance(self.key, RSAPrivateKey):
            raw = self.key.sign(message.encode(), PSS(MGF1(SHA256()), salt), SHA256())
        else:
            raw = self.key.sign(message.encode())
        return base64.b64encode(raw).decode()

    def headers(self, method: str, path: str, *, at_ms: int | None = None) -> dict[str, str]:
        if self.key is None:
            return {}
        stamp = str(self.clock.now_ms() if at_ms is None else at_ms)
        return {
            "KALSHI-ACCESS-KEY": self.key_id,
            "KALSHI-ACCESS-TIMESTAMP": stamp,
            "KALSHI-ACCESS-SIGNATURE": self.signature(f"{stamp}{method}{PREFIX}{path}"),
        }

    async def call(
        self, method: str, path: str, body: Any = None, *, query: str = "", **headers: str
    ) -> httpx2.Response:
        """`path` raw and without the prefix; `query` as it goes on the wire."""
        content = None if body is None else json.dumps(body).encode()
        typed = {} if body is None else {"content-type": "application/json"}
        response = await self.http.request(
            method,
            f"http://venue.test{PREFIX}{path}" + (f"?{query}" if query else ""),
            content=content,
            headers={**typed, **self.headers(method, path), **headers},
        )
        self.seen.append(response)
        return response

    async def get(self, path: str, query: str = "") -> Any:
        response = await self.call("GET", path, query=query)
        assert response.status_code == 200, response.text
        return response.json()

    @staticmethod
    def order(**fields: Any) -> dict[str, Any]:
        """A create's body: a bid far below the market, unless told; None leaves a field out."""
        plain = {
            "ticker": "KXFEDDECISION-26DEC-C25",
            "side": "bid",
            "count": "10",
            "price": "0.0100",
            "time_in_force": "good_till_canceled",
            "self_trade_prevention_type": "taker_at_cross",
        }
        return {name: value for name, value in {**plain, **fields}.items() if value is not None}

    async def create(self, **fields: Any) -> httpx2.Response:
        return await self.call("POST", "/portfolio/events/orders", self.order(**fields))

    async def created(self, **fields: Any) -> Any:
        response = await self.create(**fields)
        assert response.status_code == 201, response.text
        return response.json()


@dataclass
class Made:
    """An exchange and the clients that look at it."""

    house: House
    app: RestApp
    faults: Faults
    client: Client
    public: Client
    client_user: str = world.USER

    def with_key(self, key_id: str, key: PrivateKey, **scopes: Any) -> Client:
        """A client of our account with another key."""
        self.app.keys.add(key_id, world.USER, public_pem(key), **scopes)
        return Client(self.client.http, self.app, self.client.clock, key_id, key)


MakeExchange = Callable[..., Made]


@pytest.fixture
async def make_exchange(
    clock: Clock, ed25519_key: Ed25519PrivateKey
) -> AsyncIterator[MakeExchange]:
    """`make_exchange(lag_ms=300)`: a seeded world with these knobs, behind its REST face."""
    opened: list[httpx2.AsyncClient] = []

    def make(**knobs: Any) -> Made:
        roomy = {"tier": "prestige", "unsigned_capacity": 100_000, **knobs}
        house = world.kalshi(clock, seed=7, knobs=Knobs(**roomy))
        keys, faults = ApiKeys(), Faults()
        keys.add("ours", world.USER, public_pem(ed25519_key))
        app = RestApp(house, keys, clock, faults=faults)
        http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), trust_env=False)
        opened.append(http)
        ours = Client(http, app, clock, "ours", ed25519_key)
        return Made(house, app, faults, ours, Client(http, app, clock, "", None))

    yield make
    for http in opened:
        await http.aclose()


@pytest.fixture
def exchange(make_exchange: MakeExchange) -> Made:
    return make_exchange()
