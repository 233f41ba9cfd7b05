"""The example bot: what it decides, and that it trades so on a simulated exchange."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from venues import Book, Clock, Contract, Level, OrderUnknown, Outcome, Price, Quantity
from venues.http import Http
from venues.kalshi import Kalshi
from venues.kalshi.account import KalshiAccount
from venues.kalshi.auth import KalshiAuth, Signer
from venues.kalshi.limits import Limits, Pace
from venues.kalshi.trading import KalshiTrading
from venues.money import micros
from venues.sim import world
from venues.sim.faults import LOST_ANSWER
from venues.sim.kalshi.house import House
from venues.sim.kalshi.knobs import Knobs
from venues.sim.kalshi.rest import RestApp
from venues.sim.kalshi.rest_auth import ApiKeys
from venues.skew import Skew

FILE: Final = Path(__file__).resolve().parents[2] / "docs/examples/mean_reversion.py"
MARKET: Final = "KXBTCD-26NOV27-T95000"


@pytest.fixture(scope="module")
def bot() -> ModuleType:
    spec = importlib.util.spec_from_file_location("mean_reversion", FILE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclass looks itself up
    spec.loader.exec_module(module)
    return module


def book(bid: str, ask: str, size: str = "100") -> Book:
    def side(at: str) -> tuple[Level, ...]:
        return (Level(Price(micros(at)), Quantity(micros(size))),)

    return Book(Contract("kalshi", "M", Outcome.YES), side(bid), side(ask), 0)


@pytest.mark.parametrize(
    ("bid", "ask", "held", "wanted"),
    [
        ("0.49", "0.51", 0, 0),
        ("0.46", "0.47", 0, 5),  # three cents below the average
        ("0.46", "0.48", 0, 0),
        ("0.46", "0.47", 18, 2),  # the cap
        ("0.46", "0.47", 20, 0),
        ("0.495", "0.51", 7, -7),  # back at the average
        ("0.48", "0.50", 7, 0),
    ],
)
def test_it_buys_low_sells_back_at_the_average_and_keeps_to_its_cap(
    bot: ModuleType, bid: str, ask: str, held: int, wanted: int
) -> None:
    middles = [500_000] * 20
    found = bot.decide(middles, book(bid, ask), held * 10**6, bot.Rules())
    assert found == wanted * 10**6
    assert bot.decide(middles[1:], book(bid, ask), held * 10**6, bot.Rules()) == 0


def test_it_takes_no_more_than_there_is(bot: ModuleType) -> None:
    thin = book("0.46", "0.47", "1.5")
    assert bot.decide([500_000] * 20, thin, 0, bot.Rules()) == 1_500_000


class Living:
    """A clock that lets the house live while the bot sleeps."""

    def __init__(self, clock: Clock, house: House) -> None:
        self._clock, self._house = clock, house
        self.now_ms, self.monotonic_ns = clock.now_ms, clock.monotonic_ns

    async def sleep_ms(self, duration_ms: int) -> None:
        await self._clock.sleep_ms(duration_ms)
        self._house.advance()


async def trade(bot: ModuleType, clock: Clock, rules: Any, *, lose: bool = False) -> House:
    house = world.kalshi(clock, seed=11, knobs=Knobs(tier="premier"))
    key, keys = Ed25519PrivateKey.generate(), ApiKeys()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    keys.add("key", world.USER, public)
    app: Any = RestApp(house, keys, clock)
    if lose:
        app.faults.plan(LOST_ANSWER, method="POST", route="/portfolio/events/orders")
    skew, limits = Skew(), Limits.with_keys(clock)
    limits.pace(Pace(3_600, 1_200), Pace(3_600, 1_200), "premier")
    async with Http(
        venue="kalshi",
        hosts={"": "http://sim.test/trade-api/v2"},
        clock=clock,
        bucket=limits,
        auth=KalshiAuth(Signer("key", key), clock, skew),
        skew=skew,
        transport=httpx2.ASGITransport(app=app),
    ) as http:
        trading = KalshiTrading(http, KalshiAccount(http, clock), limits)
        held = await bot.run(MARKET, Kalshi(http, clock), trading, Living(clock, house), rules)
    position = house.accounts.position(world.USER, MARKET)
    assert held == position.count
    return house


async def test_it_trades_within_its_cap_and_knows_what_it_holds(
    bot: ModuleType, clock: Clock
) -> None:
    rules = bot.Rules(window=5, entry=5_000, size=micros("3"), position_max=micros("7"), rounds=200)
    house = await trade(bot, clock, rules)
    fills = house.view(world.USER, house.now_ms).fills()
    assert len(fills) > 3
    assert {each.side for each in fills} == {"bid", "ask"}
    assert all(0 <= each.post_position <= micros("7") for each in fills)
    house.audit()


async def test_it_ends_where_an_outcome_is_unknown(bot: ModuleType, clock: Clock) -> None:
    rules = bot.Rules(window=5, entry=5_000, rounds=200)
    with pytest.raises(OrderUnknown):
        await trade(bot, clock, rules, lose=True)
