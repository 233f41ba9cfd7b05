from __future__ import annotations

from venues.sim import world
from venues.sim.kalshi.catalogue import Status
from venues.sim.kalshi.house import House
from venues.sim.kalshi.notices import Notice


class _Clock:
    def __init__(self) -> None:
        self.ms = 1_795_564_800_000

    def now_ms(self) -> int:
        return self.ms

    def monotonic_ns(self) -> int:
        return self.ms * 1_000_000

    async def sleep_ms(self, duration_ms: int) -> None:
        self.ms += duration_ms


def _run(seed: int, step_ms: int, for_ms: int = 720_000) -> tuple[House, list[Notice]]:
    clock = _Clock()
    house = world.kalshi(clock, seed=seed)
    seen: list[Notice] = []
    house.listen(seen.append)
    for _ in range(for_ms // step_ms):
        clock.ms += step_ms
        house.advance()
    return house, seen


def test_one_seed_is_one_world_however_often_one_looks() -> None:
    seen = _run(1, 900, 90_000)[1]
    assert seen == _run(1, 30_000, 90_000)[1]
    assert seen != _run(2, 30_000, 90_000)[1]


def test_the_world_trades_and_conserves_and_has_every_kind_of_market() -> None:
    house, _ = _run(1, 10_000)
    house.audit()
    markets = house.live_markets()
    assert len(markets) >= 12
    assert {market.exchange_index for market in markets} == {0, 1, 2, 3}
    assert {market.status for market in markets} == {
        Status.ACTIVE,
        Status.INACTIVE,
        Status.INITIALIZED,
        Status.DETERMINED,
    }
    assert len({market.price_level_structure for market in markets}) >= 3
    quotes = [house.quote(m.ticker) for m in markets if m.status is Status.ACTIVE]
    assert all(0 < quote.yes_bid < quote.yes_ask < 1_000_000 for quote in quotes)
    assert all(quote.volume for quote in quotes)


def test_a_long_jump_of_the_clock_is_not_lived_through_step_by_step() -> None:
    house, _ = _run(1, 10_000)
    clock = house.agenda._clock
    assert isinstance(clock, _Clock)
    clock.ms += 60 * 86_400_000
    house.advance()
    house.audit()
    assert house.market(world.CLOSING).status is Status.FINALIZED
