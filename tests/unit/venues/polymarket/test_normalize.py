"""What the exchange and the catalogue say → statuses, fees, warnings, books."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from venues import ONE, FeeModel, Level, Market, MarketStatus, Price, Quantity, UnknownFee, micros
from venues.money import LOT
from venues.polymarket import fees, normalize, wire

ID = "0x" + "ab" * 32
YES, NO = "1" * 77, "2" * 77
TRADING = {"active": True, "accepting_orders": True, "enable_order_book": True}


def row(**changes: Any) -> wire.Market:
    found: dict[str, Any] = {
        "condition_id": ID,
        "question": "Will it rain?",
        "outcomes": '["Yes", "No"]',
        "order_price_min_tick_size": Decimal("0.01"),
        **TRADING,
    }
    return wire.Market(**(found | changes))


def terms(**changes: Any) -> wire.CompactMarket:
    found: dict[str, Any] = {
        "condition": ID,
        "tokens": (wire.Token(YES, "Yes"), wire.Token(NO, "No")),
        "tick": Decimal("0.001"),
        "minimum": Decimal(5),
        "accepting": True,
    }
    return wire.CompactMarket(**(found | changes))


def market(now: wire.CompactMarket | None = None, **changes: Any) -> Market:
    return normalize.market(row(**changes), None, now)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, MarketStatus.OPEN),
        ({"accepting_orders": False}, MarketStatus.PAUSED),
        ({"accepting_orders": None}, MarketStatus.PAUSED),
        ({"enable_order_book": False}, MarketStatus.PAUSED),
        ({"active": False}, MarketStatus.UPCOMING),
        ({"resolution_status": "inactive"}, MarketStatus.UPCOMING),
        ({"resolution_status": "active"}, MarketStatus.OPEN),
        ({"closed": True}, MarketStatus.CLOSED),
        ({"archived": True, "active": False}, MarketStatus.CLOSED),
        ({"uma_resolution_status": "proposed"}, MarketStatus.OPEN),
        ({"uma_resolution_status": "disputed", "closed": True}, MarketStatus.CLOSED),
        ({"uma_resolution_status": "resolved", "closed": True}, MarketStatus.RESOLVED),
        ({"uma_resolution_status": "settled"}, MarketStatus.RESOLVED),
        ({"resolution_status": "resolved"}, MarketStatus.RESOLVED),
        ({"uma_resolution_status": "emergency"}, MarketStatus.UNKNOWN),
        ({"resolution_status": "paused"}, MarketStatus.UNKNOWN),
    ],
)
def test_the_status_follows_the_documented_table(
    changes: dict[str, Any], status: MarketStatus
) -> None:
    assert market(**changes).status is status


@pytest.mark.parametrize(
    ("word", "prices", "pays"),
    [
        ("resolved", '["1", "0"]', ONE),
        ("settled", '["0", "1"]', 0),
        ("resolved", '["0.5", "0.5"]', ONE // 2),
        ("resolved", '["0.905", "0.095"]', None),
        ("resolved", "[1, 0]", None),
        ("resolved", None, None),
        ("proposed", '["1", "0"]', None),
        ("disputed", '["1", "0"]', None),
    ],
)
def test_prices_are_payouts_only_once_it_is_decided(
    word: str, prices: str | None, pays: int | None
) -> None:
    found = market(uma_resolution_status=word, outcome_prices=prices)
    assert (found.resolving, found.pays) == (word, pays)
    assert market(outcome_prices=prices).resolving == ""


@pytest.mark.parametrize("accepting", [True, False])
def test_the_exchange_decides_whether_orders_are_taken(accepting: bool) -> None:
    now = terms(accepting=accepting)
    expected = MarketStatus.OPEN if accepting else MarketStatus.PAUSED
    assert market(now, accepting_orders=not accepting).status is expected
    assert market(now, closed=True).status is MarketStatus.CLOSED


@pytest.mark.parametrize(
    ("changes", "warning"),
    [
        ({"neg_risk_other": True}, "the 'Other' leg: what it means shrinks when a name is added"),
        ({"seconds_delay": 3}, "orders that take wait 3 s"),
        ({"version": "v4"}, "a market of protocol v4"),
        ({"uma_resolution_status": "proposed"}, "an outcome is proposed"),
        ({"uma_resolution_status": "disputed"}, "an outcome is disputed"),
        ({"uma_resolution_status": "odd"}, "unknown resolution status 'odd'"),
        ({"resolution_status": "odd"}, "unknown resolution status 'odd'"),
        ({"fees_enabled": True, "fee_type": "odd"}, "unknown fee: odd without a rate"),
    ],
)
def test_what_a_person_must_know_is_a_warning(changes: dict[str, Any], warning: str) -> None:
    assert market().warnings == ()
    assert market(**changes).warnings == (warning,)


@pytest.mark.parametrize(
    ("changes", "warnings"),
    [
        ({}, ()),
        ({"delay_s": 3}, ("orders that take wait 3 s",)),
        ({"taker_delay": True}, ("orders that take wait a moment",)),
        ({"version": "v3"}, ("a market of protocol v3",)),
    ],
)
def test_the_exchanges_own_terms_decide_about_delays(
    changes: dict[str, Any], warnings: tuple[str, ...]
) -> None:
    assert market(terms(**changes), seconds_delay=9, version="v2").warnings == warnings


@pytest.mark.parametrize(
    ("title", "augmented", "warned"),
    [
        ("Person A", True, True),
        ("Candidate AB", True, True),
        ("Gretchen Whitmer", True, False),
        ("Person A", False, False),
    ],
)
def test_a_placeholder_of_an_augmented_event_is_warned_of(
    title: str, augmented: bool, warned: bool
) -> None:
    around = wire.Event(id="1", title="Who?", neg_risk=True, neg_risk_augmented=augmented)
    listed = normalize.market(row(group_item_title=title), around, None)
    alone = market(group_item_title=title, events=(around,))
    expected = ("a placeholder that may get a name later",) if warned else ()
    assert listed.warnings == alone.warnings == expected


@pytest.mark.parametrize("neg_risk", [True, False, None])
def test_only_the_neg_risk_flag_makes_an_event_exclusive(neg_risk: bool | None) -> None:
    found = wire.Event(id="1", title="Who?", neg_risk=neg_risk)
    assert normalize.event(found, (market(), market())).exclusive is (neg_risk is True)


@pytest.mark.parametrize(
    ("outcomes", "title", "yes_means"),
    [
        ('["Yes", "No"]', "25 bps decrease", "25 bps decrease"),
        ('["Yes", "No"]', None, ""),
        ('["Up", "Down"]', None, "Up"),
        ('["Lakers", "Grizzlies"]', "Spread -3.5", "Lakers"),
    ],
)
def test_yes_means_the_first_outcome(outcomes: str, title: str | None, yes_means: str) -> None:
    assert market(outcomes=outcomes, group_item_title=title).yes_means == yes_means


SCHEDULE = wire.FeeTerms(rate=Decimal("0.03"))
UNUSUAL = wire.FeeTerms(rate=Decimal("0.25"), exponent=Decimal(2), taker_only=False)


@pytest.mark.parametrize(
    ("now", "changes", "fee"),
    [
        (None, {}, fees.FREE),
        (None, {"fees_enabled": False, "fee_schedule": SCHEDULE}, fees.FREE),
        (None, {"fees_enabled": True, "fee_schedule": SCHEDULE}, fees.model(Decimal("0.03"))),
        (
            None,
            {"fees_enabled": True, "fee_schedule": UNUSUAL},
            fees.model(Decimal("0.25"), Decimal(2), taker_only=False),
        ),
        (terms(), {"fees_enabled": True, "fee_schedule": SCHEDULE}, fees.FREE),
        (terms(fee=wire.CompactFee(Decimal("0.05"))), {}, fees.model(Decimal("0.05"))),
        (
            terms(fee=wire.CompactFee(Decimal("0.05"), to=False)),
            {},
            fees.model(Decimal("0.05"), taker_only=False),
        ),
        (
            terms(fee=wire.CompactFee(Decimal("0.05"), Decimal("1.5"))),
            {},
            UnknownFee("rate 0.05, exponent 1.5"),
        ),
    ],
)
def test_the_exchanges_fee_beats_the_catalogues(
    now: wire.CompactMarket | None, changes: dict[str, Any], fee: FeeModel | UnknownFee
) -> None:
    assert market(now, **changes).fees.at(0) == fee


@pytest.mark.parametrize(
    ("fee_type", "tags", "category"),
    [
        ("economics_fees", (), "economics"),
        ("sports_fees_v2", ("politics",), "sports"),
        (None, ("earn-4", "politics", "crypto"), "politics"),
        (None, ("all",), ""),
    ],
)
def test_the_category_is_the_fees_or_a_tags(
    fee_type: str | None, tags: tuple[str, ...], category: str
) -> None:
    around = wire.Event(id="1", title="E", tags=tuple(wire.Tag(slug) for slug in tags))
    found = normalize.market(row(fee_type=fee_type), around, None)
    assert found.category == normalize.event(around, (found,)).category == category


@pytest.mark.parametrize(
    ("said", "minimum"), [(None, LOT), ("0", LOT), ("0.001", LOT), ("5", 5_000_000)]
)
def test_the_minimum_is_at_least_what_an_order_can_hold(said: str | None, minimum: int) -> None:
    assert market(order_min_size=Decimal(said) if said else None).minimum == minimum


@pytest.mark.parametrize("tick", ["0.1", "0.01", "0.005", "0.0025", "0.001", "0.0001"])
def test_every_tick_of_the_venue_makes_a_grid(tick: str) -> None:
    grid = market(order_price_min_tick_size=Decimal(tick)).grid
    assert grid.holds(Price(micros(tick)))
    assert not grid.holds(Price(micros(tick) // 2))


@pytest.mark.parametrize("tick", ["0", "-0.01", "0.3", "2", "NaN", "1e999999999", "1e-999999999"])
def test_a_tick_that_divides_no_dollar_is_refused(tick: str) -> None:
    with pytest.raises(ValueError, match=r"^.{1,99}$"):
        market(order_price_min_tick_size=Decimal(tick))


def test_tokens_in_another_order_than_the_catalogues_are_refused() -> None:
    both = f'["{YES}", "{NO}"]'
    for right in ({"clob_token_ids": both}, {"position_ids": (YES, NO)}, {}):
        assert market(terms(), **right).id == ID
    for wrong in (
        {"clob_token_ids": f'["{NO}", "{YES}"]'},
        {"position_ids": (NO, YES)},
        {"outcomes": '["No", "Yes"]'},
        {"clob_token_ids": f'["{YES}"]'},
    ):
        with pytest.raises(ValueError, match="differ in its tokens"):
            market(terms(), **wrong)


def test_a_condition_id_has_64_digits_or_lacks_two_zeros() -> None:
    assert normalize.condition(ID.upper().replace("X", "x")) == ID
    assert normalize.condition("0x" + "01" * 31) == "0x" + "01" * 31 + "00"
    for wrong in ("", "0x", ID[:-1], ID + "0", ID[:-1] + "g", "ab" * 32):
        with pytest.raises(ValueError, match="no condition id"):
            normalize.condition(wrong)


def wire_book(bids: list[tuple[str, str]], asks: list[tuple[str, str]]) -> wire.Book:
    sides = [tuple(wire.Level(at, size) for at, size in side) for side in (bids, asks)]
    return wire.Book(market=ID, asset_id=YES, timestamp="1", bids=sides[0], asks=sides[1])


def test_levels_are_sorted_here_and_equal_prices_are_one_level() -> None:
    found = wire_book(
        [("0.4", "1"), ("0.02", "9"), ("0.40", "2.5"), ("0.1", "3")],
        [("0.5", "1"), ("0.9", "4"), ("0.500", "1")],
    )
    book = normalize.book(ID, found, 0)
    assert book.bids == (level("0.4", "3.5"), level("0.1", "3"), level("0.02", "9"))
    assert book.asks == (level("0.5", "2"), level("0.9", "4"))


def test_a_crossed_book_or_a_level_without_size_is_kept_for_its_fault_to_tell() -> None:
    crossed = normalize.book(ID, wire_book([("0.5", "1")], [("0.4", "1")]), 0)
    empty = normalize.book(ID, wire_book([("0.5", "0")], []), 0)
    assert str(crossed.fault()).startswith("crossed")
    assert empty.fault() == "a bid without size"


def level(at: str, size: str) -> Level:
    return Level(Price(micros(at)), Quantity(micros(size)))
