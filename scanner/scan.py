"""One pass: pairs, markets and books → a ScanReport. Pure; the same for a live scan and a tape.

A pair walks through gates in order, and the first it fails is its reason in the report: so a scan
that finds nothing still says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

from matching.pairs import MarketKey, Pair, Relation
from scanner.offer import Offer, OrderKind
from scanner.opportunity import Finding, Opportunity, ScanReport
from scanner.spread import Sized, size
from venues import LOT, Book, Cash, FeeModel, Level, Market, MarketStatus, UnknownFee


class Reason(StrEnum):
    """The gates, in the order in which a pair meets them."""

    VENUE_DOWN = "venue_unreachable"
    UNKNOWN_MARKET = "unknown_market"
    NOT_OPEN = "not_open"
    FEE_UNKNOWN = "fee_unknown"
    NO_BOOK = "no_book"
    BAD_BOOK = "bad_book"
    OFF_TICK = "off_tick"
    STALE_BOOK = "stale_book"
    NOT_CROSSED = "not_crossed"
    SPREAD_UP_TO_FEES = "spread<=fees"
    BELOW_MINIMUM = "below_minimum_or_cash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a person chose for a pass. Per venue: the cash one order may take (absent: no limit),
    the least an order may cost, and the kind of order it would be sent as. `down`: venues that
    did not answer, of which nothing can be said."""

    down: frozenset[str] = frozenset()
    age_ms_max: int | None = None
    cash: Mapping[str, Cash] = field(default_factory=dict)
    minimum_cost: Mapping[str, Cash] = field(default_factory=dict)
    kind: Mapping[str, OrderKind] = field(default_factory=dict)


class Listed(NamedTuple):
    """A pair with its two markets as it sees them; None: the venue does not know the market.

    The markets belong to the pair, because a pairs file may say other fees of one market for two
    of its pairs.
    """

    pair: Pair
    one: Market | None
    two: Market | None


def scan(
    listed: Iterable[Listed], books: Mapping[MarketKey, Book], *, ts_ms: int, policy: Policy
) -> ScanReport:
    """Judges every pair at the moment `ts_ms`; `books` are YES books."""
    judge = _Judge(books, ts_ms, policy)
    return ScanReport(ts_ms=ts_ms, findings=tuple([judge.finding(item) for item in listed]))


def look(item: Listed, books: Mapping[MarketKey, Book], *, ts_ms: int, policy: Policy) -> Finding:
    """The same for one pair."""
    return _Judge(books, ts_ms, policy).finding(item)


def tradable(
    key: MarketKey, market: Market | None, book: Book | None, *, ts_ms: int, policy: Policy
) -> Tradable | Reason:
    """One market with its YES book and its fees, or the first gate of its own that it fails."""
    return _Judge({key: book} if book else {}, ts_ms, policy).side(key, market)


def offers(
    item: Listed, books: Mapping[MarketKey, Book], *, ts_ms: int, policy: Policy
) -> tuple[tuple[Offer, Offer], ...] | Reason:
    """Both ways to buy a dollar of the pair, crossed or not, or the first gate that it fails."""
    judge = _Judge(books, ts_ms, policy)
    one, two = judge.side(item.pair.one, item.one), judge.side(item.pair.two, item.two)
    if isinstance(one, Reason) or isinstance(two, Reason):
        return _first(one, two)
    twin = _twin(two.book, item.pair)
    return (
        (judge.offer(one, one.book), judge.offer(two, twin.flip())),
        (judge.offer(one, one.book.flip()), judge.offer(two, twin)),
    )


@dataclass(frozen=True, slots=True)
class Tradable:
    """One market of a pair that passed the gates of its own."""

    market: Market
    book: Book
    fees: FeeModel


@dataclass(frozen=True, slots=True)
class _Judge:
    books: Mapping[MarketKey, Book]
    ts_ms: int
    policy: Policy

    def finding(self, item: Listed) -> Finding:
        """`crossed` and `days` say what is known, whatever gate the pair fails."""
        pair = item.pair
        crossed, days = self.crossed(pair), _days(item.one, item.two, self.ts_ms)
        judged = self.judged(item, crossed=crossed)
        if isinstance(judged, Reason):
            return Finding(pair_id=pair.id, crossed=crossed, days=days, reason=judged.value)
        found = Opportunity(
            pair_id=pair.id,
            legs=judged.legs,
            quantity=judged.quantity,
            seen_ms=self.ts_ms,
            days=days,
        )
        return Finding(pair_id=pair.id, crossed=crossed, days=days, opportunity=found)

    def crossed(self, pair: Pair) -> bool:
        one, two = self.books.get(pair.one), self.books.get(pair.two)
        if one is None or two is None:
            return False
        twin = _twin(two, pair)
        return _over(one.best_bid, twin.best_ask) or _over(twin.best_bid, one.best_ask)

    def judged(self, item: Listed, *, crossed: bool) -> Sized | Reason:
        one, two = self.side(item.pair.one, item.one), self.side(item.pair.two, item.two)
        if isinstance(one, Reason) or isinstance(two, Reason):
            return _first(one, two)
        if not crossed:
            return Reason.NOT_CROSSED
        offers = tuple(self.directions(one, two, _twin(two.book, item.pair)))
        return self.best(offers) or self.why_nothing(offers)

    def side(self, key: MarketKey, market: Market | None) -> Tradable | Reason:
        """The market with its book and fees, or the first gate that it fails."""
        if key.venue in self.policy.down:
            return Reason.VENUE_DOWN
        if market is None:
            return Reason.UNKNOWN_MARKET
        if market.status is not MarketStatus.OPEN:
            return Reason.NOT_OPEN
        fees = market.fees.at(self.ts_ms)
        if isinstance(fees, UnknownFee):
            return Reason.FEE_UNKNOWN
        book = self.books.get(key)
        if book is None:
            return Reason.NO_BOOK
        if book.fault():
            return Reason.BAD_BOOK
        if not market.grid.holds_all([price for price, _ in book.bids + book.asks]):
            return Reason.OFF_TICK
        age_max = self.policy.age_ms_max
        if age_max is not None and self.ts_ms - book.received_ms > age_max:
            return Reason.STALE_BOOK
        return Tradable(market, book, fees)

    def best(self, offers: Sequence[tuple[Offer, Offer]]) -> Sized | None:
        """The better of both directions; of two equal ones the smaller."""
        found = [sized for two in offers if (sized := size(*two))]
        return min(found, key=lambda s: (-s.profit, s.quantity)) if found else None

    def directions(self, one: Tradable, two: Tradable, twin: Book) -> Iterator[tuple[Offer, Offer]]:
        """YES here with the twin's NO, and the other way round; only where the two cross.

        Uncrossed, a pair of contracts costs a dollar or more before any fee.
        """
        if _over(twin.best_bid, one.book.best_ask):
            yield self.offer(one, one.book), self.offer(two, twin.flip())
        if _over(one.book.best_bid, twin.best_ask):
            yield self.offer(one, one.book.flip()), self.offer(two, twin)

    def offer(self, side: Tradable, book: Book) -> Offer:
        venue = side.market.venue
        return Offer(
            contract=book.contract,
            asks=book.asks,
            fees=side.fees,
            minimum=side.market.minimum,
            minimum_cost=self.policy.minimum_cost.get(venue, Cash(0)),
            cash=self.policy.cash.get(venue),
            kind=self.policy.kind.get(venue, OrderKind.QUANTITY),
        )

    def why_nothing(self, offers: Sequence[tuple[Offer, Offer]]) -> Reason:
        if any(size(_unlimited(one), _unlimited(two)) for one, two in offers):
            return Reason.BELOW_MINIMUM
        return Reason.SPREAD_UP_TO_FEES


def _unlimited(offer: Offer) -> Offer:
    return replace(offer, minimum=LOT, minimum_cost=Cash(0), cash=None)


def _first(one: Tradable | Reason, two: Tradable | Reason) -> Reason:
    failed = [side for side in (one, two) if isinstance(side, Reason)]
    return min(failed, key=list(Reason).index)


def _twin(book: Book, pair: Pair) -> Book:
    """The second market's book, priced for the outcome that is YES at the first."""
    return book if pair.relation is Relation.SAME else book.flip()


def _over(bid: Level | None, ask: Level | None) -> bool:
    return bid is not None and ask is not None and bid.price > ask.price


def _days(one: Market | None, two: Market | None, ts_ms: int) -> int | None:
    """Calendar days (UTC) to the later payout; None where one of them is not known."""
    payouts = [market.payout_at for market in (one, two) if market and market.payout_at]
    if len(payouts) < 2:
        return None
    later = max(payouts).astimezone(UTC).date()
    return (later - datetime.fromtimestamp(ts_ms // 1_000, UTC).date()).days
