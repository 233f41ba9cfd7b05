"""Our split, merge and redeem through the simulated relayer and node, which share no code with
them: every kind of wallet, both versions of markets, lost answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx2
import pytest

from venues import Clock, OrderRefused, OrderUnknown, Outcome, Quantity, RecyclingState
from venues.bucket import TokenBucket
from venues.http import Http
from venues.market import Contract
from venues.polymarket.calls_relayer import RELAYER
from venues.polymarket.calls_rpc import NODE
from venues.polymarket.recycling import PolymarketRecycling
from venues.polymarket.relayer import Relayer, RelayerAuth, RelayerLimits
from venues.polymarket.rpc import Node, refusal
from venues.polymarket.signing import Wallet
from venues.polymarket.terms import TermsBook
from venues.polymarket.venue import Polymarket
from venues.polymarket.wallets import Kind
from venues.sim.faults import LOST_ANSWER, LOST_REQUEST
from venues.sim.polymarket.records import Kind as SimKind

BASE: Final = "http://venue.test"
TEN: Final = Quantity(10_000_000)
FOUR: Final = Quantity(4_000_000)
RELAYED: Final = (Kind.PROXY, Kind.SAFE, Kind.DEPOSIT)


@dataclass
class Ours:
    """Our wallet as the house knows it, with ten pairs in every market."""

    house: Any
    wallet: str
    recycling: PolymarketRecycling

    def holds(self, market: Any) -> tuple[int, int, int]:
        """Cash, YES, NO."""
        shares = (self.house.wallets.held(self.wallet, token) for token in market.tokens)
        return (self.house.wallets.cash(self.wallet), *shares)


@dataclass
class Purse:
    house: Any
    wallet: str

    async def held(self, contract: Contract) -> Quantity:
        tokens = self.house.catalogue.markets[contract.market].tokens
        token = tokens[contract.outcome is Outcome.NO]
        return Quantity(self.house.wallets.held(self.wallet, token))


Open = Callable[[Kind], AbstractAsyncContextManager[Ours]]


@pytest.fixture
def opened(exchange: Any, clock: Clock) -> Open:
    def line(**more: Any) -> Http:
        hosts = {"": BASE, "gamma": f"{BASE}/gamma"}
        hosts |= {RELAYER: f"{BASE}/relayer", NODE: f"{BASE}/rpc"}
        more.setdefault("bucket", TokenBucket(clock, capacity=100, refill_per_s=100))
        return Http(
            venue="polymarket",
            hosts=hosts,
            clock=clock,
            transport=httpx2.ASGITransport(app=exchange.app),
            attempts=1,
            **more,
        )

    @asynccontextmanager
    async def open_it(kind: Kind) -> AsyncIterator[Ours]:
        house, wallet = exchange.house, Wallet.from_key(exchange.client.private_key, kind)
        if kind is not Kind.EOA:
            found = house.wallets.open(wallet.owner, SimKind(int(kind)))
            assert found.lower() == wallet.maker.lower()
            for token in house.catalogue.by_token:
                house.wallets.give(found, token, TEN)
        exchange.app.shelf.relayer.keys["relay-1"] = wallet.owner
        auth = RelayerAuth("relay-1", wallet.owner, relayer=BASE)
        async with (
            line() as public,
            line(auth=auth, bucket=RelayerLimits(clock)) as relayer,
            line(modes=refusal) as node,
        ):
            way = Node(node, wallet) if kind is Kind.EOA else Relayer(relayer, clock, wallet)
            market = Polymarket(public, clock, TermsBook())
            purse = Purse(house, wallet.maker)
            yield Ours(house, wallet.maker, PolymarketRecycling(way, clock, market, purse))

    return open_it


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("name", ["rain", "fed", "new"])
async def test_pairs_are_merged_and_split_again(
    exchange: Any, opened: Open, kind: Kind, name: str
) -> None:
    market = getattr(exchange, name)
    async with opened(kind) as ours:
        cash, yes, no = ours.holds(market)
        merged = await ours.recycling.merge(market.condition, TEN, "merge-1")
        assert merged.state is RecyclingState.DONE
        assert len(merged.transaction) == 66
        assert ours.holds(market) == (cash + TEN, yes - TEN, no - TEN)
        split = await ours.recycling.split(market.condition, FOUR, "split-1")
        assert split.state is RecyclingState.DONE
        assert ours.holds(market) == (cash + TEN - FOUR, yes - TEN + FOUR, no - TEN + FOUR)
        assert (await ours.recycling.outcome("split-1")) == split
    exchange.house.audit()


@pytest.mark.parametrize("kind", Kind)
async def test_a_resolved_market_is_redeemed(exchange: Any, opened: Open, kind: Kind) -> None:
    async with opened(kind) as ours:
        cash, yes, _ = ours.holds(exchange.rain)
        exchange.house.lifecycle.resolve(exchange.rain.condition, 0)
        found = await ours.recycling.redeem(exchange.rain.condition, "redeem-1")
        assert found.state is RecyclingState.DONE
        assert ours.holds(exchange.rain)[:2] == (cash + yes, 0)
    exchange.house.audit()


@pytest.mark.parametrize("kind", RELAYED)
async def test_a_v2_market_is_redeemed_once_its_pairs_are_merged(
    exchange: Any, opened: Open, kind: Kind
) -> None:
    async with opened(kind) as ours:
        market, wallets = exchange.new, exchange.house.wallets
        wallets.give(ours.wallet, market.tokens[0], FOUR)
        exchange.house.lifecycle.resolve(market.condition, 0)
        with pytest.raises(OrderRefused, match="merge the pairs first"):
            await ours.recycling.redeem(market.condition, "redeem-1")
        await ours.recycling.merge(market.condition, TEN, "merge-1")
        found = await ours.recycling.redeem(market.condition, "redeem-1")
        assert found.state is RecyclingState.DONE
        assert ours.holds(market)[:2] == (TEN + FOUR, 0)


@pytest.mark.parametrize("kind", Kind)
async def test_a_failure_on_the_chain_changes_nothing(
    exchange: Any, opened: Open, kind: Kind
) -> None:
    async with opened(kind) as ours:
        before = ours.holds(exchange.rain)
        exchange.house.chain.fail_next()
        found = await ours.recycling.merge(exchange.rain.condition, TEN, "merge-1")
        assert found.state is RecyclingState.FAILED
        assert ours.holds(exchange.rain) == before


@pytest.mark.parametrize("kind", Kind)
async def test_a_lost_answer_is_found_again_and_nothing_is_merged_twice(
    exchange: Any, opened: Open, clock: Clock, kind: Kind
) -> None:
    async with opened(kind) as ours:
        cash, yes, no = ours.holds(exchange.rain)
        exchange.faults.plan(LOST_ANSWER, method="POST", route=_route(kind), nth=_nth(kind))
        with pytest.raises(OrderUnknown, match="merge-1"):
            await ours.recycling.merge(exchange.rain.condition, FOUR, "merge-1")
        with pytest.raises(ValueError, match="ask for its outcome"):
            await ours.recycling.merge(exchange.rain.condition, FOUR, "merge-1")
        await clock.sleep_ms(60_000)
        assert (await ours.recycling.outcome("merge-1")).state is RecyclingState.DONE
        assert ours.holds(exchange.rain) == (cash + FOUR, yes - FOUR, no - FOUR)


@pytest.mark.parametrize("kind", Kind)
async def test_a_lost_request_is_unknown_and_another_may_follow(
    exchange: Any, opened: Open, kind: Kind
) -> None:
    async with opened(kind) as ours:
        cash, yes, no = ours.holds(exchange.rain)
        exchange.faults.plan(LOST_REQUEST, method="POST", route=_route(kind), nth=_nth(kind))
        with pytest.raises(OrderUnknown):
            await ours.recycling.merge(exchange.rain.condition, FOUR, "merge-1")
        assert (await ours.recycling.outcome("merge-1")).state is RecyclingState.UNKNOWN
        await ours.recycling.merge(exchange.rain.condition, FOUR, "merge-2")
        assert ours.holds(exchange.rain) == (cash + FOUR, yes - FOUR, no - FOUR)


def _route(kind: Kind) -> str:
    return "/rpc" if kind is Kind.EOA else "/relayer/submit"


def _nth(kind: Kind) -> int:
    """A node is asked five things before it is sent one."""
    return 6 if kind is Kind.EOA else 1
