"""The gates of one pass, in their order, and what a finding says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from matching.pairs import MarketKey, Pair, Relation
from scanner import Listed, OrderKind, Policy, Reason, ScanReport, scan
from venues import (
    Book,
    CarriedFee,
    Cash,
    Contract,
    FeeSchedule,
    Grid,
    Level,
    Market,
    MarketStatus,
    Outcome,
    Price,
    Quantity,
    RoundedFee,
    UnknownFee,
)

NOW = 1_795_564_800_000  # 2026-11-25
K, P = MarketKey("kalshi", "K"), MarketKey("polymarket", "P")
PAIR = Pair("pair", K, P, Relation.SAME)


def levels(*rows: tuple[str, int]) -> tuple[Level, ...]:
    return tuple(Level(Price(int(p[2:].ljust(6, "0"))), Quantity(q * 1_000_000)) for p, q in rows)


def book(key: MarketKey, bids: tuple[Level, ...], asks: tuple[Level, ...]) -> Book:
    return Book(Contract(*key, Outcome.YES), bids, asks, NOW - 1_000)


def market(key: MarketKey, **changes: Any) -> Market:
    fees = CarriedFee(70_000, 0, Cash(100)) if key is K else RoundedFee(40_000, Cash(10))
    plain = Market(
        venue=key.venue,
        id=key.id,
        event_id="",
        title="",
        yes_means="",
        rules="",
        status=MarketStatus.OPEN,
        grid=Grid.even(Price(10_000)),
        fees=FeeSchedule.always(fees),
        payout_at=datetime(2026, 12, 25 if key is K else 5, tzinfo=UTC),
    )
    return replace(plain, **changes)


CROSSED = {
    K: book(K, levels(("0.39", 100)), levels(("0.40", 250))),
    P: book(P, levels(("0.50", 180)), levels(("0.52", 12))),
}


def one_pass(
    *,
    markets: dict[MarketKey, Market] | None = None,
    books: dict[MarketKey, Book] | None = None,
    policy: Policy | None = None,
    pair: Pair = PAIR,
) -> ScanReport:
    given = {K: market(K), P: market(P)} | (markets or {})
    item = Listed(pair, given.get(pair.one), given.get(pair.two))
    return scan([item], CROSSED | (books or {}), ts_ms=NOW, policy=policy or Policy())


def reason(**given: Any) -> str | None:
    return one_pass(**given).findings[0].reason


def test_a_crossed_pair_is_sized_and_its_days_run_to_the_later_payout() -> None:
    found = one_pass().ranked[0]
    assert found.quantity == 180_000_000
    assert [leg.contract.outcome for leg in found.legs] == [Outcome.YES, Outcome.NO]
    assert found.profit == 18_000_000 - 3_024_000 - 1_800_000
    assert found.days == 30
    assert found.edge_bps == 10_000 * found.profit // found.outlay
    assert found.annual_bps == 10_000 * found.profit * 365 // (found.outlay * 30)


def test_an_inverted_pair_buys_yes_on_both_sides() -> None:
    pair = Pair("pair", K, P, Relation.INVERTED)
    other_way = replace(CROSSED[P].flip(), contract=Contract(*P, Outcome.YES))
    found = one_pass(pair=pair, books={P: other_way}).ranked[0]
    assert [leg.contract.outcome for leg in found.legs] == [Outcome.YES, Outcome.YES]
    assert found.profit == one_pass().ranked[0].profit


def test_swapping_the_venues_finds_the_mirrored_opportunity() -> None:
    swapped = Pair("pair", P, K, Relation.SAME)
    there, back = one_pass().ranked[0], one_pass(pair=swapped).ranked[0]
    assert (there.quantity, there.profit) == (back.quantity, back.profit)
    assert there.legs == back.legs[::-1]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"pair": Pair("x", MarketKey("kalshi", "?"), P, Relation.SAME)}, Reason.UNKNOWN_MARKET),
        ({"markets": {P: market(P, status=MarketStatus.RESOLVED)}}, Reason.NOT_OPEN),
        ({"markets": {P: market(P, status=MarketStatus.UNKNOWN)}}, Reason.NOT_OPEN),
        (
            {"markets": {K: market(K, fees=FeeSchedule.always(UnknownFee("flat")))}},
            Reason.FEE_UNKNOWN,
        ),
        ({"books": {K: book(K, levels(("0.41", 1)), levels(("0.40", 1)))}}, Reason.BAD_BOOK),
        ({"books": {K: book(K, (), levels(("0.405", 9)))}}, Reason.OFF_TICK),
        ({"policy": Policy(age_ms_max=999)}, Reason.STALE_BOOK),
        ({"books": {P: book(P, levels(("0.38", 5)), levels(("0.42", 5)))}}, Reason.NOT_CROSSED),
        ({"books": {P: book(P, (), ())}}, Reason.NOT_CROSSED),
        ({"books": {P: book(P, levels(("0.41", 50)), ())}}, Reason.SPREAD_UP_TO_FEES),
        ({"markets": {P: market(P, minimum=Quantity(500_000_000))}}, Reason.BELOW_MINIMUM),
        ({"policy": Policy(cash={"kalshi": Cash(0)})}, Reason.BELOW_MINIMUM),
        ({"policy": Policy(minimum_cost={"polymarket": Cash(10**9)})}, Reason.BELOW_MINIMUM),
    ],
)
def test_a_pair_stops_at_the_first_gate_it_fails(given: dict[str, Any], expected: Reason) -> None:
    report = one_pass(**given)
    assert report.findings[0].reason == expected
    assert not report.ranked
    assert report.near_misses == {expected.value: 1}


def test_an_unknown_market_comes_before_a_closed_one() -> None:
    closed = {P: market(P, status=MarketStatus.CLOSED)}
    pair = Pair("x", MarketKey("kalshi", "?"), P, Relation.SAME)
    assert reason(markets=closed, pair=pair) == Reason.UNKNOWN_MARKET


def test_an_age_at_the_limit_is_still_fresh() -> None:
    assert reason(policy=Policy(age_ms_max=1_000)) is None


def test_an_order_by_amount_pays_whole_cents_and_owns_the_crumb() -> None:
    books = {P: book(P, levels(("0.57", 181)), ())}
    policy = Policy(kind={"polymarket": OrderKind.AMOUNT})
    found = one_pass(books=books, policy=policy).ranked[0]
    leg = found.legs[1]
    assert leg.bought >= found.quantity
    assert found.profit == found.quantity - found.outlay


def test_days_are_unknown_where_one_payout_is() -> None:
    found = one_pass(markets={K: market(K, payout_at=None)}).ranked[0]
    assert found.days is None
    assert found.annual_bps is None


def test_a_payout_in_the_past_has_no_annual_return() -> None:
    gone = datetime(2026, 11, 1, tzinfo=UTC)
    found = one_pass(markets={k: market(k, payout_at=gone) for k in (K, P)}).ranked[0]
    assert found.days == -24
    assert found.annual_bps is None


def test_two_pairs_may_see_one_market_with_different_fees() -> None:
    free = Listed(PAIR, market(K, fees=FeeSchedule.always(CarriedFee(0, 0, Cash(100)))), market(P))
    plain = Listed(Pair("other", K, P, Relation.SAME), market(K), market(P))
    for items in ([free, plain], [plain, free]):
        report = scan(items, CROSSED, ts_ms=NOW, policy=Policy())
        profit = {found.pair_id: found.profit for found in report.ranked}
        assert profit["pair"] - profit["other"] == 3_024_000


@pytest.mark.parametrize(
    "given",
    [
        {"markets": {K: market(K, fees=FeeSchedule.always(UnknownFee("flat")))}},
        {"markets": {K: market(K, status=MarketStatus.PAUSED)}},
        {"markets": {K: market(K, grid=Grid.even(Price(30_000)))}},
        {"policy": Policy(age_ms_max=0)},
    ],
)
def test_a_pair_that_fails_a_gate_still_says_that_it_crosses_and_its_days(
    given: dict[str, Any],
) -> None:
    found = one_pass(**given).findings[0]
    assert found.crossed
    assert found.days == 30
    assert found.reason not in (None, Reason.NOT_CROSSED)
