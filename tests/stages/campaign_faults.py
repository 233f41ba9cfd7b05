"""What may go wrong in a campaign: each draws how badly, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from line import Said
from sim_disk import PowerCut

from execution.journal import JournalError
from venues import ONE, Cash, Price, Quantity
from venues.sim import world
from venues.sim.exchange import Tif
from venues.sim.faults import (
    CUT_BODY,
    LOST_ANSWER,
    LOST_REQUEST,
    TRUNCATED,
    WEB_PAGE,
    Fault,
    error,
    late,
)
from venues.sim.kalshi.records import BookSide, CreateOrder
from venues.sim.kalshi.refusal import Refusal

if TYPE_CHECKING:
    from campaign import Campaign

VENUES: Final = ("kalshi", "polymarket")
_KINDS: Final[tuple[Fault, ...]] = (
    LOST_REQUEST,
    LOST_ANSWER,
    error(429),
    error(500),
    error(503, processed=True),
    WEB_PAGE,
    TRUNCATED,
    CUT_BODY,
    late(700),
    late(2_500, processed=True),
    late(12_000),
    late(12_000, processed=True),
)


def _soon(it: Campaign, act: Callable[[], Any]) -> None:
    """At some time, or right before or after one of the first orders, where it hurts most."""
    if it.rng.random() < 0.35:
        it.at(0, 20_000, act)
        return
    left = [it.rng.randint(1, 3)]

    def hook(said: Said) -> None:
        left[0] -= said.is_order
        if said.is_order and left[0] == 0 and not it.is_calm:
            act()

    line = it.stage.line
    it.rng.choice((line.before, line.after)).append(hook)


def writes(it: Campaign) -> None:
    _chance(it, lambda method, route: method != "GET" and not route.endswith("/books"))


def reads(it: Campaign) -> None:
    _chance(it, lambda method, route: method == "GET")


def _chance(it: Campaign, only: Callable[[str, str], bool]) -> None:
    rng = it.rng
    some = rng.sample(_KINDS, rng.randint(1, 4))
    odds = {fault: rng.choice((50_000, 150_000, 240_000)) for fault in some}
    it.stage.faults(rng.choice(VENUES)).chance(rng.getrandbits(32), odds, only)


def moves(it: Campaign) -> None:
    """Makers change their minds."""
    for _ in range(it.rng.randint(1, 8)):
        pair = it.rng.randrange(len(it.stage.world.desks))
        desk = it.stage.world.desks[pair][it.rng.randrange(2)]
        shift = it.rng.randint(-6, 6)
        _soon(it, partial(desk.quote, shift))


def empties(it: Campaign) -> None:
    """One side of a book is gone for a while."""
    stage, rng = it.stage, it.rng
    pair = rng.randrange(len(stage.world.desks))
    name = rng.choice(("kalshi_bids", "kalshi_asks", "polymarket_bids", "polymarket_asks"))
    before = getattr(stage.questions[pair], name)
    _soon(it, lambda: stage.ladder(pair, **{name: ""}))
    it.at(3_000, 39_000, lambda: stage.ladder(pair, **{name: before}))


def thins(it: Campaign) -> None:
    """Just before an order arrives, most of what it wants is gone."""
    stage, rng = it.stage, it.rng
    left = [rng.randint(1, 3)]
    shares = rng.randint(100, 1_500) / 100

    def before(said: Said) -> None:
        if not said.is_order or not left[0] or it.is_calm:
            return
        left[0] -= 1
        for pair, twin in enumerate(stage.questions):
            first = twin.kalshi_asks.split()[0]
            stage.ladder(pair, kalshi_asks=f"{first} {shares:.2f}")

    stage.line.before.append(before)


def closes(it: Campaign) -> None:
    stage, rng = it.stage, it.rng
    venue, pair = rng.choice(VENUES), rng.randrange(len(stage.world.pairs))
    _soon(it, lambda: _quietly(stage.close, venue, pair, resolved=False))


def pauses(it: Campaign) -> None:
    house = it.stage.world.kalshi.pauses
    what = it.rng.choice((house.pause_trading, house.pause_exchange))
    _soon(it, what)
    it.at(1_000, 39_000, house.resume)


def modes(it: Campaign) -> None:
    house, rng = it.stage.world.polymarket.modes, it.rng
    act: Callable[[], Any] = rng.choice(
        (
            lambda: house.restart(down_ms=rng.randint(500, 9_000), post_only_ms=4_000),
            house.cancel_only,
            house.disable,
        )
    )
    _soon(it, act)


def reversals(it: Campaign) -> None:
    odds = it.rng.choice((150_000, 500_000))
    it.stage.turn(fail=odds, retry=it.rng.choice((0, 300_000)), retry_ms=6_000)


def waits(it: Campaign) -> None:
    """Polymarket makes takers wait."""
    house, rng = it.stage.world.polymarket, it.rng
    for condition, market in house.catalogue.markets.items():
        change = (
            {"taker_delay_ms": rng.choice((250, 2_000))}
            if rng.random() < 0.5
            else {"delay_s": rng.choice((1, 3, 9)), "game_start_ms": house.now_ms - 1}
        )
        house.catalogue.markets[condition] = replace(market, **change)  # type: ignore[arg-type]


def foreign(it: Campaign) -> None:
    """A person trades on the same account."""
    stage, rng = it.stage, it.rng

    def trade(count: int) -> None:
        _, ticker, _, _ = rng.choice(stage.world.pairs)
        body = CreateOrder(
            ticker=ticker,
            side=rng.choice((BookSide.BID, BookSide.ASK)),
            count=Quantity(count * ONE),
            price=Price(rng.randint(1, 99) * 10_000),
            time_in_force=rng.choice((Tif.IOC, Tif.GTC)),
        )
        _quietly(stage.world.kalshi.orders.create, world.USER, body)

    for _ in range(rng.randint(1, 3)):
        count = rng.randint(1, 20)
        _soon(it, partial(trade, count))


def spent(it: Campaign) -> None:
    """Money leaves the account, and comes back."""
    stage, venue = it.stage, it.rng.choice(VENUES)
    left = Cash(it.rng.randint(0, 30) * ONE)
    _soon(it, lambda: _quietly(stage.set_cash, venue, left))
    it.at(30_000, 39_000, lambda: _quietly(stage.set_cash, venue, Cash(900 * ONE)))


def clogged(it: Campaign) -> None:
    """A link stands still; what nobody waits for any more arrives when it moves again."""
    line, venue = it.stage.line, it.rng.choice(VENUES)
    _soon(it, lambda: line.clog(venue))
    end_ms = it.rng.randint(2_000, 39_000)
    it.at(end_ms, end_ms, lambda: line.unclog(venue))
    it.at(end_ms + 1, end_ms + 300, line.deliver)


def crashes(it: Campaign) -> None:
    """At a request or at a row of the journal, before or after it."""
    stage, rng = it.stage, it.rng
    left = [rng.choice((1, 5, 12, 25, 40, 60))]
    only_writes = rng.random() < 0.6

    def count(said: Said) -> None:
        if only_writes and not said.is_write:
            return
        left[0] -= 1
        if left[0] == 0 and not it.is_calm:
            stage.crash()

    if only_writes:
        left[0] = rng.randint(1, 4)
    rng.choice((stage.line.before, stage.line.after)).append(count)


def power(it: Campaign) -> None:
    """The machine goes off around a row of the journal."""
    _at_a_row(it, it.stage.crash)


def disks(it: Campaign) -> None:
    """An append fails, written or not."""

    def fail() -> None:
        raise JournalError("the disk has a bad day")

    _at_a_row(it, fail)


def _at_a_row(it: Campaign, act: Callable[[], None]) -> None:
    disk, number = it.stage.disk, it.rng.randint(1, 14)
    name = it.rng.choice(("before", "after"))
    old = getattr(disk, name)

    def hook(count: int) -> None:
        old(count)
        if count == number and not it.is_calm:
            act()

    setattr(disk, name, hook)


def stalls(it: Campaign) -> None:
    """Nobody gets anything done for a while, somewhere in the middle."""
    stage, number = it.stage, it.rng.randint(1, 60)
    duration_ms = it.rng.choice((900, 2_500, 6_000, 30_000))

    def hook(said: Said) -> None:
        if said.number == number and not it.is_calm:
            stage.sleep_in_the_middle(duration_ms)

    it.rng.choice((stage.line.before, stage.line.after)).append(hook)


def steps(it: Campaign) -> None:
    """Our wall clock is set."""
    clock, ahead_ms = it.clock, it.rng.choice((-3_600_000, -4_000, 4_000, 3_600_000))
    it.at(0, 20_000, lambda: setattr(clock, "ahead_ms", ahead_ms))


FAULTS: Final[dict[str, Callable[[Campaign], None]]] = {
    each.__name__: each
    for each in (
        *(writes, reads, moves, empties, thins, closes, pauses, modes, reversals, waits),
        *(foreign, spent, clogged, crashes, power, disks, stalls, steps),
    )
}


async def calm_down(it: Campaign) -> None:
    """From now on nothing more goes wrong."""
    it.is_calm, stage = True, it.stage
    for venue in VENUES:
        stage.faults(venue).clear()
        stage.line.unclog(venue)
    await stage.line.deliver()
    stage.turn(fail=0, retry=0)
    it.clock.ahead_ms = 0
    polymarket, kalshi = stage.world.polymarket, stage.world.kalshi
    polymarket.modes.cancel_only(on=False)
    polymarket.modes.disable(on=False)
    polymarket.modes._down_until_ms = polymarket.modes._post_only_until_ms = 0
    kalshi.pauses.resume()
    for pair, (_, ticker, condition, _) in enumerate(stage.world.pairs):
        _quietly(kalshi.lifecycle.resume, ticker)
        _quietly(polymarket.lifecycle.resume, condition)
        market = polymarket.catalogue.markets[condition]
        polymarket.catalogue.markets[condition] = replace(
            market, taker_delay_ms=0, delay_s=0, game_start_ms=None
        )
        twin = stage.questions[pair]
        stage.ladder(pair, kalshi_asks=twin.kalshi_asks, kalshi_bids=twin.kalshi_bids)


def _quietly(act: Callable[..., Any], *args: Any, **named: Any) -> None:
    """The world says no to it now and then."""
    try:
        act(*args, **named)
    except (Refusal, ValueError, PowerCut):
        return
