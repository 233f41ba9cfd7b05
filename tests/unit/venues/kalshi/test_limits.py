"""The rate budget: prices by route, measures by account, and never more than the venue takes."""

from __future__ import annotations

import random
from typing import Any

import pytest

from venues import Clock, Price, Quantity, micros
from venues.http import Call
from venues.kalshi.calls import account, orders, portfolio, public
from venues.kalshi.limits import BALANCE, Limits, Pace
from venues.kalshi.wire.account import EndpointCost, EndpointCosts
from venues.sim.kalshi.house import House
from venues.sim.kalshi.knobs import TIERS, Knobs

ORDER = orders.NewOrder(
    ticker="KXA-1",
    side="bid",
    count=Quantity(micros("1")),
    price=Price(micros("0.5")),
    time_in_force="fill_or_kill",
    client_order_id="a",
)
CANCEL = orders.ToCancel(order_id="a", ticker="KXA-1")
CALLS: tuple[Call[Any], ...] = (
    public.market("KXA-1"),
    orders.order("a"),
    orders.orders(),
    orders.create(ORDER),
    orders.create_batch([ORDER] * 5),
    orders.cancel("a", ticker="KXA-1"),
    orders.cancel_batch([CANCEL] * 7),
    orders.cancel_all(),
    portfolio.balance(),
)


def test_a_call_costs_what_the_venues_list_says_and_a_batch_pays_by_item(clock: Clock) -> None:
    limits = Limits.with_keys(clock)
    assert [limits.cost(call) for call in CALLS] == [10, 2, 10, 10, 50, 2, 14, 2, 1]
    told = EndpointCosts(
        default_cost=8,
        endpoint_costs=(
            EndpointCost(
                method="DELETE", path="/trade-api/v2/portfolio/events/orders/:order_id", cost=3
            ),
        ),
    )
    limits.prices(told.default_cost, account.prices(told))
    assert [limits.cost(call) for call in CALLS] == [8, 8, 8, 8, 40, 3, 56, 8, 1]


def test_a_batch_is_no_larger_than_its_bucket(clock: Clock) -> None:
    limits = Limits.with_keys(clock)
    assert limits.items_max(CALLS[4]) == 7  # 100, less 5 % margin and a fifth for the urgent
    assert limits.items_max(CALLS[6]) == 47
    limits.pace(Pace(600, 300), Pace(900, 300), "advanced")
    assert limits.items_max(CALLS[4]) == 68


def test_a_batch_of_calls_that_cost_nothing_is_still_bounded(clock: Clock) -> None:
    limits = Limits.with_keys(clock)
    limits.prices(0, {})
    assert limits.items_max(CALLS[4]) == 76


@pytest.mark.parametrize("tier", TIERS)
async def test_what_we_let_pass_the_venue_takes(clock: Clock, tier: str) -> None:
    """I14, against the buckets of the simulated venue, which know nothing of ours."""
    rng = random.Random(tier)
    house = House(clock, knobs=Knobs(tier=tier))
    limits, theirs = Limits.with_keys(clock), TIERS[tier]
    limits.pace(
        Pace(theirs.read_capacity, theirs.read_per_s),
        Pace(theirs.write_capacity, theirs.write_per_s),
        tier,
    )
    for _ in range(2_000):
        if rng.random() < 0.1:
            await clock.sleep_ms(rng.randrange(500))
        call = rng.choice(CALLS)
        if call.route == BALANCE and rng.random() < 0.9:
            continue  # one a second: nothing else would be tried
        await limits.admit(call)
        assert house.limits.charge("us", call.method, call.route, call.items)


async def test_without_keys_calls_are_spread_evenly(clock: Clock) -> None:
    limits = Limits.without_keys(clock, requests_per_s=4)
    for _ in range(9):
        await limits.admit(public.market("KXA-1"))
    assert clock.monotonic_ns() == 2_000_000_000


async def test_a_429_empties_the_bucket_it_came_from(clock: Clock) -> None:
    limits = Limits.with_keys(clock)
    limits.refused(orders.create(ORDER))
    await limits.admit(public.market("KXA-1"))
    assert clock.monotonic_ns() == 0
    await limits.admit(orders.create(ORDER, urgent=True))
    assert clock.monotonic_ns() == 100_000_000
    await limits.admit(orders.create(ORDER))  # a fifth is kept for the urgent
    assert clock.monotonic_ns() == 390_000_000
