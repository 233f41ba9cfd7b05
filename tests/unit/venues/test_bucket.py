"""The token bucket: never more than it held and gained, and first come, first served."""

from __future__ import annotations

import asyncio
import random
from itertools import accumulate

import pytest

from venues import Clock
from venues.bucket import TokenBucket


@pytest.mark.parametrize(("capacity", "refill"), [(3, 3), (10, 1), (7, 100)])
async def test_a_bucket_never_gives_more_than_it_held_and_gained(
    clock: Clock, capacity: int, refill: int
) -> None:
    seeded = random.Random(capacity)
    bucket = TokenBucket(clock, capacity=capacity, refill_per_s=refill)
    taken = []
    for _ in range(300):
        if seeded.random() < 0.3:
            await clock.sleep_ms(seeded.randrange(3_000))
        cost = seeded.randint(1, capacity)
        await bucket.take(cost)
        taken.append((clock.monotonic_ns(), cost))
    totals = [0, *accumulate(cost for _, cost in taken)]
    for first, (start_ns, _) in enumerate(taken):
        for last, (end_ns, _) in enumerate(taken[first:], first):
            gained = refill * (end_ns - start_ns)
            assert (totals[last + 1] - totals[first] - capacity) * 10**9 <= gained


async def test_a_bucket_waits_no_longer_than_it_must(clock: Clock) -> None:
    bucket = TokenBucket(clock, capacity=2, refill_per_s=10)
    for _ in range(12):
        await bucket.take(1)
    assert clock.monotonic_ns() == 1_000_000_000


class SharedTime:
    """Shorter sleeps end sooner, as they do on a real clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.now_ms, self.monotonic_ns = clock.now_ms, clock.monotonic_ns

    async def sleep_ms(self, duration_ms: int) -> None:
        for _ in range(duration_ms // 1_000):
            await asyncio.sleep(0)
        await self._clock.sleep_ms(duration_ms)


async def test_waiters_are_served_in_the_order_they_came(clock: Clock) -> None:
    bucket = TokenBucket(SharedTime(clock), capacity=5, refill_per_s=1)
    served: list[int] = []

    async def take(cost: int) -> None:
        await bucket.take(cost)
        served.append(cost)

    async with asyncio.TaskGroup() as group:
        for cost in (5, 4, 1, 3, 2):
            group.create_task(take(cost))
    assert served == [5, 4, 1, 3, 2]


async def test_a_call_that_can_never_pass_is_our_mistake(clock: Clock) -> None:
    with pytest.raises(ValueError, match="6 tokens"):
        await TokenBucket(clock, capacity=5, refill_per_s=1).take(6)


async def test_the_urgent_go_first_and_have_a_reserve(clock: Clock) -> None:
    bucket = TokenBucket(SharedTime(clock), capacity=10, refill_per_s=1, reserve=4)
    served: list[str] = []

    async def take(name: str, *, urgent: bool) -> None:
        await bucket.take(3, urgent=urgent)
        served.append(f"{name}@{clock.monotonic_ns() // 10**9}")

    async with asyncio.TaskGroup() as group:
        for name in ("read 1", "read 2", "read 3"):
            group.create_task(take(name, urgent=False))
        await asyncio.sleep(0)
        group.create_task(take("cancel", urgent=True))
    assert served == ["read 1@0", "read 2@0", "cancel@0", "read 3@6"]


async def test_one_who_gives_up_lets_the_next_pass(clock: Clock) -> None:
    bucket = TokenBucket(SharedTime(clock), capacity=5, refill_per_s=1)
    await bucket.take(5)
    async with asyncio.TaskGroup() as group:
        first = group.create_task(bucket.take(5))
        second = group.create_task(bucket.take(1))
        await asyncio.sleep(0)
        first.cancel()
    assert second.done()
    assert clock.monotonic_ns() < 5 * 10**9


async def test_a_bucket_takes_new_measures_and_can_be_emptied(clock: Clock) -> None:
    bucket = TokenBucket(clock, capacity=100, refill_per_s=100)
    bucket.resize(capacity=10, refill_per_s=10)
    await bucket.take(10)
    await clock.sleep_ms(1_000)
    bucket.empty()
    await bucket.take(10)
    assert clock.monotonic_ns() == 2_000_000_000
    with pytest.raises(ValueError, match="11 tokens"):
        await bucket.take(11)
