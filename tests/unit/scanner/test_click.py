"""What a click would have got, against a second hand that counts in fractions; and backtests."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from pair_books import START_MS, K, P, book, listed

from matching.pairs import MarketKey
from scanner.backtest import backtest
from scanner.click import Click, got, wanted
from scanner.clicks import Clicked
from scanner.episode import Change, Happened
from scanner.opportunity import Opportunity
from scanner.scan import Policy, scan
from venues import (
    Book,
    CarriedFee,
    Cash,
    Contract,
    FeeModel,
    Level,
    Outcome,
    Price,
    Quantity,
    RoundedFee,
)
from venues.replay import Pass
from venues.tape import Quote

ONE = 1_000_000
FEES: dict[MarketKey, FeeModel] = {
    K: CarriedFee(0, 0, Cash(1)),
    P: RoundedFee(0, Cash(10)),
}  # prices alone; fees elsewhere


def opportunity() -> Opportunity:
    books = {K: book(K, 39, 40), P: book(P, 50, 52)}
    return scan([listed()], books, ts_ms=START_MS, policy=Policy()).ranked[0]


def levels(*rows: tuple[int, int]) -> tuple[Level, ...]:
    return tuple(Level(Price(cents * 10_000), Quantity(n * ONE)) for cents, n in rows)


def test_a_budget_buys_its_share_in_whole_lots() -> None:
    found = opportunity()
    assert wanted(found, found.outlay) == found.quantity
    assert wanted(found, Cash(found.outlay // 2)) == 50 * ONE
    assert wanted(found, Cash(found.outlay // 2 - 1)) == 50 * ONE - 10_000
    assert wanted(found, Cash(1)) == 0


def test_a_click_on_the_same_books_gets_what_was_alerted() -> None:
    found = opportunity()
    fees: dict[MarketKey, FeeModel] = {K: CarriedFee(70_000, 0, Cash(100)), P: FEES[P]}
    result = got(found, Cash(10**12), {K: book(K, 39, 40), P: book(P, 50, 52)}, fees)
    assert (result.hedged, result.profit) == (found.quantity, found.profit)


def test_a_leg_that_ran_away_is_sold_back() -> None:
    """100 bought at 0.40, the twin is gone; bids are 0.39 for 60 and 0.30 for 20."""
    found = opportunity()
    kalshi = Book(Contract(*K, Outcome.YES), levels((39, 60), (30, 20)), levels((40, 100)), 0)
    result = got(found, Cash(10**12), {K: kalshi, P: book(P, 38, 40)}, FEES)
    assert result.hedged == 0
    assert result.unsold == 20 * ONE
    assert result.profit == -40 * ONE + 60 * 390_000 + 20 * 300_000


def test_a_venue_without_a_book_fills_nothing() -> None:
    result = got(opportunity(), Cash(10**12), {}, FEES)
    assert (result.hedged, result.profit) == (0, 0)


SIDES = st.lists(st.tuples(st.integers(1, 60), st.integers(1, 120)), max_size=3)


@given(SIDES, SIDES, SIDES, st.integers(1, 200))
def test_a_click_equals_a_walk_in_fractions(
    asks: list[tuple[int, int]],
    bids: list[tuple[int, int]],
    others: list[tuple[int, int]],
    dollars: int,
) -> None:
    """Leg one buys YES at Kalshi, leg two NO at Polymarket, whose asks are its YES bids."""
    up = tuple(sorted(dict(asks).items()))
    down = tuple(sorted({price - 61: n for price, n in bids}.items()))  # below every ask
    down = tuple((price, n) for price, n in reversed(down) if price > 0)
    twin = tuple(sorted({price + 39: n for price, n in others}.items(), reverse=True))
    found = opportunity()
    books = {
        K: Book(Contract(*K, Outcome.YES), levels(*down), levels(*up), 0),
        P: Book(Contract(*P, Outcome.YES), levels(*twin), (), 0),
    }
    result = got(found, Cash(dollars * ONE), books, FEES)

    want = Fraction(wanted(found, Cash(dollars * ONE)), ONE)
    one = walk(want, [(Fraction(p, 100), n) for p, n in up if p <= 40])
    two = walk(want, [(1 - Fraction(p, 100), n) for p, n in twin if p >= 50])
    hedged = min(one[0], two[0])
    back = walk(one[0] - hedged, [(Fraction(p, 100), n) for p, n in down])
    profit = hedged - one[1] - two[1] + back[1]
    assert result.hedged == hedged * ONE
    assert abs(result.profit - profit * ONE) <= 12  # a micro-dollar a fill, rounded against us


def walk(want: Fraction, ladder: list[tuple[Fraction, int]]) -> tuple[Fraction, Fraction]:
    """(quantity, dollars)"""
    bought = spent = Fraction(0)
    for price, size in ladder:
        take = min(want - bought, Fraction(size))
        bought, spent = bought + take, spent + take * price
    return bought, spent


def quote(at_ms: int, venue: str, bid: int, ask: int) -> Quote:
    def side(cents: int) -> tuple[tuple[int, int], ...]:
        return ((cents * 10_000, 100 * ONE),)

    market = "K" if venue == "kalshi" else "P"
    at = START_MS + at_ms
    return Quote(at, at, venue, market, side(bid), side(ask))


def cycle(at_ms: int, bid: int) -> Pass:
    quotes = quote(at_ms, "kalshi", 39, 40), quote(at_ms, "polymarket", bid, bid + 2)
    return Pass(START_MS + at_ms, (), quotes)


def test_a_click_meets_the_books_of_its_own_moment() -> None:
    tape = [cycle(0, 38), cycle(1_000, 50), cycle(2_000, 38), cycle(3_000, 38)]
    clicks = [Click(delay, Cash(10**12)) for delay in (0, 999, 1_000, 1_500, 9_000)]
    told = list(backtest([listed()], tape, clicks=clicks, policy=Policy()))
    happened = [each.happened for each in told if isinstance(each, Change)]
    assert happened == [Happened.APPEARED, Happened.ENDED]
    results = {each.click.delay_ms: each.got for each in told if isinstance(each, Clicked)}
    assert results[0] == results[999]
    assert results[0] is not None
    assert results[0].hedged == 100 * ONE
    for late in (1_000, 1_500):
        found = results[late]
        assert found is not None
        assert found.hedged == 0
        assert found.profit < 0  # bought at Kalshi, and sold back
    assert results[9_000] is None  # the tape ended


def test_an_old_book_is_no_alert() -> None:
    tape = [cycle(0, 38), Pass(START_MS + 31_000, (), (quote(31_000, "polymarket", 50, 52),))]
    told = list(backtest([listed()], tape, clicks=[Click(0, Cash(10**12))], policy=Policy()))
    assert [type(each) for each in told] == [Change, Change]
