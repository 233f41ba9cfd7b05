"""The live engine against the truth: both simulated venues' own books, priced by a second hand.

The oracle imports neither scanner nor fees. It walks both ladders in exact dollars and says what
profit there is before rounding; what is found must be so, within what rounding can take.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Iterable
from fractions import Fraction
from typing import Final, NamedTuple

from floor import RATE, Floor
from virtual import LoopClock, VirtualLoop, run_virtually

from scanner.engine import Engine
from scanner.episode import Change, Happened
from scanner.follow import full_pass
from scanner.scan import Policy

PAIRS: Final = int(os.environ.get("DUTCHBOOK_SIM_PAIRS", "120"))
"""The suite's; with 2,000 the same takes some minutes."""
SECONDS: Final = 120
LASTS_MS: Final = 100
SURE: Final = Fraction(5, 100)
"""Dollars that no rounding and no minimum can hide."""
ROUNDING: Final = Fraction(2, 100)
KALSHI_RATE, POLYMARKET_RATE = Fraction(7, 100), Fraction(RATE, 1_000_000)
Ladder = list[tuple[Fraction, Fraction]]


class Moment(NamedTuple):
    ms: int
    profit: Fraction


def profit_of(ones: Ladder, twos: Ladder) -> Fraction:
    """What two ladders of asks leave, of which exactly one pays a dollar."""
    found, i, j, used_i, used_j = Fraction(0), 0, 0, Fraction(0), Fraction(0)
    while i < len(ones) and j < len(twos):
        (p, size), (q, other) = ones[i], twos[j]
        fees = KALSHI_RATE * p * (1 - p) + POLYMARKET_RATE * q * (1 - q)
        each = 1 - p - q - fees
        if each <= 0:
            break
        take = min(size - used_i, other - used_j)
        found += take * each
        used_i, used_j = used_i + take, used_j + take
        if used_i == size:
            i, used_i = i + 1, Fraction(0)
        if used_j == other:
            j, used_j = j + 1, Fraction(0)
    return found


def ladder(levels: Iterable[tuple[int, int]], *, turned: bool) -> Ladder:
    """In dollars and contracts; bids turned are the other outcome's asks."""
    dollars = [(Fraction(p, 1_000_000), Fraction(q, 1_000_000)) for p, q in levels]
    return [(1 - p if turned else p, q) for p, q in dollars]


class Truth:
    """What each pair truly left, from every moment on at which one of its books changed."""

    def __init__(self, floor: Floor) -> None:
        self.moments: dict[str, list[Moment]] = {}
        self._floor = floor
        for number in range(len(floor.world.pairs)):
            self.note(number)

    def note(self, number: int) -> None:
        world = self._floor.world
        id, ticker, condition, relation = world.pairs[number]
        token = world.polymarket.catalogue.markets[condition].tokens[0]
        book = world.polymarket.book(token)
        asks = ladder(world.kalshi.asks(ticker), turned=False)
        bids = ladder(world.kalshi.bids(ticker), turned=True)
        other_asks = ladder(book.asks, turned=False)
        other_bids = ladder(book.bids, turned=True)
        if relation == "inverted":
            other_asks, other_bids = other_bids, other_asks
        best = max(profit_of(asks, other_bids), profit_of(bids, other_asks))
        self.moments.setdefault(id, []).append(Moment(self._floor.clock.now_ms(), best))

    def at(self, id: str, ms: int) -> list[Fraction]:
        """Every profit that was true at some instant of that millisecond."""
        before = [m.profit for m in self.moments[id] if m.ms < ms][-1:]
        return before + [m.profit for m in self.moments[id] if m.ms == ms]

    def sure(self, id: str, until_ms: int) -> list[tuple[int, int]]:
        """(from, to) wherever a sure profit stood long enough."""
        found, since = [], None
        for moment in [*self.moments[id], Moment(until_ms, Fraction(0))]:
            if moment.profit >= SURE and since is None:
                since = moment.ms
            elif moment.profit < SURE and since is not None:
                found.append((since, moment.ms))
                since = None
        return [(a, b) for a, b in found if b - a > LASTS_MS]


class Found(NamedTuple):
    truth: Truth
    changes: list[Change]
    end_ms: int
    slots: list[tuple[frozenset[str], frozenset[str]]]
    """At each slot, the pairs in which the stream and a full pass saw an opportunity."""


async def watched(loop: VirtualLoop) -> Found:
    clock = LoopClock(loop)
    floor = Floor(clock, pairs=PAIRS, seed=11)
    luck, slots = random.Random(12), []
    changes: list[Change] = []
    truth: Truth | None = None
    async with floor.open(changes.extend) as room, asyncio.TaskGroup() as group:
        following = group.create_task(room.follow())
        await room.watch(floor.rows)
        await clock.sleep_ms(2_000)
        assert room.troubles == {}
        truth = Truth(floor)
        second = Engine(room.feeds, policy=Policy(minimum_cost=room.engine.policy.minimum_cost))
        second.watch(room.listed, clock.now_ms())
        end_ms = clock.now_ms() + SECONDS * 1_000
        while clock.now_ms() < end_ms:
            await clock.sleep_ms(luck.randint(1, 60))
            number = luck.randrange(PAIRS)
            floor.move(
                number, luck.randrange(2), luck.choice((-4, -3, -2, -1, 0, 0, 0, 1, 2, 3, 4))
            )
            truth.note(number)
            if luck.random() < 0.02:
                await clock.sleep_ms(0)  # the stream hears of it, and no time passes
                await full_pass(second, clock, lambda _: None)
                slots.append((frozenset(room.engine.episodes), frozenset(second.episodes)))
        await clock.sleep_ms(LASTS_MS + 1)
        following.cancel()
    return Found(truth, changes, end_ms, slots)


def open_in(changes: list[Change], id: str) -> list[tuple[int, int]]:
    """(first, end) of a pair's episodes; one that is open ends with the world."""
    found: dict[int, int] = {}
    for change in changes:
        episode = change.episode
        if episode.pair_id == id:
            found[episode.first_ms] = episode.ended_ms or 1 << 62
    return sorted(found.items())


def test_the_stream_finds_what_lasts_and_nothing_that_is_not_there() -> None:
    loop = VirtualLoop()
    truth, changes, end_ms, slots = run_virtually(watched(loop), loop)

    stood = [(id, span) for id in truth.moments for span in truth.sure(id, end_ms)]
    missed = [
        (id, start, end)
        for id, (start, end) in stood
        if not any(a <= start + LASTS_MS and b > start for a, b in open_in(changes, id))
    ]
    seen = [c.episode.last for c in changes if c.happened is not Happened.ENDED]
    wrong = [
        (found.pair_id, found.seen_ms, found.profit)
        for found in seen
        if found.seen_ms > truth.moments[found.pair_id][0].ms
        and not any(
            abs(Fraction(found.profit, 1_000_000) - profit) <= ROUNDING
            for profit in truth.at(found.pair_id, found.seen_ms)
        )
    ]
    print(f"{len(stood)} stood, {len(changes)} changes told, {len(slots)} slots")  # noqa: T201
    assert len(stood) > 50
    assert missed == []
    assert wrong == []
    assert len(slots) > 10
    assert [stream ^ passed for stream, passed in slots if stream != passed] == []
