"""Paper takes from live books what stands there, once, and no more than it has money for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import pytest
from events_of_an_order import PLAN, REQUEST
from pair_books import K, book, market

from execution.ledger import Ledger
from execution.orders import Rung
from execution.paper import PaperAccount, PaperTrading
from execution.records import Answered, Filled, Opened, Sending
from venues import (
    ONE,
    Book,
    Cash,
    Clock,
    Contract,
    Market,
    MarketStatus,
    OrderRefused,
    OrderRequest,
    OrderState,
    Outcome,
    Price,
    Quantity,
    Reason,
    Side,
    TimeInForce,
)


class Shown:
    """A venue that shows one book: 100 contracts bid at 0.40 and offered at 0.45."""

    def __init__(self) -> None:
        self.book = book(K, 40, 45)
        self.market = market(K)

    async def markets(self, ids: Collection[str]) -> Mapping[str, Market]:
        return {K.id: self.market}

    async def books(self, ids: Collection[str]) -> Mapping[str, Book]:
        return {K.id: self.book}


def trading(clock: Clock, shown: Any, cash: int = 1_000, share: int = 100) -> PaperTrading:
    account = PaperAccount("kalshi", cash * ONE, clock)
    return PaperTrading(shown, account, latency_ms=250, share_percent=share)


def ask(id: str, size: int, at: int = 450_000, side: Side = Side.BUY) -> OrderRequest:
    return replace(
        REQUEST,
        client_id=id,
        contract=Contract(*K, Outcome.YES),
        limit=Price(at),
        quantity=Quantity(size * ONE),
        side=side,
    )


async def test_what_was_taken_stays_taken_until_the_level_shows_another_size(clock: Clock) -> None:
    shown = Shown()
    paper = trading(clock, shown)
    first = await paper.place(ask("1", 70))
    assert (first.state, first.filled) == (OrderState.FILLED, 70 * ONE)
    second = await paper.place(ask("2", 70))
    assert (second.state, second.filled) == (OrderState.CANCELED, 30 * ONE)
    assert (await paper.place(ask("3", 70))).filled == 0
    shown.book = book(K, 40, 45, 101)
    assert (await paper.place(ask("4", 70))).filled == 70 * ONE


async def test_others_are_quick_too(clock: Clock) -> None:
    paper = trading(clock, Shown(), share=25)
    assert (await paper.place(ask("1", 70))).filled == 25 * ONE


async def test_a_limit_is_kept_and_a_sale_meets_the_bids(clock: Clock) -> None:
    paper = trading(clock, Shown())
    assert (await paper.place(ask("1", 10, at=440_000))).filled == 0
    sold = await paper.place(ask("2", 10, at=400_000, side=Side.SELL))
    assert sold.filled == 10 * ONE
    assert (await paper.account.fills(0))[0].price == 400_000


async def test_a_sale_that_may_only_reduce_sells_what_is_held(clock: Clock) -> None:
    paper = trading(clock, Shown())
    await paper.place(ask("1", 5))
    sale = replace(ask("2", 10, at=400_000, side=Side.SELL), reduce_only=True)
    assert (await paper.place(sale)).filled == 5 * ONE


async def test_money_is_spent_once_and_what_was_refused_took_nothing_away(clock: Clock) -> None:
    paper = trading(clock, Shown(), cash=10)
    with pytest.raises(OrderRefused) as refused:
        await paper.place(ask("1", 100))
    assert refused.value.reason is Reason.FUNDS
    assert (await paper.place(ask("2", 20))).filled == 20 * ONE
    [cash] = await paper.account.balances()
    [filled] = await paper.account.fills(0)
    assert cash.available == 10 * ONE - 9 * ONE - filled.fee


async def test_the_same_order_twice_is_one(clock: Clock) -> None:
    paper = trading(clock, Shown())
    assert await paper.place(ask("1", 10)) == await paper.place(ask("1", 10))
    assert len(await paper.account.fills(0)) == 1


async def test_a_closed_market_takes_no_order(clock: Clock) -> None:
    shown = Shown()
    shown.market = replace(shown.market, status=MarketStatus.CLOSED)
    with pytest.raises(OrderRefused):
        await trading(clock, shown).place(ask("1", 10))
    resting = replace(ask("1", 10), time_in_force=TimeInForce.RESTING)
    with pytest.raises(ValueError, match="at once"):
        await trading(clock, shown).prepare(resting)


async def test_a_start_remembers_what_the_journal_knows(clock: Clock) -> None:
    paper = trading(clock, Shown())
    request = ask("1", 10)
    order = await paper.place(request)
    [fill] = await paper.account.fills(0)
    ledger = Ledger()
    sending = Sending(
        hedge="h",
        number=1,
        leg=0,
        rung=Rung.ENTER,
        request=request,
        order_id=order.order_id,
        body="",
        fee_bound=Cash(ONE),
        at_ms=0,
    )
    for record in (
        Opened(plan=PLAN, key="k", by="ann", at_ms=0),
        sending,
        Answered(hedge="h", order=order),
        Filled(hedge="h", fill=fill),
    ):
        ledger.apply(record)
    again = PaperAccount("kalshi", 1_000 * ONE, clock)
    again.restore(ledger.hedges["h"].attempts)
    assert await again.balances() == await paper.account.balances()
    assert await again.positions() == await paper.account.positions()
    assert await again.order("1", request.contract, 0) == order
