"""Trades → fills, told by REST and by the stream alike; and the stream's public news."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import msgspec
import pytest

from venues import ONE, Contract, Order, OrderState, Outcome, Price, Quantity, Side
from venues.polymarket import fees, normalize_stream
from venues.polymarket import wire_stream as wire
from venues.polymarket.normalize_trades import Us, fills, moment
from venues.polymarket.terms import Known, Terms, TermsBook
from venues.polymarket.wire_trades import MakerOrder, Trade

US: Final = Us("ours", "0xAbC")
MARKET: Final = "0x" + "1" * 64
ORDER: Final = Order(
    client_id="c",
    order_id="0xmine",
    contract=Contract("polymarket", MARKET, Outcome.YES),
    side=Side.BUY,
    limit=Price(600_000),
    quantity=Quantity(10 * ONE),
    filled=Quantity(0),
    state=OrderState.ACKED,
)


def book(rate: int = 40_000, *, maker_pays: bool = False) -> TermsBook:
    found = TermsBook()
    found.learn(
        Terms(
            market=MARKET,
            yes="yes",
            no="no",
            tick=Price(10_000),
            minimum=Quantity(ONE),
            fees=replace(fees.FREE, rate=rate, maker_pays=maker_pays),
            neg_risk=False,
            version="v1",
            accepting=True,
            delayed=False,
            read_ms=0,
        )
    )
    return found


def maker(order_id: str, size: str, at: str, token: str = "yes", **more: Any) -> MakerOrder:
    return MakerOrder(order_id=order_id, matched_amount=size, price=at, asset_id=token, **more)


def trade(*makers: MakerOrder, **more: Any) -> Trade:
    head: dict[str, Any] = {"id": "t", "taker_order_id": "0xmine", "asset_id": "yes"}
    head |= {"side": "BUY", "size": "10", "price": "0.55", "status": "CONFIRMED"}
    head |= {"trader_side": "TAKER", "match_time": "1795564800", "maker_orders": makers}
    return Trade(**head | more)


def told(found: Trade, *known: Order, **options: Any) -> list[Any]:
    orders = Known()
    for each in known:
        orders.remember(each)
    return [*fills(found, US, book(**options), orders)]


def test_a_taker_has_a_fill_for_every_maker_in_the_dollars_of_its_own_contract() -> None:
    """One sold YES at 0.50; the other bought NO at 0.40, so that we bought YES at 0.60."""
    makers = maker("0xb", "6", "0.5", side="SELL"), maker("0xa", "4", "0.40", "no", side="BUY")
    one, two = told(trade(*makers), ORDER)
    assert (one.fill_id, one.price, one.quantity) == ("t:0", 600_000, 4 * ONE)
    assert (two.fill_id, two.price, two.quantity) == ("t:1", 500_000, 6 * ONE)
    assert {(each.client_id, each.order_id, each.side) for each in (one, two)} == {
        ("c", "0xmine", Side.BUY)
    }
    assert (one.fee, two.fee) == (38_400, 60_000)
    assert not one.maker
    assert str(one.filled_at) == "2026-11-25 00:00:00+00:00"


def test_the_order_in_which_makers_are_listed_changes_nothing() -> None:
    makers = maker("0xb", "6", "0.5"), maker("0xa", "4", "0.4", "no")
    assert told(trade(*makers), ORDER) == told(trade(*makers[::-1]), ORDER)


@pytest.mark.parametrize("makers", [(), (maker("0xa", "9", "0.5"),), (maker("0xa", "11", "0.5"),)])
def test_makers_that_do_not_add_up_give_way_to_the_head_of_the_trade(makers: Any) -> None:
    (fill,) = told(trade(*makers), ORDER)
    assert (fill.fill_id, fill.price, fill.quantity) == ("t:0", 550_000, 10 * ONE)


@pytest.mark.parametrize(
    ("token", "taker_side", "side", "contract"),
    [
        ("yes", "SELL", Side.BUY, ORDER.contract),
        ("yes", "BUY", Side.SELL, ORDER.contract),
        ("no", "BUY", Side.BUY, ORDER.contract.other),
        ("no", "SELL", Side.SELL, ORDER.contract.other),
    ],
)
def test_a_maker_has_a_fill_of_its_own_entry_and_never_of_the_head(
    token: str, taker_side: str, side: Side, contract: Contract
) -> None:
    makers = maker("0xmine", "3", "0.4", token, owner="ours"), maker("0xz", "7", "0.4")
    found = trade(*makers, side=taker_side, trader_side="MAKER", taker_order_id="0xtheirs")
    (fill,) = told(found)
    assert (fill.side, fill.contract, fill.maker) == (side, contract, True)
    assert (fill.fill_id, fill.price, fill.quantity) == ("t:0xmine", 400_000, 3 * ONE)
    assert (fill.fee, fill.client_id) == (0, "")


def test_a_maker_pays_where_the_market_says_so() -> None:
    found = trade(maker("0xmine", "10", "0.5", maker_address="0xaBc"), trader_side="MAKER")
    assert told(found, maker_pays=True)[0].fee == 100_000


def test_an_entry_is_ours_by_key_by_wallet_or_because_we_know_the_order() -> None:
    for more in ({"owner": "ours"}, {"maker_address": "0xABC"}):
        found = trade(maker("0x1", "4", "0.5", **more), maker("0x2", "6", "0.5", owner="theirs"))
        assert [f.order_id for f in told(replaced(found, trader_side="MAKER"))] == ["0x1"]
    sold = replace(ORDER, order_id="0x1", side=Side.SELL)
    found = trade(maker("0x1", "4", "0.5"), trader_side="MAKER")
    assert [f.client_id for f in told(found, sold)] == ["c"]


def replaced(found: Trade, **more: Any) -> Trade:
    return msgspec.structs.replace(found, **more)


def test_without_a_word_about_the_side_the_taker_is_known_by_its_order_or_its_key() -> None:
    makers = (maker("0xa", "10", "0.5", owner="theirs"),)
    assert [f.fill_id for f in told(trade(*makers, trader_side=None), ORDER)] == ["t:0"]
    by_key = trade(*makers, trader_side=None, owner="ours", taker_order_id="0xweb")
    assert [f.fill_id for f in told(by_key)] == ["t:0"]
    makers = (maker("0xa", "10", "0.5", owner="ours"),)
    as_maker = trade(*makers, trader_side=None, owner="ours", taker_order_id="0xweb")
    assert [f.fill_id for f in told(as_maker)] == ["t:0xa"]


def test_a_trade_with_ourselves_has_both_fills() -> None:
    found = trade(maker("0xa", "10", "0.5", owner="ours"))
    assert [(f.fill_id, f.side) for f in told(found, ORDER)] == [
        ("t:0", Side.BUY),
        ("t:0xa", Side.SELL),
    ]


def test_an_order_that_is_named_twice_in_a_trade_has_one_fill() -> None:
    twice = maker("0xa", "4", "0.5", owner="ours"), maker("0xa", "6", "0.5", owner="ours")
    (fill,) = told(trade(*twice, trader_side="MAKER"), maker_pays=True)
    assert (fill.quantity, fill.fee) == (10 * ONE, 100_000)
    apart = maker("0xa", "4", "0.5", owner="ours"), maker("0xa", "6", "0.4", owner="ours")
    with pytest.raises(ValueError, match="two prices"):
        told(trade(*apart, trader_side="MAKER"))


@pytest.mark.parametrize(
    ("status", "provisional", "taken_back"),
    [
        *(("MATCHED", True, False), ("MINED", True, False), ("RETRYING", True, False)),
        *(("MATCHED_NOT_BROADCASTED", True, False), ("CONFIRMED", False, False)),
        *(("FAILED", False, True), ("TRADE_STATUS_FAILED", False, True)),
    ],
)
def test_a_status_says_whether_a_fill_is_for_good(
    status: str, provisional: bool, taken_back: bool
) -> None:
    (fill,) = told(trade(status=status), ORDER)
    assert (fill.provisional, fill.reversed) == (provisional, taken_back)


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (trade(trader_side="MAKER"), "no part of ours"),
        (trade(status="GONE"), "unknown status"),
        (trade(asset_id="other"), "not known"),
        (trade(maker("0xa", "10", "0.5", "other")), "not known"),
        (trade(asset_id="no"), "another contract"),
        (trade(side="SELL"), "another contract"),
        (trade(size="0"), "no part of ours"),
        (trade(maker("0xa", "0", "0.5"), maker("0xb", "10", "0.5")), "of 0 at"),
        (trade(price="1"), "at 1000000"),
        (trade(match_time=""), "no time"),
        (trade(match_time="9" * 40), "calendar"),
        (trade(match_time="today"), "isoformat"),
        (
            trade(maker("0xq", "10", "0.5", owner="ours", side="BUY"), trader_side="MAKER"),
            "contradicts itself",
        ),
    ],
)
def test_a_trade_that_makes_no_sense_is_refused(found: Trade, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        told(found, ORDER)


def test_unknown_fees_are_no_guess() -> None:
    found = TermsBook()
    found.learn_tokens(MARKET, "yes", "no")
    with pytest.raises(ValueError, match="fees of"):
        fills(trade(), US, found, Known())


@pytest.mark.parametrize(
    ("stamp", "told_as"),
    [
        *(("1795564800", "2026-11-25 00:00:00"), (1_795_564_800, "2026-11-25 00:00:00")),
        *(("1795564800123", "2026-11-25 00:00:00.123000"),),
        *(("2026-11-25T00:00:00Z", "2026-11-25 00:00:00"),),
        ("2026-11-25T01:00:00", "2026-11-25 01:00:00"),
    ],
)
def test_stamps_are_seconds_milliseconds_or_iso(stamp: str | int, told_as: str) -> None:
    assert str(moment(stamp)) == f"{told_as}+00:00"
    assert moment("") is moment(None) is None


@pytest.mark.parametrize(
    ("token", "side", "price", "taker"),
    [
        *(("yes", "BUY", 300_000, Outcome.YES), ("yes", "SELL", 300_000, Outcome.NO)),
        *(("no", "BUY", 700_000, Outcome.NO), ("no", "SELL", 700_000, Outcome.YES)),
    ],
)
def test_a_public_trade_is_told_in_yes_dollars(
    token: str, side: str, price: int, taker: Outcome
) -> None:
    found = wire.LastTrade(asset_id=token, price="0.3", size="2.5", side=side, timestamp=7)
    news = normalize_stream.trade(found, book())
    assert (news.market, news.price, news.taker) == (MARKET, price, taker)
    assert (news.quantity, news.at_ms, news.transaction) == (2_500_000, 7, "")


def test_a_resolution_names_the_winner_of_a_market_whose_tokens_are_known() -> None:
    found = wire.Resolved(market=MARKET, timestamp=7, winning_asset_id="no")
    assert normalize_stream.resolved(found, book()).winner is Outcome.NO
    assert normalize_stream.resolved(found, TermsBook()).winner is None
    elsewhere = wire.Resolved(market="0x" + "2" * 64, timestamp=7, winning_asset_id="no")
    assert normalize_stream.resolved(elsewhere, book()).winner is None
    nobody = wire.Resolved(market=MARKET, timestamp=7)
    assert normalize_stream.resolved(nobody, book()).winner is None


def test_a_new_market_is_told_by_its_full_id() -> None:
    found = wire.NewMarket(market="0x" + "1" * 62, question="Will it?", slug="will-it", timestamp=7)
    news = normalize_stream.listed(found)
    assert (news.market, news.title, news.slug) == ("0x" + "1" * 62 + "00", "Will it?", "will-it")
