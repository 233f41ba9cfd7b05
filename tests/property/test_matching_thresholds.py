"""Markets rendered from numbers and times: only equal ones are accepted, and no relation lies."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.judge import judge
from matching.listing import Listing
from matching.pairs import Relation
from matching.verdict import Judgement, Verdict

R: Final = Relation
BOTH, K_ONLY, P_ONLY, NEITHER = (True, True), (True, False), (False, True), (False, False)
FORBIDDEN: Final = {
    R.SAME: {K_ONLY, P_ONLY},
    R.INVERTED: {BOTH, NEITHER},
    R.EXCLUSIVE: {BOTH},
    R.K_IMPLIES_P: {K_ONLY},
    R.P_IMPLIES_K: {P_ONLY},
}
DAYS: Final = (date(2026, 12, 1), date(2026, 12, 2), date(2027, 12, 1))
ASSETS: Final = {"BTC": "Bitcoin", "ETH": "Ethereum", "XRP": "XRP"}
STRIKES: Final = (1_950, 2_000, 2_050, 2_100, 20_500, 205_000)
HOURS: Final = (12, 17)


class Price(NamedTuple):
    """Whether an asset is above a strike at an hour of a day."""

    asset: str
    strike: int
    day: date
    hour: int


def stamp(day: date) -> str:
    return f"{day:%y%b%d}".upper()


def clock(hour: int) -> str:
    return f"{hour % 12 or 12}{'AM' if hour < 12 else 'PM'}"


def kalshi_price(price: Price) -> Listing:
    event = f"KX{price.asset}D-{stamp(price.day)}{price.hour:02d}"
    when = f"{price.day:%b} {price.day.day}, {price.day.year} at {clock(price.hour).lower()} EST"
    return Listing(
        venue="kalshi",
        id=f"{event}-T{price.strike - 1}.99",
        event_id=event,
        series=event.partition("-")[0],
        title=f"{ASSETS[price.asset]} price on {when}?",
        subtitle=f"${price.strike:,} or above",
        strike_type="greater",
        floor=f"{price.strike - 1}.99",
    )


def polymarket_price(price: Price, wording: str) -> Listing:
    title = wording.format(
        asset=ASSETS[price.asset],
        strike=price.strike,
        day=f"{price.day:%B} {price.day.day}, {price.day.year}",
        clock=clock(price.hour),
    )
    return Listing(venue="polymarket", id="0x1", title=title, outcomes=("Yes", "No"))


WORDINGS: Final = (
    "{asset} above ${strike:,} on {day}, {clock} ET?",
    "{asset} above ${strike} on {day}, {clock} ET?",
    "Will the price of {asset} be above ${strike:,} on {day} at {clock} ET?",
    "Will the price of {asset} be above ${strike} at {clock} ET on {day}?",
)
prices = st.builds(
    Price,
    st.sampled_from(sorted(ASSETS)),
    st.sampled_from(STRIKES),
    st.sampled_from(DAYS),
    st.sampled_from(HOURS),
)


def lies(judgement: Judgement, possible: set[tuple[bool, bool]]) -> bool:
    return bool(possible & FORBIDDEN.get(judgement.relation, set()))


@pytest.mark.parametrize("wording", WORDINGS)
@settings(max_examples=150)
@given(prices, prices)
def test_two_prices_are_accepted_only_where_all_is_equal(
    wording: str, one: Price, two: Price
) -> None:
    judgement = judge(kalshi_price(one), polymarket_price(two, wording))
    if judgement.verdict is Verdict.ACCEPT:
        assert (one, judgement.relation) == (two, R.SAME)
    apart = one._replace(strike=0) != two._replace(strike=0)
    moves = range(0, max(STRIKES) + 2, 25)
    if apart:
        possible = {BOTH, K_ONLY, P_ONLY, NEITHER}
    else:
        possible = {(at >= one.strike, at >= two.strike) for at in moves}
    assert not lies(judgement, possible), (judgement.relation, one, two)


@pytest.mark.parametrize("wording", WORDINGS)
@given(prices)
def test_a_price_of_the_same_strike_and_hour_is_accepted(wording: str, price: Price) -> None:
    judgement = judge(kalshi_price(price), polymarket_price(price, wording))
    assert (judgement.verdict, judgement.relation) == (Verdict.ACCEPT, R.SAME), judgement


@pytest.mark.parametrize("zone", ["UTC", "PT", "CT", "JST"])
@pytest.mark.parametrize("wording", WORDINGS)
def test_the_same_hour_of_another_zone_is_not_accepted(wording: str, zone: str) -> None:
    price = Price("BTC", 100_000, DAYS[0], 17)
    other = polymarket_price(price, wording.replace(" ET", f" {zone}"))
    assert judge(kalshi_price(price), other).verdict is not Verdict.ACCEPT, other.title


class Degrees(NamedTuple):
    """Whether the highest temperature of a day, in whole degrees, lies between two."""

    low: int | None
    high: int | None
    day: date

    def holds(self, degrees: int) -> bool:
        return (self.low is None or self.low <= degrees) and (
            self.high is None or degrees <= self.high
        )


def kalshi_degrees(told: Degrees) -> Listing:
    event = f"KXHIGHNY-{stamp(told.day)}"
    if told.low is None:
        assert told.high is not None
        floor: int | None = None
        cap: int | None = told.high + 1
        code, answer, kind = f"T{cap}", f"{told.high}° or below", "less"
    elif told.high is None:
        floor, cap = told.low - 1, None
        code, answer, kind = f"T{floor}", f"{told.low}° or above", "greater"
    else:
        floor, cap, kind = told.low, told.high, "between"
        code, answer = f"B{floor}.5", f"{floor}° to {cap}°"
    return Listing(
        venue="kalshi",
        id=f"{event}-{code}",
        event_id=event,
        series="KXHIGHNY",
        title=f"Highest temperature in NYC on {told.day:%b} {told.day.day}, {told.day.year}?",
        subtitle=answer,
        strike_type=kind,
        floor=str(floor or ""),
        cap=str(cap or ""),
    )


def polymarket_degrees(told: Degrees) -> Listing:
    if told.low is None:
        said = f"{told.high}°F or below"
    elif told.high is None:
        said = f"{told.low}°F or higher"
    else:
        said = f"between {told.low}-{told.high}°F"
    day = f"{told.day:%B} {told.day.day}, {told.day.year}"
    title = f"Will the highest temperature in New York City be {said} on {day}?"
    return Listing(venue="polymarket", id="0x1", title=title, outcomes=("Yes", "No"))


@st.composite
def degrees(draw: st.DrawFn) -> Degrees:
    low, day = draw(st.integers(29, 36)), draw(st.sampled_from(DAYS[:2]))
    ends = draw(st.sampled_from([(low, low + 1), (None, low), (low, None)]))
    return Degrees(*ends, day)


@pytest.mark.parametrize("strikes", [True, False])
@settings(max_examples=300)
@given(degrees(), degrees())
def test_two_temperatures_relate_as_their_sets_do(
    strikes: bool, one: Degrees, two: Degrees
) -> None:
    k = kalshi_degrees(one)
    if not strikes:  # a row of a file may leave them out
        k = replace(k, strike_type="", floor="", cap="")
    judgement = judge(k, polymarket_degrees(two))
    if one.day != two.day:
        possible = {BOTH, K_ONLY, P_ONLY, NEITHER}
    else:
        possible = {(one.holds(at), two.holds(at)) for at in range(20, 50)}
    assert not lies(judgement, possible), (judgement.relation, one, two)
    if one == two:
        assert (judgement.verdict, judgement.relation) == (Verdict.ACCEPT, R.SAME), judgement
