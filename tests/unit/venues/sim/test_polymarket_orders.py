"""What the simulated Polymarket takes, and how it says no (§8.5, §8.6, §16)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from polymarket_desk import CONDITION, NO, YES, Desk, refused

from venues import Clock
from venues.money import ONE, Price, Quantity, micros
from venues.sides import Side
from venues.sim.polymarket.knobs import SelfTrade
from venues.sim.polymarket.records import Kind, NewOrder, OrderType
from venues.sim.polymarket.refusal import Refusal

FAK, FOK, GTC, GTD = OrderType.FAK, OrderType.FOK, OrderType.GTC, OrderType.GTD
BUY, SELL = Side.BUY, Side.SELL
NO_MATCH = (
    "no orders found to match with FAK order. FAK orders are partially filled or killed if no "
    "match is found."
)
NOT_FULL = "order couldn't be fully filled. FOK orders are fully filled or killed."
LIMITS = (
    (BUY, 11_782_400, 21_040_000, "0.01"),
    (BUY, 1_178_240, 21_040_000, "0.001"),
    (SELL, 101_000_000, 82_820_000, "0.01"),
    (BUY, 3_086_400, 1_234_560_000, "0.0025"),
    (BUY, 5_355_350, 10_010_000, "0.005"),
    (SELL, 333_330_000, 33_333, "0.0001"),
)


def rich(clock: Clock, tick: str = "0.01", **market: Any) -> Desk:
    """Everybody has plenty of shares."""
    desk = Desk(clock, market={"tick": Price(micros(tick)), **market})
    for who in ("us", "ann", "bob"):
        for token in (YES, NO):
            desk.give(who, "1000", token)
    return desk


@pytest.mark.parametrize(("side", "maker", "taker", "tick"), LIMITS)
def test_limit_amounts_of_the_facts_are_taken(
    clock: Clock, side: Side, maker: int, taker: int, tick: str
) -> None:
    desk = rich(clock, tick)
    assert desk.amounts(side, maker, taker, GTC).status == "live"


@pytest.mark.parametrize(
    ("side", "maker", "taker", "tick", "filled"),
    [
        (BUY, 10_000_000, 19_230_700, "0.01", 19_230_769),
        (BUY, 100_000_000, 178_571_400, "0.01", 178_571_428),
        (SELL, 12_820_000, 7_307_400, "0.01", 12_820_000),
        (SELL, 12_820_000, 7_179_200, "0.01", 12_820_000),
    ],
)
def test_market_amounts_of_the_facts_reach_an_order_at_their_limit(
    clock: Clock, side: Side, maker: int, taker: int, tick: str, filled: int
) -> None:
    desk = rich(clock, tick)
    money, shares = (maker, taker) if side is BUY else (taker, maker)
    limit = f"0.{money * 100 // shares:02d}"
    (desk.sell if side is BUY else desk.buy)("ann", limit, "179" if side is BUY else "20")
    placed = desk.amounts(side, maker, taker, FAK)
    assert (placed.taking if side is BUY else placed.making) == filled
    assert placed.making <= maker


def test_shares_rounded_up_leave_the_limit_out_of_reach(clock: Clock) -> None:
    desk = rich(clock)
    desk.sell("ann", "0.52", "100")
    with refused(NO_MATCH):
        desk.amounts(BUY, 10_000_000, 19_230_800, FAK)


@pytest.mark.parametrize(
    ("side", "maker", "taker", "kind"),
    [
        (BUY, 4_050_000, 10_000_000, GTC),
        (BUY, 4_000_100, 10_000_000, GTC),
        (SELL, 10_000_000, 4_000_001, GTC),
        (SELL, 10_000_000, 4_050_000, FAK),
        (BUY, 4_050_000, 10_000_000, FAK),
        (BUY, 10_000_000, 10_000_000, GTC),
        (BUY, 1_000, 10_000_000, GTC),
    ],
)
def test_a_price_off_the_grid_is_refused(
    clock: Clock, side: Side, maker: int, taker: int, kind: OrderType
) -> None:
    desk = rich(clock)
    with refused("order 0x… breaks minimum tick size rule: 0.01"):
        desk.amounts(side, maker, taker, kind)


@pytest.mark.parametrize(("maker", "taker"), [(4_005_000, 10_012_500), (4_000_000, 10_000_010)])
def test_a_buy_at_once_is_exact_to_cents_and_four_decimals(
    clock: Clock, maker: int, taker: int
) -> None:
    desk = rich(clock)
    words = (
        "invalid amounts, the market buy orders maker amount supports a max accuracy of 2 "
        "decimals, taker amount a max of 4 decimals"
    )
    with refused(words):
        desk.amounts(BUY, maker, taker, FAK)


@pytest.mark.parametrize(("maker", "taker"), [(0, 10_000_000), (4_000_000, 0), (2_002, 5_005)])
def test_amounts_that_are_none_are_an_invalid_payload(clock: Clock, maker: int, taker: int) -> None:
    desk = rich(clock)
    with refused("Invalid order payload"):
        desk.amounts(BUY, maker, taker, GTC)


def test_an_order_below_the_minimum_is_refused(clock: Clock) -> None:
    desk = rich(clock)
    with refused("order 0x… is invalid. Size (4.99) lower than the minimum: 5"):
        desk.place(BUY, "0.40", "4.99")
    desk.place(BUY, "0.40", "5")


def test_the_same_order_twice_is_refused_and_named(clock: Clock) -> None:
    desk = rich(clock)
    new = desk.signed(BUY, "0.40", "10")
    placed = desk.house.orders.place(desk.key, new)
    with pytest.raises(Refusal, match="Duplicated") as caught:
        desk.house.orders.place(desk.key, new)
    assert caught.value.order_id == placed.order_id


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"owner": "somebody"}, "the order owner has to be the owner of the API KEY"),
        (
            {"signer": "0x" + "11" * 20},
            "the order signer address has to be the address of the API KEY",
        ),
        ({"signature_type": 4}, "Invalid order payload"),
        ({"token": "77"}, "Invalid token id"),
        ({"expiration_s": 1}, "invalid expiration"),
        ({"order_type": GTD}, "invalid expiration"),
        ({"order_type": FAK, "post_only": True}, "Invalid payload"),
    ],
)
def test_papers_that_are_wrong_are_refused(
    clock: Clock, changes: dict[str, Any], words: str
) -> None:
    desk = rich(clock)
    new = desk.signed(BUY, "0.40", "10")
    ours = {name: value for name, value in changes.items() if name in NewOrder.__slots__}
    theirs = {name: value for name, value in changes.items() if name not in ours}
    new = replace(new, order=replace(new.order, **theirs), **ours)
    with refused(words):
        desk.house.orders.place(desk.key, new)


def test_an_unknown_api_key_is_unauthorized(clock: Clock) -> None:
    desk = rich(clock)
    with refused("Unauthorized/Invalid api key", 401):
        desk.house.orders.place("nobody", desk.signed(BUY, "0.40", "10"))


def test_old_kinds_of_wallets_may_be_sent_away(clock: Clock) -> None:
    desk = Desk(clock, owners_of_type_0_allowed=False)
    with refused("maker address not allowed, please use the deposit wallet flow"):
        desk.place(BUY, "0.40", "10")


def test_the_banned_and_the_closed_are_told_by_address(clock: Clock) -> None:
    desk = rich(clock)
    desk.house.wallets.close_only(desk.us)
    with refused(f"'{desk.us}' address in closed only mode"):
        desk.place(BUY, "0.40", "10")
    desk.place(SELL, "0.60", "10")
    desk.house.wallets.ban(desk.us)
    with refused(f"'{desk.us}' address banned"):
        desk.place(SELL, "0.60", "10")


@pytest.mark.parametrize("how", ["pause", "close"])
def test_a_market_that_is_not_open_is_not_ready(clock: Clock, how: str) -> None:
    desk = rich(clock)
    getattr(desk.house.lifecycle, how)(CONDITION)
    with refused("the market is not yet ready to process new orders"):
        desk.place(BUY, "0.40", "10")


def test_a_post_only_order_never_takes(clock: Clock) -> None:
    desk = rich(clock)
    desk.sell("ann", "0.40", "10")
    with refused("invalid post-only order: order crosses book"):
        desk.place(BUY, "0.40", "10", post_only=True)
    assert desk.place(BUY, "0.39", "10", post_only=True).status == "live"


def test_a_post_only_order_does_not_cross_its_own_wallets_order_either(clock: Clock) -> None:
    desk = rich(clock)
    desk.place(SELL, "0.40", "10")
    with refused("invalid post-only order: order crosses book"):
        desk.place(BUY, "0.40", "10", post_only=True)


def test_a_marketable_buy_is_worth_a_dollar(clock: Clock) -> None:
    desk = rich(clock)
    desk.sell("ann", "0.10", "10")
    with refused("invalid amount for a marketable BUY order ($0.99), min size: $1"):
        desk.place(BUY, "0.11", "9")
    desk.place(BUY, "0.08", "9")  # not marketable
    desk.buy("bob", "0.09", "6")
    desk.place(SELL, "0.09", "6", kind=FAK)  # not a BUY


def test_an_order_at_once_that_meets_nobody_is_refused(clock: Clock) -> None:
    desk = rich(clock)
    desk.sell("ann", "0.41", "10")
    for kind, words in ((FAK, NO_MATCH), (FOK, NOT_FULL)):
        with refused(words):
            desk.place(BUY, "0.40", "10", kind=kind)
    assert desk.house.view(desk.key).orders() == ()


def test_a_fok_sale_is_whole_or_nothing(clock: Clock) -> None:
    desk = rich(clock)
    desk.buy("ann", "0.40", "9.99")
    with refused(NOT_FULL):
        desk.place(SELL, "0.40", "10", kind=FOK)
    desk.buy("bob", "0.40", "5")
    assert desk.place(SELL, "0.40", "10", kind=FOK).making == 10 * ONE


def test_a_fok_buy_must_spend_its_dollars(clock: Clock) -> None:
    desk = rich(clock)
    desk.sell("ann", "0.30", "10")
    with refused(NOT_FULL):  # ten shares, but a dollar is left
        desk.place(BUY, "0.40", "10", kind=FOK)
    desk.sell("bob", "0.40", "10")
    placed = desk.place(BUY, "0.40", "10", kind=FOK)
    assert (placed.making, placed.taking) == (4 * ONE, micros("12.5"))


def test_a_fok_buy_is_full_with_just_the_shares_of_its_amounts(clock: Clock) -> None:
    desk = rich(clock, "0.1", minimum=Quantity(ONE))
    desk.buy("bob", "0.3", "14.28", NO)
    desk.sell("ann", "0.7", "14.28")
    with refused(NOT_FULL):
        desk.amounts(BUY, 20_000_000, 28_571_000, FOK)
    desk.sell("ann", "0.7", "1")
    placed = desk.amounts(BUY, 20_000_000, 28_571_000, FOK)
    assert placed.taking == 28_571_428


def test_a_buy_at_once_turns_better_prices_into_more_shares(clock: Clock) -> None:
    desk = rich(clock)
    desk.sell("ann", "0.20", "100")
    placed = desk.place(BUY, "0.40", "10", kind=FAK)
    assert (placed.making, placed.taking) == (4 * ONE, 20 * ONE)


def test_a_resting_buy_turns_better_prices_into_money(clock: Clock) -> None:
    desk = rich(clock)
    desk.sell("ann", "0.20", "100")
    placed = desk.place(BUY, "0.40", "10")
    assert (placed.status, placed.making, placed.taking) == ("matched", 2 * ONE, 10 * ONE)


def test_a_batch_is_each_for_itself_and_has_a_limit(clock: Clock) -> None:
    desk = rich(clock)
    news = [desk.signed(BUY, "0.40", "10"), desk.signed(BUY, "0.40", "1")]
    good, bad = desk.house.orders.place_batch(desk.key, news)
    assert [isinstance(each, Refusal) for each in (good, bad)] == [False, True]
    many = [desk.signed(BUY, "0.40", "10") for _ in range(16)]
    with refused("Too many orders in payload: 16, max allowed: 15"):
        desk.house.orders.place_batch(desk.key, many)


def test_an_own_order_in_the_way_is_canceled(clock: Clock) -> None:
    desk = rich(clock)
    resting = desk.place(SELL, "0.40", "10")
    desk.sell("ann", "0.41", "10")
    placed = desk.place(BUY, "0.41", "10")
    assert (placed.taking, placed.making) == (10 * ONE, micros("4.1"))
    assert desk.status(resting.order_id) == ("CANCELED", "CANCELED_SELF_TRADE")


async def test_a_wallet_may_trade_with_itself_where_that_is_allowed(clock: Clock) -> None:
    desk = Desk(clock, self_trade=SelfTrade.ALLOWED)
    desk.give("us", "10")
    desk.place(SELL, "0.40", "10")
    desk.place(BUY, "0.40", "10")
    await desk.pass_ms(1_000)
    assert (desk.held("us"), desk.cash("us")) == (10 * ONE, 100 * ONE)
    assert desk.house.book(YES).asks == ()


def test_only_the_owner_cancels_and_only_once(clock: Clock) -> None:
    desk = rich(clock)
    ours, theirs = desk.place(BUY, "0.40", "10"), desk.buy("ann", "0.30", "10")
    cancel = desk.house.orders.cancel
    done = cancel(desk.key, (ours.order_id, ours.order_id, theirs.order_id))
    assert done.canceled == (ours.order_id,)
    assert done.not_canceled == {theirs.order_id: "already canceled or matched"}
    again = cancel(desk.key, (ours.order_id,))
    assert again.not_canceled == {ours.order_id: "already canceled or matched"}
    with refused("Payload exceeds the limit"):
        cancel(desk.key, map(str, range(3_001)))


def test_orders_are_canceled_by_market_by_token_or_all(clock: Clock) -> None:
    desk = rich(clock)
    yes, no = desk.place(BUY, "0.40", "10"), desk.place(BUY, "0.40", "10", NO)
    assert desk.house.orders.cancel_market(desk.key, CONDITION, NO).canceled == (no.order_id,)
    assert desk.house.orders.cancel_all(desk.key).canceled == (yes.order_id,)


def test_both_books_are_one(clock: Clock) -> None:
    desk = rich(clock)
    desk.buy("ann", "0.40", "10")
    desk.buy("bob", "0.35", "7", NO)
    yes, no = desk.house.book(YES), desk.house.book(NO)
    assert (yes.bids, yes.asks) == (((400_000, 10 * ONE),), ((650_000, 7 * ONE),))
    assert (no.bids, no.asks) == (((350_000, 7 * ONE),), ((600_000, 10 * ONE),))


def test_the_same_seed_makes_the_same_ids(clock: Clock) -> None:
    def ids() -> list[str]:
        desk = rich(clock)
        desk.sell("ann", "0.40", "10")
        placed = desk.place(BUY, "0.40", "10")
        trade = desk.house.view(desk.key).trades()[0]
        return [desk.key, placed.order_id, *placed.trade_ids, trade.transaction_hash]

    assert ids() == ids()


def test_kinds_are_the_facts_numbers() -> None:
    assert [kind.value for kind in Kind] == [0, 1, 2, 3]
