"""Split, merge and redeem as execution asks for them: one at a time, each sent once, followed to
its end."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any, Final

import pytest

from venues import (
    AuthRefused,
    Clock,
    NotFound,
    OrderRefused,
    OrderUnknown,
    Price,
    Quantity,
    Reason,
    Recycled,
    Recycling,
    RecyclingState,
    Refused,
    Trading,
    Unavailable,
    VenueError,
    WireError,
)
from venues.fees import UnknownFee
from venues.kalshi.trading import KalshiTrading
from venues.market import Contract
from venues.polymarket import transactions
from venues.polymarket.recycling import LOOKS, PolymarketRecycling
from venues.polymarket.terms import Terms
from venues.polymarket.trading import PolymarketTrading
from venues.polymarket.transactions import ContractCall
from venues.sides import Outcome

MARKET: Final = "0x" + "ab" * 31 + "00"
FIVE: Final = Quantity(5_000_000)
TERMS: Final = Terms(
    market=MARKET,
    yes="1",
    no="2",
    tick=Price(10_000),
    minimum=FIVE,
    fees=UnknownFee("not asked"),
    neg_risk=False,
    version="v1",
    accepting=True,
    delayed=False,
    read_ms=0,
)
V2: Final = dataclasses.replace(TERMS, version="v2")
PENDING, DONE, FAILED, UNKNOWN = RecyclingState
Json = Any


class FakeWay:
    """`sends` raises what is in `errors`, once each; looks show `life`, whose last one stays."""

    def __init__(self, *life: RecyclingState | VenueError) -> None:
        self.life = [*life] or [DONE]
        self.errors: list[Exception] = []
        self.sent: list[ContractCall] = []
        self.looks = 0
        self.most_at_once = 0
        self._under_way = 0

    async def send(self, call: ContractCall, about: str) -> str:
        self._under_way += 1
        self.most_at_once = max(self.most_at_once, self._under_way)
        await asyncio.sleep(0)
        if self.errors:
            self._under_way -= 1
            raise self.errors.pop(0)
        self.sent.append(call)
        return f"id of {about}"

    async def outcome(self, id: str) -> Recycled:
        self.looks += 1
        await asyncio.sleep(0)
        found = self.life.pop(0) if len(self.life) > 1 else self.life[0]
        if isinstance(found, VenueError):
            raise found
        if found in {DONE, FAILED}:
            self._under_way -= 1
        return Recycled(id, found, "0xhash")


class FakeMarkets:
    def __init__(self, terms: Terms | VenueError = TERMS) -> None:
        self.told = terms

    async def terms(self, id: str, *, age_ms_max: int) -> Terms:
        if isinstance(self.told, VenueError):
            raise self.told
        return self.told


class FakeHoldings:
    def __init__(self, yes: int = 0, no: int = 0) -> None:
        self.held_now = {Outcome.YES: Quantity(yes), Outcome.NO: Quantity(no)}
        self.error: VenueError | None = None

    async def held(self, contract: Contract) -> Quantity:
        if self.error:
            raise self.error
        return self.held_now[contract.outcome]


def recycling(
    way: FakeWay,
    clock: Clock,
    terms: Terms | VenueError = TERMS,
    holdings: FakeHoldings | None = None,
) -> PolymarketRecycling:
    return PolymarketRecycling(way, clock, FakeMarkets(terms), holdings or FakeHoldings())


def _is_recycling(found: Recycling) -> Recycling:
    return found


def _is_trading(found: Trading) -> Trading:
    return found


async def test_what_is_asked_for_is_sent_and_followed_to_its_end(clock: Clock) -> None:
    way = FakeWay(PENDING, PENDING, DONE, PENDING, DONE, DONE)
    ours = _is_recycling(recycling(way, clock))
    assert await ours.split(MARKET, FIVE, "a") == Recycled("id of a", DONE, "0xhash")
    assert await ours.merge(MARKET, FIVE, "b") == Recycled("id of b", DONE, "0xhash")
    assert await ours.redeem(MARKET, "c") == Recycled("id of c", DONE, "0xhash")
    assert way.sent == [
        transactions.split(TERMS, FIVE),
        transactions.merge(TERMS, FIVE),
        transactions.redeem_all(TERMS),
    ]
    assert clock.monotonic_ns() == 3 * 2_000 * 1_000_000


async def test_a_failure_is_told_and_not_tried_again(clock: Clock) -> None:
    way = FakeWay(PENDING, FAILED)
    assert (await recycling(way, clock).merge(MARKET, FIVE, "a")).state is FAILED
    assert len(way.sent) == 1


async def test_looks_that_fail_show_nothing_and_the_end_is_still_seen(clock: Clock) -> None:
    way = FakeWay(Unavailable("x", "y"), WireError("x", "y", "z"), AuthRefused("x", 401, "z"), DONE)
    assert (await recycling(way, clock).merge(MARKET, FIVE, "a")).state is DONE


@pytest.mark.parametrize("last", [PENDING, UNKNOWN])
async def test_what_does_not_end_in_minutes_is_returned_as_it_was_seen_last(
    clock: Clock, last: RecyclingState
) -> None:
    way = FakeWay(last)
    found = await recycling(way, clock).merge(MARKET, FIVE, "a")
    assert (found.id, found.state, way.looks) == ("id of a", last, LOOKS)


async def test_a_wallet_does_one_thing_at_a_time(clock: Clock) -> None:
    way = FakeWay(PENDING, DONE, PENDING, DONE, PENDING, DONE)
    ours = recycling(way, clock)
    async with asyncio.TaskGroup() as group:
        for n in range(3):
            group.create_task(ours.merge(MARKET, FIVE, f"merge-{n}"))
    assert len(way.sent) == 3
    assert way.most_at_once == 1


async def test_the_same_id_of_ours_is_never_sent_twice(clock: Clock) -> None:
    way = FakeWay(PENDING, DONE)
    ours = recycling(way, clock)
    results = []

    async def merge() -> None:
        try:
            results.append(str((await ours.merge(MARKET, FIVE, "a")).state))
        except ValueError as error:
            results.append(str(error))

    async with asyncio.TaskGroup() as group:
        for _ in range(2):
            group.create_task(merge())
    assert results == ["done", "a was sent before: ask for its outcome"]
    assert len(way.sent) == 1


async def test_after_a_lost_answer_the_same_id_is_only_asked_about(clock: Clock) -> None:
    way = FakeWay(DONE)
    way.errors = [OrderUnknown("polymarket", "a")]
    ours = recycling(way, clock)
    with pytest.raises(OrderUnknown):
        await ours.merge(MARKET, FIVE, "a")
    with pytest.raises(ValueError, match="sent before"):
        await ours.merge(MARKET, FIVE, "a")
    assert (await ours.outcome("a")).state is DONE


@pytest.mark.parametrize(
    "error",
    [
        Unavailable("polymarket", "busy", definite=True),
        OrderRefused(Refused("polymarket", 400, "no"), Reason.OTHER, "a"),
        AuthRefused("polymarket", 401, "no"),
    ],
)
async def test_after_a_definite_no_the_same_id_may_be_sent(clock: Clock, error: VenueError) -> None:
    way = FakeWay(DONE)
    way.errors = [error]
    ours = recycling(way, clock)
    with pytest.raises(type(error)):
        await ours.merge(MARKET, FIVE, "a")
    assert (await ours.merge(MARKET, FIVE, "a")).state is DONE


async def test_terms_that_are_not_told_send_nothing(clock: Clock) -> None:
    way = FakeWay()
    with pytest.raises(OrderRefused) as refused:
        await recycling(way, clock, NotFound("polymarket", 404, "no")).redeem(MARKET, "a")
    assert refused.value.reason is Reason.MARKET
    with pytest.raises(Unavailable) as away:
        await recycling(way, clock, Unavailable("polymarket", "down")).merge(MARKET, FIVE, "a")
    assert away.value.definite
    assert not way.sent


@pytest.mark.parametrize(
    ("yes", "no", "outcome"), [(7_000_000, 0, Outcome.YES), (0, 1, Outcome.NO)]
)
async def test_a_v2_market_is_redeemed_by_the_outcome_that_is_held(
    clock: Clock, yes: int, no: int, outcome: Outcome
) -> None:
    way = FakeWay(DONE)
    await recycling(way, clock, V2, FakeHoldings(yes, no)).redeem(MARKET, "a")
    assert way.sent == [transactions.redeem_outcome(V2, outcome, Quantity(yes or no))]


@pytest.mark.parametrize(("held", "words"), [(0, "nothing is held"), (1, "merge the pairs first")])
async def test_a_v2_market_of_nothing_or_of_pairs_is_not_redeemed(
    clock: Clock, held: int, words: str
) -> None:
    way = FakeWay(DONE)
    with pytest.raises(OrderRefused, match=words):
        await recycling(way, clock, V2, FakeHoldings(held, held)).redeem(MARKET, "a")
    assert not way.sent


async def test_holdings_that_are_not_told_redeem_nothing(clock: Clock) -> None:
    way, holdings = FakeWay(DONE), FakeHoldings(1)
    holdings.error = WireError("polymarket", "x", "y")
    with pytest.raises(Unavailable) as away:
        await recycling(way, clock, V2, holdings).redeem(MARKET, "a")
    assert away.value.definite
    assert not way.sent


async def test_kalshi_recycles_nothing_and_both_venues_say_what_they_can() -> None:
    kalshi = KalshiTrading(*(Any,) * 3)  # type: ignore[arg-type] # nothing of them is asked
    assert _is_trading(kalshi).recycling is None
    parts: Json = (Any,) * 5
    plain = PolymarketTrading(*parts, may_open=True)
    assert _is_trading(plain).recycling is None
    ours = recycling(FakeWay(), Json)
    assert PolymarketTrading(*parts, may_open=True, recycling=ours).recycling is ours
