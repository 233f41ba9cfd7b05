"""Kalshi's fees against the vectors of facts/kalshi.md §11.4, and how terms become a schedule."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from venues import (
    CENT,
    ONE,
    CarriedFee,
    Cash,
    FeeModel,
    Price,
    Quantity,
    Side,
    Slice,
    UnknownFee,
    WorseFee,
)
from venues.fees import Charge
from venues.kalshi.fees import (
    NOT_SAID,
    RATE,
    Change,
    Member,
    Terms,
    assumed,
    at_rate,
    model,
    schedule,
)
from venues.money import micros

TAKER = "quadratic"
QUARTER = "quadratic_with_maker_fees"
HALF = "quadratic_with_combo_maker_fees"


def known(fee_type: str, multiplier: str, member: Member) -> FeeModel:
    found = model(fee_type, Decimal(multiplier), member)
    assert not isinstance(found, UnknownFee)
    return found


def carried(fee_type: str, member: Member) -> CarriedFee:
    fee = known(fee_type, "1", member)
    assert isinstance(fee, CarriedFee)
    return fee


def charges(fee: CarriedFee, side: Side, fills: list[Slice]) -> list[Charge]:
    """What `dutchbook fees kalshi` shows: each fill's steps, in order."""
    bill = fee.bill(side)
    found = []
    for each in fills:
        found.append(bill.charge(each))
        assert bill.add(each) == found[-1].net
    return found


def fill(text: str) -> Slice:
    """ "7 @ 0.33" or, for a maker's fill, "7 @ 0.33 maker"."""
    count, _, price, *maker = text.split()
    return Slice(Price(micros(price)), Quantity(micros(count)), bool(maker))


@pytest.mark.parametrize(
    ("fee_type", "multiplier", "trade", "cents"),
    [
        (TAKER, "1", "100 @ 0.50", "1.75"),
        (TAKER, "1", "100 @ 0.25", "1.32"),
        (TAKER, "1", "100 @ 0.75", "1.32"),
        (TAKER, "1", "100 @ 0.10", "0.63"),
        (TAKER, "1", "100 @ 0.05", "0.34"),
        (TAKER, "1", "100 @ 0.01", "0.07"),
        (TAKER, "1", "100 @ 0.99", "0.07"),
        (TAKER, "1", "10 @ 0.50", "0.18"),
        (TAKER, "1", "1 @ 0.50", "0.02"),
        (TAKER, "0.5", "100 @ 0.50", "0.88"),
        (TAKER, "0", "100 @ 0.50", "0.00"),
        (TAKER, "1", "100 @ 0.50 maker", "0.00"),
        (QUARTER, "1", "100 @ 0.50 maker", "0.44"),
        (QUARTER, "1", "100 @ 0.25 maker", "0.33"),
        (QUARTER, "1", "100 @ 0.10 maker", "0.16"),
        (QUARTER, "1", "100 @ 0.05 maker", "0.09"),
        (QUARTER, "1", "10 @ 0.50 maker", "0.05"),
        (QUARTER, "0.5", "100 @ 0.50 maker", "0.22"),
        (HALF, "1", "100 @ 0.50 maker", "0.88"),
    ],
)
def test_one_fill_never_costs_more_than_the_published_table_of_cents(
    fee_type: str, multiplier: str, trade: str, cents: str
) -> None:
    """§11.4 (a): non-direct members pay the table exactly, direct ones at most that."""
    direct = known(fee_type, multiplier, Member.DIRECT).billed(Side.BUY, [fill(trade)])
    brokered = known(fee_type, multiplier, Member.NON_DIRECT).billed(Side.BUY, [fill(trade)])

    assert brokered == (micros(cents),)
    assert micros(cents) - 10_000 < direct[0] <= micros(cents)


@pytest.mark.parametrize(
    ("trades", "billed"),
    [(["0.01 @ 0.50"] * 3, "0.015"), (["0.03 @ 0.3301"] * 3, "0.010291")],
)
def test_only_crumbs_cost_a_non_direct_member_more_than_the_cents_of_the_order(
    trades: list[str], billed: str
) -> None:
    """The exception to (a): fills so small that the cap on rebates keeps the rounding."""
    fills = [fill(trade) for trade in trades]
    exact = sum(70_000 * size * at * (ONE - at) for at, size, _ in fills)
    cent_rule = -(-exact // (ONE**3 * CENT)) * CENT

    total = sum(known(TAKER, "1", Member.NON_DIRECT).billed(Side.BUY, fills))

    assert total == micros(billed) > cent_rule


def test_the_official_example_of_a_sub_cent_price_for_a_non_direct_member() -> None:
    """§11.4 (b): model 0.00363825, aligned −0.06."""
    (charge,) = charges(carried(TAKER, Member.NON_DIRECT), Side.BUY, [fill("1 @ 0.055")])

    assert (charge.trade_fee, charge.rounding_fee, charge.net) == (3_639, 1_361, 5_000)


def test_the_third_fill_of_the_official_example_gets_a_cent_back() -> None:
    """§11.4 (b): three fills that each add 0.004; the third returns 0.01 and 0.002 stays."""
    fee = CarriedFee(24_000, 0, CENT)  # a trade fee of 0.006 for 1 @ 0.50

    found = charges(fee, Side.BUY, [fill("1 @ 0.50")] * 3)

    assert [each.rounding_fee for each in found] == [4_000] * 3
    assert [(each.rebate, each.carried) for each in found] == [
        (0, 4_000),
        (0, 8_000),
        (CENT, 2_000),
    ]


DIRECT, NON_DIRECT = Member.DIRECT, Member.NON_DIRECT


@pytest.mark.parametrize(
    ("fee_type", "member", "side", "trades", "nets", "changes", "accounts"),
    [
        (TAKER, DIRECT, "buy", ["1 @ 0.055"], "0.0037", "-0.0587", "0.000061"),
        (TAKER, DIRECT, "buy", ["1 @ 0.50"], "0.0175", "-0.5175", "0"),
        (TAKER, NON_DIRECT, "buy", ["1 @ 0.50"], "0.02", "-0.52", "0.0025"),
        (TAKER, DIRECT, "buy", ["100 @ 0.50"], "1.75", "-51.75", "0"),
        (TAKER, DIRECT, "buy", ["7 @ 0.33"], "0.1084", "-2.4184", "0.000061"),
        (TAKER, DIRECT, "sell", ["7 @ 0.33"], "0.1084", "2.2016", "0.000061"),
        (QUARTER, DIRECT, "buy", ["100 @ 0.25 maker"], "0.3282", "-25.3282", "0.000075"),
        (HALF, DIRECT, "buy", ["100 @ 0.50 maker"], "0.875", "-50.875", "0"),
        (
            *(TAKER, DIRECT, "buy", ["1 @ 0.41"] * 4),
            "0.0170 0.0169 0.0169 0.0170",
            "-0.4270 -0.4269 -0.4269 -0.4270",
            "0.000067 0.000034 0.000001 0.000068",
        ),
        (
            *(TAKER, NON_DIRECT, "buy", ["1 @ 0.50"] * 5),
            "0.02 0.02 0.02 0.01 0.02",
            "-0.52 -0.52 -0.52 -0.51 -0.52",
            "0.0025 0.005 0.0075 0 0.0025",
        ),
        (
            *(TAKER, NON_DIRECT, "buy", ["0.03 @ 0.3301"] * 3),
            "0.010097 0.000097 0.000097",
            "-0.02 -0.01 -0.01",
            "0.009632 0.009264 0.008896",
        ),
        (
            *(QUARTER, NON_DIRECT, "buy", ["10 @ 0.41", "15 @ 0.41 maker"]),
            "0.17 0.07",
            "-4.27 -6.22",
            "0.00067 0.007171",
        ),
        (
            *(TAKER, NON_DIRECT, "buy", ["0.01 @ 0.50"] * 3),
            "0.005 0.005 0.005",
            "-0.01 -0.01 -0.01",
            "0.004825 0.00965 0.014475",
        ),
    ],
)
def test_every_computed_vector_holds_in_fee_balance_and_account(
    *,
    fee_type: str,
    member: Member,
    side: str,
    trades: list[str],
    nets: str,
    changes: str,
    accounts: str,
) -> None:
    """§11.4 (c)."""
    fills = [fill(trade) for trade in trades]
    sign = -1 if side == "buy" else 1

    found = charges(carried(fee_type, member), Side(side), fills)

    moved = [sign * at * size // ONE - c.net for (at, size, _), c in zip(fills, found, strict=True)]
    assert [each.net for each in found] == [micros(text) for text in nets.split()]
    assert moved == [micros(text) for text in changes.split()]
    assert [each.carried for each in found] == [micros(text) for text in accounts.split()]


@pytest.mark.parametrize(
    ("fee_type", "multiplier", "rate", "maker_rate"),
    [
        (TAKER, "1", 70_000, 0),
        (QUARTER, "1", 70_000, 17_500),
        (HALF, "1", 70_000, 35_000),
        (QUARTER, "0.5", 35_000, 8_750),
        (TAKER, "0", 0, 0),
        (QUARTER, "0.33335", 23_335, 5_834),  # 23,334.5 and 5,833.625: up, never down
    ],
)
def test_a_rate_is_rounded_up_to_a_whole_millionth(
    fee_type: str, multiplier: str, rate: int, maker_rate: int
) -> None:
    assert known(fee_type, multiplier, DIRECT) == CarriedFee(rate, maker_rate, Cash(100))
    assert known(fee_type, multiplier, NON_DIRECT) == CarriedFee(rate, maker_rate, CENT)


def test_a_member_of_unknown_kind_pays_whichever_is_worse() -> None:
    both = known(TAKER, "1", Member.UNKNOWN)

    assert both == WorseFee(known(TAKER, "1", DIRECT), known(TAKER, "1", NON_DIRECT))
    assert both.billed(Side.BUY, [fill("1 @ 0.50")]) == (20_000,)


@pytest.mark.parametrize("fee_type", ["flat", "margin_market_maker_program_fees", ""])
def test_a_type_nobody_documents_is_unknown_under_its_name(fee_type: str) -> None:
    assert model(fee_type, Decimal(1), DIRECT) == UnknownFee(fee_type)


@pytest.mark.parametrize("multiplier", ["-1", "NaN", "Infinity", "100", "1E+999"])
def test_a_multiplier_that_makes_no_sense_is_an_unknown_fee(multiplier: str) -> None:
    assert isinstance(model(TAKER, Decimal(multiplier), DIRECT), UnknownFee)


FULL = Terms(QUARTER, Decimal(1))
HALVED = Terms(QUARTER, Decimal("0.5"))
NOW = 1_783_600_000_000
FIRST_PITCH = NOW + 3_600_000
MINUTE = 60_000


def test_what_an_event_says_beats_its_series_field_by_field() -> None:
    found = schedule(FULL, Terms(None, Decimal("0.5")), member=DIRECT, now_ms=NOW)

    assert found.at(NOW) == known(QUARTER, "0.5", DIRECT)


def test_a_scheduled_change_of_an_event_doubles_the_fee_at_first_pitch() -> None:
    changes = [Change(FIRST_PITCH, Terms(None, Decimal(1)))]

    found = schedule(HALVED, event_changes=changes, member=DIRECT, now_ms=NOW)

    assert found.at(FIRST_PITCH - 1) == known(QUARTER, "0.5", DIRECT)
    assert found.at(FIRST_PITCH) == known(QUARTER, "1", DIRECT)


def test_a_change_of_nothing_clears_what_the_event_said() -> None:
    changes = [Change(FIRST_PITCH, NOT_SAID)]

    found = schedule(FULL, HALVED, event_changes=changes, member=DIRECT, now_ms=NOW)

    assert found.at(FIRST_PITCH - 1) == known(QUARTER, "0.5", DIRECT)
    assert found.at(FIRST_PITCH) == known(QUARTER, "1", DIRECT)


def test_a_scheduled_change_of_the_series_waits_behind_the_events_own_word() -> None:
    changes = [Change(FIRST_PITCH, Terms(TAKER, Decimal(2)))]

    found = schedule(FULL, Terms(QUARTER, None), series_changes=changes, member=DIRECT, now_ms=NOW)

    assert found.at(FIRST_PITCH - 1) == known(QUARTER, "1", DIRECT)
    assert found.at(FIRST_PITCH) == known(QUARTER, "2", DIRECT)


def test_an_old_change_of_the_event_does_not_undo_what_the_event_says_now() -> None:
    changes = [Change(NOW - 10 * MINUTE, HALVED)]

    assert schedule(FULL, event_changes=changes, member=DIRECT, now_ms=NOW).at(NOW) == known(
        QUARTER, "1", DIRECT
    )


def test_a_change_of_the_last_minute_counts_because_the_event_may_come_from_a_cache() -> None:
    changes = [Change(NOW - MINUTE // 2, FULL)]

    assert schedule(HALVED, event_changes=changes, member=DIRECT, now_ms=NOW).at(NOW) == known(
        QUARTER, "1", DIRECT
    )


def test_changes_are_taken_by_their_date_and_not_by_their_place() -> None:
    later, sooner = Change(FIRST_PITCH, FULL), Change(NOW + MINUTE, Terms(QUARTER, Decimal(2)))

    found = schedule(HALVED, series_changes=[later, sooner], member=DIRECT, now_ms=NOW)

    assert [since for since, _ in found.entries] == [0, NOW + MINUTE, FIRST_PITCH]


def test_a_waiver_ends_at_its_moment() -> None:
    found = schedule(FULL, waived_until_ms=FIRST_PITCH, member=DIRECT, now_ms=NOW)

    assert found.at(FIRST_PITCH - 1) == CarriedFee(0, 0, Cash(100))
    assert found.at(FIRST_PITCH) == known(QUARTER, "1", DIRECT)


def test_a_series_nobody_describes_has_an_unknown_fee() -> None:
    assert isinstance(schedule(NOT_SAID, member=DIRECT, now_ms=NOW).at(NOW), UnknownFee)


@pytest.mark.parametrize("ticker", ["KXINXU-26JUL02-T6000", "KXNASDAQ100-26JUL02-B22000"])
def test_index_series_are_assumed_to_have_paid_half_until_july_2026(ticker: str) -> None:
    end = datetime(2026, 7, 3, 17, tzinfo=UTC)
    end_ms = int(end.timestamp()) * 1_000

    found = assumed(ticker, DIRECT)

    assert found.at(end_ms - 1) == known(TAKER, "0.5", DIRECT)
    assert found.at(end_ms) == known(TAKER, "1", DIRECT)


def test_series_seen_without_a_fee_are_assumed_to_have_none_from_that_day_on() -> None:
    found = assumed("KXBTCY-27JAN0100-B60000", DIRECT)
    seen_ms = 1_790_380_800_000  # 2026-09-26
    assert found.at(seen_ms - 1) == assumed("KXOTHER-1", DIRECT).at(seen_ms - 1)
    assert model("quadratic", Decimal(0), DIRECT) == found.at(seen_ms)


def test_any_other_series_is_assumed_to_pay_the_standard_rate() -> None:
    fee = assumed("KXMENWORLDCUP-26-AU", DIRECT).at(0)

    assert fee == known(TAKER, "1", DIRECT) == at_rate(RATE, DIRECT)
