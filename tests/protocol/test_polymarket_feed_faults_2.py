"""What one connection tells: snapshots that come late, markets that end, fills at bad moments."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, Final

import httpx2
import pytest
from polymarket_stage import BASE, PolymarketStage, Send

from venues import ONE, Fill, Order, OrderState, Outcome, Price, Quantity, Side
from venues.feed import Feed
from venues.polymarket import fees
from venues.polymarket.auth import Credentials
from venues.polymarket.normalize_trades import Us
from venues.polymarket.session import Session
from venues.polymarket.terms import Known, Terms, TermsBook
from venues.polymarket.user_session import UserSession
from venues.sim.polymarket.records import OrderStatus
from venues.sim.stream_faults import StreamFaults
from venues.stream import Reconcile, Watched

S: Final = 1_000_000_000
MARKET: Final = "0x" + "a1" * 32
OURS: Final = "0xours"


def learned() -> TermsBook:
    book = TermsBook()
    book.learn(
        Terms(
            market=MARKET,
            yes="yes",
            no="no",
            tick=Price(10_000),
            minimum=Quantity(5 * ONE),
            fees=fees.assumed("politics").at(1_795_564_800_000),
            neg_risk=False,
            version="v1",
            accepting=True,
            delayed=False,
            read_ms=0,
        )
    )
    return book


def opened(book: TermsBook | None = None) -> Session:
    session = Session(book or learned())
    session.open([MARKET], 0)
    return session


def snapshot(at_ms: int, bid: str = "0.40", **more: Any) -> dict[str, Any]:
    event = {"event_type": "book", "market": MARKET, "asset_id": "yes", "timestamp": str(at_ms)}
    sides = {"bids": [{"price": bid, "size": "5"}], "asks": [{"price": "0.60", "size": "5"}]}
    return event | sides | more


def change(at_ms: int, price: str, size: str, best_bid: str = "0.40") -> dict[str, Any]:
    one = {"asset_id": "yes", "price": price, "size": size, "side": "BUY"}
    one |= {"best_bid": best_bid, "best_ask": "0.60"}
    event = {"event_type": "price_change", "market": MARKET, "timestamp": str(at_ms)}
    return event | {"price_changes": [one]}


def hear(session: Any, *events: dict[str, Any], now_ns: int = 0, now_ms: int = 0) -> None:
    for event in events:
        session.receive(json.dumps(event), now_ms, now_ns)


def seen(session: Session) -> Watched:
    found = session.watched(MARKET)
    assert found
    return found


def test_a_snapshot_that_lacks_a_change_which_came_before_it_is_no_answer() -> None:
    """At subscribing the two may overtake one another; the change is in nothing that we hold."""
    session = opened()
    hear(session, change(2_000, "0.30", "7"), snapshot(1_000))
    assert seen(session).fault == "no snapshot yet"
    session.tick(6 * S)
    session.outbox.clear()
    session.tick(12 * S)
    hear(session, snapshot(2_000, bid="0.30"), now_ns=12 * S)
    assert seen(session).fault is None


def test_a_stamp_from_the_far_future_puts_a_book_in_doubt_for_seconds_only() -> None:
    session = opened()
    hear(session, snapshot(1_000), change(9_999_999_999_999, "0.30", "7"))
    hear(session, change(2_000, "0.30", "8"), snapshot(2_000))
    assert seen(session).fault
    for second in range(1, 20):
        session.receive("PONG", 0, second * S)
        session.tick(second * S)
        hear(session, snapshot(2_000 + second), now_ns=second * S)
    assert seen(session).fault is None


def test_a_market_that_resolves_is_in_doubt_until_its_book_comes_anew() -> None:
    session = opened()
    hear(session, snapshot(1_000))
    hear(session, {"event_type": "market_resolved", "market": MARKET, "timestamp": "2000"})
    assert seen(session).fault == "it is resolved"
    hear(session, snapshot(1_000, bids=[], asks=[]))
    assert (seen(session).fault, seen(session).book.bids) == (None, ())


def test_a_tick_that_changed_unheard_does_not_poison_a_book_for_good() -> None:
    """Its books need not tell the tick."""
    session = opened()
    hear(session, snapshot(1_000, tick_size="0.01"), change(2_000, "0.395", "7"))
    assert "poisoned" in (seen(session).fault or "")
    hear(session, snapshot(2_000, bid="0.395"))
    assert seen(session).fault is None


def test_a_stream_that_trails_is_in_doubt_also_between_its_frames() -> None:
    session = opened()
    hear(session, snapshot(1_000))
    for second in range(1, 9):
        if second % 3 == 1:
            hear(
                session,
                change(1_000 + second, "0.30", f"{second}"),
                now_ns=second * S,
                now_ms=60_000 + 1_000 * second,
            )
        session.tick(second * S)
        assert "behind" in (seen(session).fault or "")
    hear(session, change(70_000, "0.30", "9"), now_ns=9 * S, now_ms=70_100)
    session.tick(9 * S)
    assert seen(session).fault is None


def test_a_quiet_stream_that_trailed_once_is_not_doubted_for_ever() -> None:
    session = opened()
    hear(session, snapshot(1_000), change(1_001, "0.30", "5"), now_ms=60_000)
    for second in range(1, 40):
        session.receive("PONG", 0, second * S)
        session.tick(second * S)
    assert seen(session).fault is None


@pytest.mark.parametrize("number", ["NaN", "1e999", "Infinity", "-0.5", "٠.٥", "0x1", "", " 0.3"])
def test_a_number_that_is_none_poisons_the_book_and_nothing_else(number: str) -> None:
    session = opened()
    hear(session, snapshot(1_000), change(2_000, number, "7"))
    assert "poisoned" in (seen(session).fault or "")
    assert session.counts.poisoned == 1


def test_numbers_that_json_does_not_know_put_the_books_in_doubt() -> None:
    for raw in (b'{"event_type": "price_change", "timestamp": NaN}', b"\xff\xfe", b"1e999", b'"x"'):
        session = opened()
        hear(session, snapshot(1_000))
        session.receive(raw, 0, 0)
        assert seen(session).fault


def test_a_frame_of_eight_megabytes_is_read_or_puts_books_in_doubt() -> None:
    session = opened()
    rungs = [{"price": "0.40", "size": "5"}] * 150_000
    hear(session, snapshot(1_000, bids=rungs))
    assert "twice" in (seen(session).fault or "")
    session.receive(b"[" * 8_000_000, 0, 0)
    assert seen(session).fault


def own(book: TermsBook) -> UserSession:
    session = UserSession(Credentials("key", "c2VjcmV0", "words"), Us("key", "0x1"), book, Known())
    session.open([], 0)
    return session


def maker(size: str, token: str = "yes", order_id: str = "0xm") -> dict[str, Any]:
    entry = {"order_id": order_id, "owner": "theirs", "matched_amount": size, "price": "0.5"}
    return entry | {"asset_id": token, "maker_address": "0x9"}


def trade(status: str, *makers: dict[str, Any], size: str = "10", **more: Any) -> dict[str, Any]:
    event = {"event_type": "trade", "id": "t", "taker_order_id": OURS, "market": MARKET}
    event |= {"asset_id": "yes", "side": "BUY", "size": size, "price": "0.5", "status": status}
    event |= {"match_time": "1795564800", "trader_side": "TAKER", "owner": "key"}
    return event | {"maker_orders": list(makers or (maker("10"),))} | more


def told(session: UserSession, *events: dict[str, Any]) -> list[Any]:
    session.private.clear()
    hear(session, *events)
    return [*session.private]


def test_a_fill_is_told_at_once_though_the_tick_just_changed() -> None:
    """Ticks change where prices run to an end, and that is where orders fill."""
    book = learned()
    market, account = opened(book), own(book)
    hear(market, snapshot(1_000))
    tick = {"event_type": "tick_size_change", "asset_id": "yes", "market": MARKET}
    hear(market, tick | {"old_tick_size": "0.01", "new_tick_size": "0.001", "timestamp": "2000"})
    assert book.terms(MARKET) is None
    (fill,) = told(account, trade("MATCHED"))
    assert (type(fill), fill.quantity, fill.provisional) == (Fill, 10 * ONE, True)
    assert fill.fee > 0


def test_a_trade_that_grows_is_read_anew_and_never_counted_by_halves() -> None:
    session = own(learned())
    (first,) = told(session, trade("MATCHED", maker("4"), size="4"))
    assert first.quantity == 4 * ONE
    again = told(session, trade("MINED", maker("4"), maker("6", order_id="0xn")))
    assert [type(each) for each in again] == [Reconcile]


def test_what_fails_after_it_was_confirmed_is_read_anew() -> None:
    session = own(learned())
    assert len(told(session, trade("MATCHED"), trade("CONFIRMED"))) == 2
    assert [type(x) for x in told(session, trade("FAILED"))] == [Reconcile]
    assert told(session, trade("RETRYING", transaction_hash="0xanother")) == []


def test_a_taker_that_met_makers_of_both_tokens_bought_one_contract_only() -> None:
    session = own(learned())
    found = told(session, trade("MATCHED", maker("4"), maker("6", "no", "0xn")))
    assert {(each.contract.outcome, each.side) for each in found} == {(Outcome.YES, Side.BUY)}
    assert sum(each.quantity for each in found) == 10 * ONE
    assert len({each.fill_id for each in found}) == 2


def test_a_trade_between_strangers_is_never_ours() -> None:
    """Whatever it says about sides, and with an owner that nobody named."""
    for side in ("MAKER", None):
        event = trade("MATCHED", maker("10") | {"owner": ""}, owner="", trader_side=side)
        found = told(own(learned()), event | {"maker_address": ""})
        assert [type(each) for each in found] == [Reconcile]


@pytest.fixture
async def stage(timeline: Any) -> AsyncIterator[PolymarketStage]:
    timeline.at_ms = 1_795_564_800_000
    async with PolymarketStage(timeline, BASE).open() as stage:
        yield stage


async def heard(feed: Feed[Any]) -> list[Any]:
    found = [*feed._private]
    feed._private.clear()
    return found


async def test_a_fill_that_overtakes_the_answer_to_its_order_bears_our_own_id(
    stage: PolymarketStage, timeline: Any
) -> None:
    stage.rest(Side.SELL, "0.40", "10")
    answered = asyncio.Event()

    async def late(send: Send) -> httpx2.Response:
        response = await send()
        await answered.wait()
        return response

    async with stage.feed() as feed, asyncio.TaskGroup() as group:
        feed.add([stage.market])
        await timeline.run(1_000)
        stage.wire.next("POST", "/order", late)
        request = stage.ticket(Side.BUY, "0.40", "10")
        placing = group.create_task(stage.trading.place(request))
        await timeline.run(1_000)
        found = await heard(feed)
        fills = [each for each in found if isinstance(each, Fill)]
        orders = [each for each in found if isinstance(each, Order)]
        assert {each.client_id for each in fills} == {request.client_id}
        assert {each.client_id for each in orders} == {request.client_id}
        answered.set()
        await timeline.run(1_000)
        assert (await placing).state is OrderState.FILLED


async def test_our_own_fills_are_told_while_the_books_reconnect(
    stage: PolymarketStage, timeline: Any
) -> None:
    async with stage.feed() as feed:
        feed.add([stage.market])
        await timeline.run(1_000)
        await stage.trading.place(stage.ticket(Side.BUY, "0.40", "10"))
        await timeline.run(100)
        await heard(feed)
        stage.cut()  # the newest connection, which is that of the books
        await timeline.settle()
        found = feed.book(stage.market)
        assert found
        assert found.fault
        stage.take(Side.SELL, "0.40", "4")
        await timeline.run(20)
        fills = [each for each in await heard(feed) if isinstance(each, Fill)]
        assert [each.quantity for each in fills] == [4 * ONE]
        assert feed.health.account


async def test_what_happened_while_the_account_was_not_heard_is_a_reason_to_read_anew(
    stage: PolymarketStage, timeline: Any
) -> None:
    async with stage.feed() as feed:
        feed.add([stage.market])
        await timeline.run(1_000)
        await stage.trading.place(stage.ticket(Side.BUY, "0.40", "10"))
        await heard(feed)
        stage.streams.conversations[0].line.cut()
        await timeline.settle()
        assert not feed.health.account
        stage.take(Side.SELL, "0.40", "4")
        await timeline.run(5_000)
        found = await heard(feed)
        assert "begun" in found[-1].why
        assert feed.health.account


async def test_books_that_the_venue_wiped_unheard_are_found_by_reading(
    stage: PolymarketStage, timeline: Any
) -> None:
    """After a restart of its engine: every order is gone, the connections stand."""
    stage.rest(Side.BUY, "0.40", "10")
    async with stage.feed() as feed:
        feed.add([stage.market])
        await timeline.run(1_000)
        stage.damage(StreamFaults(drop=ONE))
        stage.house.lifecycle._end_all(stage.market, OrderStatus.CANCELED)
        stage.damage(StreamFaults())
        await timeline.run(30_000)
        found = feed.book(stage.market)
        assert found
        assert (found.fault, found.book.bids) == (None, ())
        assert feed.health.mismatches == 1
