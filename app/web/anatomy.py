"""One pair taken apart: ladders, the curve of profit, fees step by step, what each end pays."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from app.fee_steps import STEPS, stepped
from app.report import WHY
from app.web.models import Anatomy, Fees, Ladder, Level, Life, Paid, Point
from app.web.read_opportunities import find_episode, row_of, short, titles_of
from app.web.site import Site
from matching.pairs import Pair, Relation
from matching.payout import Hedge, joint_states, table
from matching.verdict import Divergence
from scanner.episode import Episode
from scanner.offer import Offer
from scanner.opportunity import Leg
from scanner.scan import Listed, Reason, offers
from scanner.spread import curve, size
from venues import ONE, Cash, Price, Quantity, Side, Slice
from venues.money import proceeds

LEVELS_MAX: Final = 20
CURVE_MAX: Final = 120
"""Points: what lies beyond is of no use to anybody who looks at the best."""
Way = tuple[Offer, Offer]


async def anatomy(site: Site, id: str) -> Anatomy | None:
    """`id` is an episode's or a pair's; None where neither is known. Raises HistoryUnavailable."""
    item, episode = site.room.pair(id), site.room.engine.episodes.get(id)
    if item is None:
        episode = await find_episode(site, id)
        if episode is None:
            return None
        item = site.room.pair(episode.pair_id)
    pair_id = episode.pair_id if episode else id
    life = await asyncio.to_thread(site.works.history.life, episode.id) if episode else ()
    way = _way(site, item, episode) if item else None
    reason = site.room.engine.reasons.get(pair_id)
    return Anatomy(
        schema="dutchbook.anatomy/1",
        now_ms=site.clock.now_ms(),
        pair_id=pair_id,
        titles=titles_of(site, pair_id) if item else [pair_id],
        relation=item.pair.relation.value if item else "unknown",
        watched=item is not None,
        row=row_of(site, episode) if episode else None,
        reason=reason,
        meaning=WHY.get(reason, reason) if reason else None,
        ladders=_ladders(site, item, way) if item and way else [],
        curve=_curve(way) if way else [],
        fees=_fees(way, episode) if way and episode and not episode.ended_ms else [],
        payouts=_payouts(site, item.pair, episode) if item and episode else [],
        life=[
            Life(
                at_ms=moment.at_ms,
                happened=moment.happened.value,
                profit_micros=moment.found.profit,
                quantity_micros=moment.found.quantity,
            )
            for moment in life
        ],
    )


def _way(site: Site, item: Listed, episode: Episode | None) -> Way | None:
    """The way to buy that the opportunity takes, else the one that is nearer to pay."""
    engine, pair = site.room.engine, item.pair
    found = zip((pair.one, pair.two), engine.books_of(pair.id), strict=True)
    books = {key: book for key, book in found if book}
    ways = offers(item, books, ts_ms=site.clock.now_ms(), policy=engine.policy)
    if isinstance(ways, Reason):
        return None
    if episode:
        sides = [leg.contract for leg in episode.last.legs]
        return next((way for way in ways if [o.contract for o in way] == sides), None)
    return min(ways, key=_dear)


def _dear(way: Way) -> int:
    return sum(offer.asks[0].price if offer.asks else ONE for offer in way)


def _ladders(site: Site, item: Listed, way: Way) -> list[Ladder]:
    sized = size(*way)
    taken = sized.quantity if sized else 0
    one, two = way
    longest = max((level.quantity for o in way for level in o.asks[:LEVELS_MAX]), default=1)
    return [
        _ladder(site, item, offer, _levels(offer, other, taken, longest))
        for offer, other in ((one, two), (two, one))
    ]


def _ladder(site: Site, item: Listed, offer: Offer, levels: Iterable[Level]) -> Ladder:
    contract = offer.contract
    market = item.one if contract.venue == item.pair.one.venue else item.two
    watched = site.room.feeds[contract.venue].book(contract.market)
    now_ns = site.clock.monotonic_ns()
    return Ladder(
        venue=contract.venue,
        market=contract.market,
        title=short(market.title) if market else contract.market,
        side=contract.outcome.value,
        age_ms=watched.age_ms(now_ns) if watched and watched.confirmed_ns else None,
        fault=site.room.engine.doubts.get(contract.venue) or (watched.fault if watched else None),
        levels=list(levels),
        more=max(len(offer.asks) - LEVELS_MAX, 0),
    )


def _levels(offer: Offer, other: Offer, taken: int, longest: int) -> Iterator[Level]:
    behind = 0
    for price, quantity in offer.asks[:LEVELS_MAX]:
        there = _price_at(other, behind)
        crossed = there is not None and price + there < ONE
        yield Level(
            price_micros=price,
            quantity_micros=quantity,
            behind_micros=behind,
            part="taken" if behind < taken else "crossed" if crossed else "rest",
            share=max(100 * quantity // longest, 1),
        )
        behind += quantity


def _price_at(offer: Offer, behind: int) -> int | None:
    """The price of the next contract once so many are bought."""
    for price, quantity in offer.asks:
        if behind < quantity:
            return price
        behind -= quantity
    return None


def _curve(way: Way) -> list[Point]:
    """From nothing to three times the best quantity, or to where nobody would go."""
    sized = size(*way)
    points = [Point(quantity_micros=0, profit_micros=0)]
    for quantity, profit in curve(*way)[:CURVE_MAX]:
        points.append(Point(quantity_micros=quantity, profit_micros=profit))
        if profit < -abs(sized.profit if sized else ONE) and len(points) > 2:
            break
    if sized:
        best = Point(quantity_micros=sized.quantity, profit_micros=sized.profit)
        points = sorted({*points, best}, key=lambda point: point.quantity_micros)
    return points


def _fees(way: Way, episode: Episode) -> list[Fees]:
    return [_fee(offer, leg) for offer, leg in zip(way, episode.last.legs, strict=True)]


def _fee(offer: Offer, leg: Leg) -> Fees:
    """Of the books as they are now, for the quantity of the opportunity."""
    fills = list(_fills(offer, leg.bought))
    if not fills:
        return Fees(
            venue=offer.contract.venue,
            model="",
            steps=[],
            fills=[],
            cost_micros=0,
            fee_micros=0,
            bound_micros=0,
        )
    told = stepped(offer.fees, Side.BUY, fills)
    return Fees(
        venue=offer.contract.venue,
        model=told["model"],
        steps=[name for name in STEPS if f"{name}_micros" in told["fills"][0]],
        fills=told["fills"],
        cost_micros=told["cost_micros"],
        fee_micros=told["fee_micros"],
        bound_micros=told["bound_micros"],
    )


def _fills(offer: Offer, bought: int) -> Iterator[Slice]:
    for price, available in offer.asks:
        if bought <= 0:
            return
        yield Slice(price, Quantity(min(available, bought)))
        bought -= available


def _payouts(site: Site, pair: Pair, episode: Episode) -> list[Paid]:
    if pair.relation not in {Relation.SAME, Relation.INVERTED}:
        return []
    found = episode.last
    legs = {leg.contract.venue: leg for leg in found.legs}
    kalshi, polymarket = legs[pair.one.venue], legs[pair.two.venue]
    held = Hedge(
        kalshi.contract.outcome,
        polymarket.contract.outcome,
        kalshi.average_price,
        polymarket.average_price,
    )
    states = joint_states(pair.relation, _divergences(site, pair.id))
    return [
        Paid(
            kalshi=joint.kalshi.value,
            polymarket=joint.polymarket.value,
            each_micros=pays,
            pays_micros=(whole := proceeds(Price(pays), found.quantity)),
            profit_micros=Cash(whole - found.outlay),
        )
        for joint, pays in table(states, held)
    ]


def _divergences(site: Site, pair_id: str) -> Sequence[Divergence]:
    booked = (site.works.source.booked or {}).get(pair_id)
    return booked.kept.divergences if booked else ()
