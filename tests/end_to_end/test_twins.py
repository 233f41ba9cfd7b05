"""Both simulated venues on loopback: catalogues, feeds, and a scan that finds just what is there.

What is there is worked out from the engines' own books, by trying every hundredth of a contract in
fractions. It is written from contracts.md and the facts alone and shares no code with us.
"""

from __future__ import annotations

import asyncio
import csv
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from app.config import Settings, load_settings
from app.wiring import open_feed, open_venue
from venues.sim.kalshi.rest_auth import ApiKeys
from venues.sim.kalshi.server import serve_kalshi
from venues.sim.polymarket.knobs import Knobs
from venues.sim.polymarket.server import serve_polymarket
from venues.sim.twins import OWNER_KEYS, Twins, twins

MILLION: Final = 10**6
HUNDRED: Final = 100
Levels = list[tuple[Fraction, Fraction]]
START: Final = (
    "import sys; from app.cli import main; sys.argv = ['dutchbook', *sys.argv[1:]]; main()"
)


class Still:
    """A clock that somebody else moves; its servers' pumps see no time pass."""

    def __init__(self, at_ms: int) -> None:
        self.at_ms = at_ms

    def now_ms(self) -> int:
        return self.at_ms

    def monotonic_ns(self) -> int:
        return self.at_ms * MILLION

    async def sleep_ms(self, duration_ms: int) -> None:
        await asyncio.sleep(duration_ms / 1_000)


@dataclass(frozen=True)
class Stage:
    world: Twins
    settings: Path
    pairs: Path
    as_listed: bool


@pytest.fixture(params=[(0, 0), (2, 3_000)], ids=["as listed", "after 50 minutes"])
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    """A world that has moved for a while and then stands still: (seed, seconds)."""
    from venues import SystemClock

    seed, moved_s = request.param
    clock = Still(SystemClock().now_ms() - moved_s * 1_000)
    world = twins(clock, seed=seed, moving=moved_s > 0, knobs=Knobs(rate_limits=False))
    clock.at_ms += moved_s * 1_000
    world.advance()
    world.polymarket.audit()
    async with (
        serve_kalshi(world.kalshi, ApiKeys()) as kalshi,
        serve_polymarket(world.polymarket, keys=OWNER_KEYS) as polymarket,
    ):
        settings = tmp_path / "sim.yaml"
        key = kalshi.accounts[0]
        found = {
            "environment": "sim",
            "data_dir": str(tmp_path / "data"),
            "kalshi": {
                "rest": kalshi.rest,
                "ws": kalshi.ws,
                "member": "direct",
                "key_id": key.key_id,
                "key_file": str(key.private_key_file),
            },
            "polymarket": {
                "clob": polymarket.clob,
                "gamma": polymarket.gamma,
                "ws": polymarket.ws_market.removesuffix("/market"),
                "order": "quantity",
                "requests_per_s": 100,
            },
        }
        settings.write_text(yaml.safe_dump(found))
        pairs = tmp_path / "pairs.csv"
        with pairs.open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(("pair_id", "kalshi", "polymarket", "relation"))
            rows.writerows(world.pairs)
        yield Stage(world, settings, pairs, as_listed=not moved_s)


async def test_a_scan_finds_exactly_the_mispricings_that_exist(stage: Stage) -> None:
    lines = await scanned(stage)
    truth = {pair[0]: best_of(stage.world, pair) for pair in stage.world.pairs}
    assert {line["pair_id"] for line in lines} == set(truth)
    for line in lines:
        want = truth[line["pair_id"]]
        got = None
        if line["legs"]:
            got = (
                line["profit_micros"],
                line["quantity_micros"],
                tuple(leg["side"] for leg in line["legs"]),
            )
        assert got == want, line["pair_id"]
    found = {id for id, best in truth.items() if best}
    assert found, "nothing positive: the comparison proves little"
    naive = {pair[0] for pair in stage.world.pairs if crosses(stage.world, pair)}
    assert found < naive, "no trap: the comparison proves little"
    if stage.as_listed:
        assert naive - found == {"btc100", "snow", "ufo", "oscar", "shutdown"}


async def test_both_catalogues_are_crawled_and_both_feeds_show_the_engines_books(
    stage: Stage,
) -> None:
    settings = load_settings(stage.settings)
    kalshi = [pair[1] for pair in stage.world.pairs]
    polymarket = [pair[2] for pair in stage.world.pairs]
    open_ones = {id for id in kalshi if str(stage.world.kalshi.market(id).status) == "active"}
    assert open_ones < set(kalshi)
    assert open_ones <= await crawled("kalshi", settings)
    assert set(polymarket) <= await crawled("polymarket", settings)
    assert await streamed("kalshi", settings, kalshi) == {
        id: (stage.world.kalshi.bids(id), stage.world.kalshi.asks(id)) for id in kalshi
    }
    house = stage.world.polymarket
    books = {id: house.book(house.catalogue.markets[id].tokens[0]) for id in polymarket}
    assert await streamed("polymarket", settings, polymarket) == {
        id: (book.bids, book.asks) for id, book in books.items()
    }


async def test_what_find_accepts_are_twins_and_is_scanned_without_a_pairs_file(
    stage: Stage,
) -> None:
    (found,) = await ran("pairs", "find", "--config", str(stage.settings), "--json")
    twins = {(k, p): relation for _, k, p, relation in stage.world.pairs}
    accepted = {(row["kalshi"], row["polymarket"]): row["relation"] for row in found["pairs"]}
    assert accepted.items() <= twins.items(), "a trap was accepted"
    assert len(accepted) >= len(twins) / 2
    assert found["book"]["new"] == len(accepted) + len(found["review"])

    lines = await ran("scan", "--config", str(stage.settings), "--json")
    by_name = {line["pair_id"]: line["legs"] for line in await scanned(stage)}
    of_pair = {(k, p): by_name[name] for name, k, p, _ in stage.world.pairs}
    (book,) = await ran("pairs", "list", "--config", str(stage.settings), "--json")
    ids = {row["pair_id"]: (row["kalshi"], row["polymarket"]) for row in book["pairs"]}
    assert {ids[line["pair_id"]] for line in lines} == set(accepted)
    assert all(line["legs"] == of_pair[ids[line["pair_id"]]] for line in lines)
    assert not any(line["executable"] for line in lines), "nobody approved them"
    (again,) = await ran("pairs", "find", "--config", str(stage.settings), "--json")
    assert (again["book"]["new"], again["book"]["changed"]) == (0, 0)


async def crawled(venue: str, settings: Settings) -> set[str]:
    async with open_venue(venue, settings) as source:
        return {
            market.id
            async for page in source.pages()
            for event in page.events
            for market in event.markets
        }


async def streamed(venue: str, settings: Settings, ids: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    async with asyncio.timeout(20), open_feed(venue, settings) as feed:
        feed.add(ids)
        async for id in feed.changed():
            watched = feed.book(id)
            if watched and watched.fault is None:
                found[id] = watched.book.bids, watched.book.asks
            if len(found) == len(ids):
                break
    return found


async def scanned(stage: Stage) -> list[dict[str, Any]]:
    return await ran("scan", "--pairs", str(stage.pairs), "--config", str(stage.settings), "--json")


async def ran(*words: str) -> list[dict[str, Any]]:
    """The JSON lines of a command in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", START, *words),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"},
    )
    out, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return [json.loads(line) for line in out.decode().splitlines()]


@dataclass(frozen=True)
class Leg:
    asks: Levels
    rate: Fraction
    minimum: Fraction
    worth: Fraction
    is_kalshi: bool


def legs_of(world: Twins, pair: tuple[str, str, str, str], way: int) -> tuple[Leg, Leg]:
    """What is bought at each venue: way 0 is YES at Kalshi, way 1 NO."""
    _, ticker, condition, relation = pair
    bids, asks = (sides(x) for x in (world.kalshi.bids(ticker), world.kalshi.asks(ticker)))
    market = world.polymarket.catalogue.markets[condition]
    book = world.polymarket.book(market.tokens[0])
    multiplier = world.kalshi.catalogue.series[ticker.split("-")[0]].fee_multiplier
    ours = Leg(
        asks=mirrored(bids) if way else asks,
        rate=Fraction(7, 100) * Fraction(multiplier, MILLION),
        minimum=Fraction(1, 100),
        worth=Fraction(0),
        is_kalshi=True,
    )
    wants_yes = (way == 1) == (relation == "same")
    theirs = Leg(
        asks=sides(book.asks) if wants_yes else mirrored(sides(book.bids)),
        rate=Fraction(market.fee.rate if market.fee else 0, MILLION),
        minimum=Fraction(market.minimum, MILLION),
        worth=Fraction(1),
        is_kalshi=False,
    )
    return ours, theirs


def best_of(
    world: Twins, pair: tuple[str, str, str, str]
) -> tuple[int, int, tuple[str, str]] | None:
    """(profit, quantity, sides) of the best hedge; the smaller quantity of equal ones."""
    if not is_open(world, pair):
        return None
    found = []
    for way in (0, 1):
        legs = legs_of(world, pair, way)
        same = pair[3] == "same"
        names = (
            (("yes", "no") if same else ("yes", "yes"))
            if way == 0
            else (("no", "yes") if same else ("no", "no"))
        )
        depth = min(sum(size for _, size in leg.asks) for leg in legs)
        for lots in range(1, floor(depth * HUNDRED) + 1):
            quantity = Fraction(lots, HUNDRED)
            costs = [outlay(leg, quantity) for leg in legs]
            if any(cost is None for cost in costs):
                continue
            profit = quantity - sum(cost for cost in costs if cost is not None)
            found.append((profit, -quantity, names))
    best = max(found, default=(Fraction(0), Fraction(0), ("", "")))
    if best[0] <= 0:
        return None
    return int(best[0] * MILLION), int(-best[1] * MILLION), best[2]


def outlay(leg: Leg, quantity: Fraction) -> Fraction | None:
    """Cost and fee of buying so much, one fill a level; None below what the venue takes."""
    if quantity < leg.minimum:
        return None
    left, fills = quantity, []
    for price, size in leg.asks:
        part = min(left, size)
        if part > 0:
            fills.append((price, part))
            left -= part
    cost = sum(price * part for price, part in fills)
    if cost < leg.worth:
        return None
    return cost + (kalshi_fee if leg.is_kalshi else polymarket_fee)(leg.rate, fills)


def kalshi_fee(rate: Fraction, fills: Levels) -> Fraction:
    """A direct member's (facts/kalshi.md §11.3)."""
    total = kept = Fraction(0)
    for price, part in fills:
        fee = up(rate * part * price * (1 - price), MILLION)
        aligned = down(-part * price - fee, 10_000)
        rounding = -part * price - fee - aligned
        kept += rounding
        rebate = down(min(kept, fee + rounding), 10_000)
        kept -= rebate
        total += fee + rounding - rebate
    return total


def polymarket_fee(rate: Fraction, fills: Levels) -> Fraction:
    """Half up at five decimals, fill by fill (facts/polymarket.md §10)."""
    half = Fraction(1, 2)
    exact = (rate * part * price * (1 - price) for price, part in fills)
    return sum((Fraction(floor(each * 10**5 + half), 10**5) for each in exact), Fraction(0))


def is_open(world: Twins, pair: tuple[str, str, str, str]) -> bool:
    house = world.polymarket
    status = str(world.kalshi.market(pair[1]).status)
    return status == "active" and house.catalogue.markets[pair[2]].phase == "open"


def crosses(world: Twins, pair: tuple[str, str, str, str]) -> bool:
    """A dollar for less than a dollar, at the top and before fees."""
    return any(
        sum(leg.asks[0][0] for leg in legs_of(world, pair, way)) < 1
        for way in (0, 1)
        if all(leg.asks for leg in legs_of(world, pair, way))
    )


def sides(levels: Any) -> Levels:
    return [(Fraction(price, MILLION), Fraction(size, MILLION)) for price, size in levels]


def mirrored(levels: Levels) -> Levels:
    return [(1 - price, size) for price, size in levels]


def up(value: Fraction, unit: int) -> Fraction:
    return Fraction(ceil(value * unit), unit)


def down(value: Fraction, unit: int) -> Fraction:
    return Fraction(floor(value * unit), unit)
