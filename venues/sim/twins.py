"""One world, two venues: a simulated Kalshi and a simulated Polymarket ask the same questions."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from venues.clock import Clock
from venues.money import ONE, Cash, Price, Quantity, micros
from venues.sim import world
from venues.sim.kalshi.catalogue import STRUCTURES, Series
from venues.sim.kalshi.catalogue import Event as KalshiEvent
from venues.sim.kalshi.catalogue import Market as KalshiMarket
from venues.sim.kalshi.house import House as KalshiHouse
from venues.sim.kalshi.knobs import Knobs as KalshiKnobs
from venues.sim.polymarket.catalogue import Event, Market, Phase
from venues.sim.polymarket.house import House
from venues.sim.polymarket.knobs import Knobs
from venues.sim.polymarket.positions import tokens_of
from venues.sim.polymarket.records import Kind, OrderType
from venues.sim.polymarket.server_accounts import owner_of
from venues.sim.twin_desks import KalshiDesk, Maker, PolymarketDesk, open_person
from venues.sim.twin_questions import TWINS, Twin

OWNER_KEYS: Final = tuple((kind, bytes([17 + kind]) * 32) for kind in Kind)
"""A key for each kind of wallet of this world's user: known to everybody, good for nothing else."""
USER_CASH: Final = Cash(1_000 * ONE)
DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Twins:
    """`pairs` are the rows of the world's pairs file: pair_id, kalshi, polymarket, relation.
    `desks` quote them, in the same order.
    """

    kalshi: KalshiHouse
    polymarket: House
    pairs: tuple[tuple[str, str, str, str], ...]
    desks: tuple[tuple[KalshiDesk, PolymarketDesk], ...]

    def advance(self) -> None:
        self.kalshi.advance()
        self.polymarket.advance()


def twins(
    clock: Clock,
    *,
    seed: int = 0,
    moving: bool = True,
    questions: Sequence[Twin] = TWINS,
    kalshi_knobs: KalshiKnobs | None = None,
    knobs: Knobs | None = None,
) -> Twins:
    """The world of `world.kalshi` with these twins in it. `moving`: their makers change their minds
    now and then, each for itself."""
    kalshi = world.kalshi(clock, seed=seed, knobs=kalshi_knobs)
    polymarket = House(clock, seed=seed, knobs=knobs)
    for kind, key in OWNER_KEYS:
        polymarket.wallets.deposit(polymarket.wallets.open(owner_of(key), kind), USER_CASH)
    rng = random.Random(f"twins {seed}")
    pairs, every = [], []
    for number, twin in enumerate(questions, 1):
        _list_at_kalshi(kalshi, twin)
        market = _list_at_polymarket(polymarket, twin, number)
        desks = (KalshiDesk(kalshi, twin), PolymarketDesk(polymarket, twin, market))
        every.append(desks)
        for desk in desks:
            desk.quote(0)
            if moving and not twin.eaten:
                Maker(desk, random.Random(rng.getrandbits(64))).start()
        _eat(polymarket, twin, market)
        if twin.is_paused:
            kalshi.lifecycle.pause(twin.ticker)
        if twin.same is not None:
            relation = "same" if twin.same else "inverted"
            pairs.append((twin.id, twin.ticker, market.condition, relation))
    return Twins(kalshi=kalshi, polymarket=polymarket, pairs=tuple(pairs), desks=tuple(every))


def _list_at_kalshi(house: KalshiHouse, twin: Twin) -> None:
    event = twin.event_ticker
    if event not in house.catalogue.events:
        series = event.partition("-")[0]
        house.lifecycle.add_series(
            Series(
                ticker=series,
                title=twin.event_title,
                fee_type="quadratic_with_maker_fees",
                fee_multiplier=twin.kalshi_multiplier,
            )
        )
        house.lifecycle.add_event(
            KalshiEvent(ticker=event, series_ticker=series, title=twin.event_title)
        )
    close_ms = house.now_ms + 36 * DAY_MS
    house.lifecycle.add_market(
        KalshiMarket(
            ticker=twin.ticker,
            event_ticker=event,
            title=twin.question,
            yes_sub_title="Yes",
            no_sub_title="No",
            rules_primary=f"If the answer to “{twin.question}” is yes, YES pays a dollar.",
            open_ms=house.now_ms,
            close_ms=close_ms,
            expected_expiration_ms=close_ms,
            latest_expiration_ms=close_ms + 7 * DAY_MS,
            price_level_structure=twin.structure,
            bands=STRUCTURES[twin.structure],
        )
    )


def _list_at_polymarket(house: House, twin: Twin, number: int) -> Market:
    slug = f"{twin.event[0].lower() if twin.event else twin.id}-event"
    known = (each.id for each in house.catalogue.events.values() if each.slug == slug)
    event_id = next(known, None)
    if event_id is None:
        event_id = str(900_000 + number)
        title = twin.event[1] if twin.event else twin.polymarket_question or twin.question
        house.lifecycle.add_event(
            Event(
                id=event_id,
                slug=slug,
                title=title,
                neg_risk=twin.neg_risk,
                tags=(twin.fee_type.split("_fees")[0],),
            )
        )
    legs = (twin.question, "Will Bob Example be nominated?", "Will Cy Example be nominated?")
    listed = [
        house.lifecycle.add_market(
            _polymarket_market(twin, event_id, number * 10 + leg, question, house.now_ms)
        )
        for leg, question in enumerate(legs if twin.neg_risk else legs[:1])
    ]
    return listed[0]


def _polymarket_market(
    twin: Twin, event_id: str, number: int, question: str, now_ms: int
) -> Market:
    is_v2 = twin.version == "v2"
    condition = _condition(number, is_v2=is_v2)
    is_first = question == twin.question
    return Market(
        id=str(1_000_000 + number),
        condition=condition,
        event_id=event_id,
        slug=f"{twin.id}-{number}",
        question=(twin.polymarket_question or question) if is_first else question,
        description=f"Resolves Yes if the answer to “{twin.polymarket_question or question}” is.",
        tokens=tokens_of(condition, version=twin.version, neg_risk=twin.neg_risk),
        version=twin.version,
        tick=Price(micros(twin.tick)),
        minimum=Quantity(micros(twin.minimum)),
        fee=twin.fee,
        fee_type=twin.fee_type,
        neg_risk=twin.neg_risk,
        phase=Phase.OPEN,
        start_ms=now_ms,
        end_ms=now_ms + 36 * DAY_MS,
    )


def _condition(number: int, *, is_v2: bool) -> str:
    """Those of Protocol V2 end in zeros (facts §4.4)."""
    digits = f"{random.Random(f'condition {number}').getrandbits(256):064x}"
    return f"0x{digits[:34]}{'0' * 30}" if is_v2 else f"0x{digits}"


def _eat(house: House, twin: Twin, market: Market) -> None:
    if not twin.eaten:
        return
    side, price, shares = twin.eaten
    house.orders.quote(
        open_person(house, f"eater {twin.id}", market),
        market.tokens[0],
        side,
        price=Price(micros(price)),
        shares=Quantity(micros(shares)),
        kind=OrderType.FAK,
    )
