"""Random days at the simulated Polymarket: not a micro-dollar is lost, whatever people do (I18)."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

import pytest

from venues.money import ONE, Cash, Price, Quantity
from venues.sides import Side
from venues.sim.polymarket.catalogue import Event, Fee, Market, Phase
from venues.sim.polymarket.contracts import EXCHANGE, NEG_RISK_EXCHANGE
from venues.sim.polymarket.house import House
from venues.sim.polymarket.knobs import Knobs, SelfTrade
from venues.sim.polymarket.notices import LevelsChanged, Notice
from venues.sim.polymarket.records import BookView, OrderType
from venues.sim.polymarket.refusal import Refusal

CONDITIONS = tuple(f"0x{number:064x}" for number in (1, 2, 3))
PEOPLE = tuple(f"0x{number:040x}" for number in (1, 2, 3))
LIMITLESS = 2**256 - 1


class _Clock:
    def __init__(self) -> None:
        self.ms = 1_795_564_800_000

    def now_ms(self) -> int:
        return self.ms

    def monotonic_ns(self) -> int:
        return self.ms * 1_000_000

    async def sleep_ms(self, duration_ms: int) -> None:
        self.ms += duration_ms


class Day:
    """One seed, one day: people with little money do anything at all. `wild`: money comes and goes
    behind the exchange's back, too, and the chain fails."""

    def __init__(self, seed: int, *, wild: bool = True) -> None:
        self.rng = random.Random(seed)
        self.clock = _Clock()
        self.wild = wild
        knobs = Knobs(
            fail=100_000 if wild else 0,
            retry=100_000,
            retry_ms=3_000,
            lag_ms=seed % 2 * 400,
            cache_ms=seed % 3 * 1_000 if wild else 0,
            self_trade=list(SelfTrade)[seed % 2],
            capped_accuracy=False,
            kept_ms=10_000,
            chain_ms=500,
        )
        self.house = House(self.clock, seed=seed, knobs=knobs)
        self.books: dict[str, dict[tuple[Side, Price], int]] = {each: {} for each in CONDITIONS}
        self.house.listen(self._hear)
        self._list()
        for person in PEOPLE:
            self.house.wallets.open(person)
            self.house.wallets.deposit(person, Cash(150 * ONE))

    def _list(self) -> None:
        life = self.house.lifecycle
        for number in range(2):
            life.add_event(Event(id=str(number), slug="", title="", neg_risk=number == 0))
        for number, condition in enumerate(CONDITIONS):
            life.add_market(
                Market(
                    id=str(number),
                    condition=condition,
                    event_id=str(number // 2),
                    slug=condition,
                    question="",
                    tokens=(f"{number}1", f"{number}2"),
                    tick=Price((10_000, 1_000, 100)[number]),
                    minimum=Quantity(ONE),
                    fee=(None, Fee(rate=70_000), Fee(rate=50_000))[number],
                    neg_risk=number < 2,
                    taker_delay_ms=(0, 0, 250)[number],
                )
            )

    def step(self) -> None:
        self.clock.ms += self.rng.randint(0, 400)
        tame = [self.place] * 12 + [self.withdraw, self.turn]
        wild: list[Callable[[str], None]] = [
            self.chain,
            self.chain,
            self.give,
            self.take_away,
            self.approve,
            self.fault,
        ]
        with suppress(Refusal, ValueError):
            self.rng.choice(tame + wild if self.wild else tame)(self.rng.choice(PEOPLE))
        self.house.advance()

    def market(self) -> Market:
        return self.house.catalogue.markets[self.rng.choice(CONDITIONS)]

    def place(self, person: str) -> None:
        rng, market = self.rng, self.market()
        kind = rng.choice(list(OrderType))
        end_s = self.house.now_ms // 1_000 + 181
        self.house.orders.quote(
            person,
            rng.choice(market.tokens),
            rng.choice(list(Side)),
            price=Price((500_000 // market.tick + rng.randint(-9, 9)) * market.tick),
            shares=Quantity(rng.randint(100, 3_000) * 10_000),
            kind=kind,
            post_only=kind is OrderType.GTC and rng.randrange(4) == 0,
            expires_s=end_s if kind is OrderType.GTD else 0,
        )

    def withdraw(self, person: str) -> None:
        for order in self.rng.sample(self.house.view(person).orders(), k=1):
            self.house.orders.withdraw(order.id)

    def turn(self, person: str) -> None:
        life, condition = self.house.lifecycle, self.rng.choice(CONDITIONS)
        acts: tuple[Callable[[], object], ...] = (
            lambda: life.change_tick(condition, Price(1_000)),
            lambda: life.pause(condition),
            self.resume,
            self.resume,
            lambda: self.house.keys.create(person, self.rng.randrange(99)),
        )
        self.rng.choice(acts)()

    def resume(self) -> None:
        for market in self.house.catalogue.markets.values():
            if market.phase is Phase.PAUSED:
                self.house.lifecycle.resume(market.condition)

    def chain(self, person: str) -> None:
        what = self.rng.choice(("split", "split", "merge", "redeem", "convert"))
        size = Quantity(self.rng.randint(1, 20 * ONE))
        self.house.chain.submit(
            person,
            what,
            market=self.rng.choice(CONDITIONS[: 1 + 2 * (what != "convert")]),
            quantity=size,
        )

    def give(self, person: str) -> None:
        self.house.wallets.give(
            person, self.rng.choice(self.market().tokens), Quantity(self.rng.randint(1, 20 * ONE))
        )

    def take_away(self, person: str) -> None:
        token = self.rng.choice((None, *self.market().tokens))
        self.house.wallets.take_away(person, token, self.rng.randint(1, 5 * ONE))

    def approve(self, person: str) -> None:
        amount = self.rng.choice((0, 20 * ONE, LIMITLESS, LIMITLESS))
        spender = self.rng.choice((EXCHANGE, NEG_RISK_EXCHANGE))
        self.house.wallets.set_allowance(person, spender, amount)

    def fault(self, _person: str) -> None:
        settlement = self.house.settlement
        self.rng.choice((settlement.fail_next, settlement.retry_next, self.house.chain.fail_next))()

    def resolve(self) -> None:
        for condition in CONDITIONS:
            self.house.lifecycle.resolve(condition, self.rng.choice((0, 1, None)))

    def _hear(self, notice: Notice) -> None:
        if isinstance(notice, LevelsChanged):
            for side, price, size in notice.levels:
                self.books[notice.market][side, price] = size

    def open_orders(self, person: str) -> int:
        return len(self.house.view(person).orders())

    def owed(self, person: str) -> int:
        """By what rests and by trades on their way: of buys, by what was told of them."""
        view = self.house.view(person, as_of_ms=self.house.now_ms)
        resting = sum(
            -(-(each.original - each.matched) * each.price // ONE)
            for each in view.orders()
            if each.side is Side.BUY
        )
        return resting + self.house.settlement.locked(person, None)

    def check(self) -> None:
        self.house.audit()
        for market in self.house.catalogue.markets.values():
            yes, no = (self.house.book(token) for token in market.tokens)
            assert mirrored(no) == (yes.bids, yes.asks)
            assert not yes.bids or not yes.asks or yes.bids[0].price < yes.asks[0].price
            told = self.books[market.condition]
            shown = {(Side.BUY, each.price): each.size for each in yes.bids}
            shown |= {(Side.SELL, each.price): each.size for each in yes.asks}
            assert {level: size for level, size in told.items() if size} == shown


def mirrored(no: BookView) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]:
    asks, bids = (
        tuple((ONE - each.price, each.size) for each in side) for side in (no.asks, no.bids)
    )
    return asks, bids


@pytest.mark.parametrize("seed", range(12))
def test_whatever_people_do_every_micro_dollar_is_accounted_for(seed: int) -> None:
    day = Day(seed)
    for _ in range(500):
        day.step()
        day.check()
    day.resolve()
    day.check()
    for _ in range(20):
        day.step()
        day.check()
    day.clock.ms += 60_000
    day.check()
    assert {market.phase for market in day.house.catalogue.markets.values()} == {Phase.RESOLVED}
    assert [day.open_orders(person) for person in PEOPLE] == [0, 0, 0]


@pytest.mark.parametrize("seed", range(6))
def test_where_nobody_meddles_nobody_owes_what_it_has_not_and_no_trade_fails(seed: int) -> None:
    day = Day(seed, wild=False)
    for person in PEOPLE:
        for market in day.house.catalogue.markets.values():
            for token in market.tokens:
                day.house.wallets.give(person, token, Quantity(30 * ONE))
    for _ in range(500):
        day.step()
        day.check()
        for person in PEOPLE:
            assert day.owed(person) <= day.house.wallets.cash(person)
            failed = [t for t in day.house.view(person).trades() if t.status.value == "FAILED"]
            assert failed == []


@pytest.mark.parametrize("seed", range(3))
def test_the_same_seed_is_the_same_day(seed: int) -> None:
    def told() -> list[Notice]:
        day, seen = Day(seed), list[Notice]()
        day.house.listen(seen.append)
        for _ in range(100):
            day.step()
        return seen

    assert told() == told()


@dataclass
class Row:
    who: str
    sign: int
    cents: int
    size: int


class Model:
    """Complementary trading of one token without fees: prices in cents, sizes in 0.01 share."""

    def __init__(self) -> None:
        self.cash = dict.fromkeys(PEOPLE, 0)
        self.shares = dict.fromkeys(PEOPLE, 0)
        self.rows: list[Row] = []

    def order(self, taker: Row) -> None:
        sign = taker.sign
        met = [r for r in self.rows if r.sign != sign and sign * (taker.cents - r.cents) >= 0]
        for maker in sorted(met, key=lambda row: sign * row.cents):  # stable: the oldest first
            if taker.size and maker.who == taker.who:
                maker.size = 0
            traded = min(taker.size, maker.size)
            for row in (taker, maker):
                row.size -= traded
                self.cash[row.who] -= row.sign * traded * maker.cents
                self.shares[row.who] += row.sign * traded
        self.rows = [row for row in (*self.rows, taker) if row.size]


@pytest.mark.parametrize("seed", range(5))
def test_simple_trading_is_what_a_small_model_says(seed: int) -> None:
    rng, clock, model = random.Random(seed), _Clock(), Model()
    house = House(clock, seed=seed)
    house.lifecycle.add_event(Event(id="1", slug="", title=""))
    listed = Market(id="1", condition="c", event_id="1", slug="", question="", tokens=("1", "2"))
    house.lifecycle.add_market(replace(listed, minimum=Quantity(ONE)))
    for person in PEOPLE:
        house.wallets.open(person)
        house.wallets.deposit(person, Cash(100_000 * ONE))
        house.wallets.give(person, "1", Quantity(100_000 * ONE))
    for _ in range(200):
        person, side = rng.choice(PEOPLE), rng.choice(list(Side))
        cents, size = rng.randint(40, 60), rng.randint(500, 5_000)
        price, shares = Price(cents * 10_000), Quantity(size * 10_000)
        house.orders.quote(person, "1", side, price=price, shares=shares)
        model.order(Row(person, 1 if side is Side.BUY else -1, cents, size))
        clock.ms += 500
    for person in PEOPLE:
        assert house.wallets.cash(person) == 100_000 * ONE + model.cash[person] * 100
        assert house.wallets.held(person, "1") == 100_000 * ONE + model.shares[person] * 10_000
