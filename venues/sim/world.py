"""A seeded world: a small exchange that moves, for the demo and for tests."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from venues.clock import Clock
from venues.money import ONE, Cash, Price
from venues.sim.kalshi.catalogue import STRUCTURES, Event, Market, Result, Series, Source, Status
from venues.sim.kalshi.house import House
from venues.sim.kalshi.knobs import Knobs
from venues.sim.makers import Crowd, Maker

USER: Final = "00000000-0000-4000-8000-000000000001"
"""The account that is ours in this world."""

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
PAUSED: Final = "KXHIGHNY-26NOV26-T55"
CLOSING: Final = "KXHIGHNY-26NOV26-T50"
UPCOMING: Final = "KXCPIYOY-27JAN-T3.0"

_SERIES: Final = (
    Series(
        ticker="KXFEDDECISION",
        title="Fed decision",
        category="Economics",
        tags=("Fed", "Interest rates"),
        fee_type="quadratic_with_maker_fees",
        settlement_sources=(Source("Federal Reserve", "https://www.federalreserve.gov"),),
    ),
    Series(ticker="KXCPIYOY", title="Inflation", fee_type="quadratic_with_maker_fees"),
    Series(ticker="KXGREENLAND", title="Greenland", category="Politics", fee_multiplier=0),
    Series(
        ticker="KXHIGHNY", title="Highest temperature in New York", category="Climate and Weather"
    ),
    Series(ticker="KXBTCD", title="Bitcoin price", category="Crypto", exchange_index=2),
    Series(
        ticker="KXMLBGAME",
        title="Baseball game",
        category="Sports",
        tags=("Baseball",),
        fee_type="quadratic_with_maker_fees",
        fee_multiplier=ONE // 2,
        exchange_index=3,
    ),
    Series(
        ticker="KXMVESPORTS",
        title="Combo",
        category="Sports",
        fee_type="quadratic_with_combo_maker_fees",
        exchange_index=1,
    ),
)


@dataclass(frozen=True, slots=True)
class _Listing:
    """One market: ticker after the event's, what YES means, and its first fair price in cents."""

    suffix: str
    yes: str
    cents: int
    structure: str = "linear_cent"
    floor: str = ""
    opens_min: int = 0
    closes_min: int = 30 * 24 * 60


_EVENTS: Final = (
    (
        Event(
            ticker="KXFEDDECISION-26DEC",
            series_ticker="KXFEDDECISION",
            title="Fed decision in December 2026?",
            sub_title="Dec 2026",
            mutually_exclusive=True,
            collateral_return_type="MECNET",
        ),
        (
            _Listing("C25", "Cut of 25 basis points", 62),
            _Listing("H0", "No change", 31),
            _Listing("H25", "Rise", 4, "deci_cent"),
        ),
    ),
    (
        Event(ticker="KXCPIYOY-27JAN", series_ticker="KXCPIYOY", title="Inflation in January?"),
        (_Listing("T3.0", "Above 3.0%", 45, floor="3.0", opens_min=60),),
    ),
    (
        Event(ticker="KXGREENLAND-29", series_ticker="KXGREENLAND", title="Greenland by 2029?"),
        (_Listing("29", "Before 2029", 12),),
    ),
    (
        Event(
            ticker="KXHIGHNY-26NOV26",
            series_ticker="KXHIGHNY",
            title="Highest temperature in New York on Nov 26?",
            mutually_exclusive=False,
            collateral_return_type="DIRECNET",
        ),
        (
            _Listing("T50", "Above 50°", 70, floor="50", closes_min=10),
            _Listing("T55", "Above 55°", 35, floor="55", closes_min=24 * 60),
        ),
    ),
    (
        Event(ticker="KXBTCD-26NOV27", series_ticker="KXBTCD", title="Bitcoin on Nov 27?"),
        (
            _Listing("T90000", "Above 90,000", 81, "tapered_deci_cent", "90000"),
            _Listing("T95000", "Above 95,000", 44, "tapered_deci_cent", "95000"),
            _Listing("T100000", "Above 100,000", 8, "tapered_deci_cent", "100000"),
        ),
    ),
    (
        Event(
            ticker="KXMLBGAME-26NOV26NYYBOS",
            series_ticker="KXMLBGAME",
            title="Yankees or Red Sox?",
            mutually_exclusive=True,
            collateral_return_type="MECNET",
        ),
        (_Listing("NYY", "New York", 53), _Listing("BOS", "Boston", 47)),
    ),
    (
        Event(ticker="KXMVESPORTS-S1", series_ticker="KXMVESPORTS", title="Two at once"),
        (_Listing("A", "Both", 25, "center_deci_edge_centi_cent"),),
    ),
)


def kalshi(clock: Clock, *, seed: int = 0, knobs: Knobs | None = None) -> House:
    """Some twelve markets of several events on shards 0 – 3, a maker for each, and `USER` with cash
    on shards 0, 2 and 3 (not on 1). One market is paused, one not open yet, one closes soon."""
    house = House(clock, seed=seed, knobs=knobs)
    for series in _SERIES:
        house.lifecycle.add_series(series)
    house.accounts.open(USER, shards=(0, 2, 3))
    for shard in (0, 2, 3):
        house.accounts.deposit(USER, Cash(1_000 * ONE), exchange_index=shard)
    rng = random.Random(f"world {seed}")
    for event, listings in _EVENTS:
        shard = house.catalogue.series[event.series_ticker].exchange_index
        event = house.lifecycle.add_event(replace(event, exchange_index=shard))  # noqa: PLW2901
        for listing in listings:
            market = _market(event, listing, house.now_ms)
            _people(house, house.lifecycle.add_market(market), listing, rng)
    for market in house.live_markets():
        _resolves(house, market.ticker, market.close_ms + MINUTE_MS)
    house.lifecycle.schedule_fee(
        at_ms=house.now_ms + 2 * HOUR_MS,
        event_ticker="KXMLBGAME-26NOV26NYYBOS",
        fee_multiplier=ONE,
    )
    house.advance()
    house.lifecycle.pause(PAUSED)
    return house


def _market(event: Event, listing: _Listing, now_ms: int) -> Market:
    return Market(
        ticker=f"{event.ticker}-{listing.suffix}",
        event_ticker=event.ticker,
        open_ms=now_ms + listing.opens_min * MINUTE_MS,
        close_ms=now_ms + listing.closes_min * MINUTE_MS,
        expected_expiration_ms=now_ms + (listing.closes_min + 60) * MINUTE_MS,
        latest_expiration_ms=now_ms + (listing.closes_min + 7 * 24 * 60) * MINUTE_MS,
        title=event.title,
        yes_sub_title=listing.yes,
        no_sub_title=listing.yes,
        rules_primary=f"If the answer to “{event.title}” is “{listing.yes}”, YES pays a dollar.",
        rules_secondary="A void market settles at its last fair price.",
        price_level_structure=listing.structure,
        bands=STRUCTURES[listing.structure],
        strike_type="greater" if listing.floor else "custom",
        floor_strike=Decimal(listing.floor) if listing.floor else None,
    )


def _resolves(house: House, ticker: str, due_ms: int) -> None:
    """A minute after its close a market turns out as its last price leaned."""

    def resolve() -> None:
        if house.catalogue.markets[ticker].status is Status.CLOSED:
            likely = house.quote(ticker).last_price * 2 > ONE
            house.lifecycle.determine(ticker, Result.YES if likely else Result.NO)

    house.at(due_ms, resolve)


def _people(house: House, market: Market, listing: _Listing, rng: random.Random) -> None:
    """A maker and a crowd of takers, each with its own luck."""
    fair = Price(listing.cents * 10_000)
    Maker(house, market, fair, random.Random(rng.getrandbits(64))).start()
    Crowd(house, market, random.Random(rng.getrandbits(64))).start()
