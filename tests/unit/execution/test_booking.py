"""What a hedge earned, and under which of three words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from events_of_an_order import PLAN, REQUEST

from execution.booking import Standing, booked, holdings, sums
from execution.hedge import Event
from execution.ledger import Ledger
from execution.orders import Rung
from execution.records import Answered, Filled, Moved, Opened, Sending, Settled
from venues import (
    ONE,
    Cash,
    Contract,
    Fill,
    OrderState,
    Price,
    Quantity,
    Settlement,
    Side,
    planned,
)

AT = datetime(2026, 12, 1, tzinfo=UTC)
PRICES = (Price(600_000), Price(300_000))
FEE = Cash(20_000)
SPENT = 10 * ONE * 9 // 10 + 2 * FEE


def bought(ledger: Ledger, leg: int, *, provisional: bool = False, side: Side = Side.BUY) -> None:
    """Ten contracts of a leg, at PRICES, and what the venue says of them."""
    id = f"{leg}{side}"
    contract = PLAN.legs[leg].contract
    request = replace(REQUEST, client_id=id, contract=contract, side=side, limit=PRICES[leg])
    ledger.apply(
        Sending(
            hedge="h",
            number=leg + 1,
            leg=leg,
            rung=Rung.ENTER if side is Side.BUY else Rung.UNWIND,
            request=request,
            order_id=id,
            body="",
            fee_bound=FEE,
            at_ms=1,
        )
    )
    order = replace(planned(request, id), state=OrderState.FILLED, filled=request.quantity)
    ledger.apply(Answered(hedge="h", order=order))
    ledger.apply(Filled(hedge="h", fill=fill_of(id, contract, leg, side, provisional=provisional)))


def fill_of(
    id: str, contract: Contract, leg: int, side: Side, *, provisional: bool, back: bool = False
) -> Fill:
    return Fill(
        client_id=id,
        order_id=id,
        fill_id=f"f{id}",
        contract=contract,
        side=side,
        price=PRICES[leg],
        quantity=Quantity(10 * ONE),
        fee=FEE,
        maker=False,
        filled_at=AT,
        provisional=provisional,
        reversed=back,
    )


def move(ledger: Ledger, *events: Event) -> None:
    for event in events:
        ledger.apply(Moved(hedge="h", event=event, why="", at_ms=1))


def pays(ledger: Ledger, leg: int, yes: int | None) -> None:
    contract = PLAN.legs[leg].contract
    paid = Settlement(
        venue=contract.venue,
        market=contract.market,
        yes_pays=None if yes is None else Price(yes),
        yes=Quantity(0),
        no=Quantity(0),
        cost=Cash(0),
        revenue=Cash(0),
        fee=Cash(0),
        settled_at=AT,
    )
    ledger.apply(Settled(settlement=paid))


@pytest.fixture
def ledger() -> Ledger:
    found = Ledger()
    found.apply(Opened(plan=PLAN, key="k", by="ann", at_ms=0))
    move(found, Event.BEGAN)
    return found


def test_profit_is_provisional_until_no_fill_can_be_taken_back(ledger: Ledger) -> None:
    bought(ledger, 0, provisional=True)
    bought(ledger, 1)
    move(ledger, Event.MATCHED)
    total = sums(ledger)
    assert (total.provisional, total.locked, total.realised) == (10 * ONE - SPENT, 0, 0)
    contract = PLAN.legs[0].contract
    final = fill_of("0buy", contract, 0, Side.BUY, provisional=False)
    ledger.apply(Filled(hedge="h", fill=final))
    total = sums(ledger)
    assert (total.provisional, total.locked) == (0, 10 * ONE - SPENT)
    assert total.fees == 2 * FEE


def test_two_venues_that_pay_apart_leave_a_basis(ledger: Ledger) -> None:
    """YES of one and NO of the other: both pay nothing where one says no and the other yes."""
    bought(ledger, 0)
    bought(ledger, 1)
    move(ledger, Event.MATCHED)
    pays(ledger, 0, 0)
    assert booked(ledger.hedges["h"], ledger).standing is Standing.LOCKED
    pays(ledger, 1, ONE)
    found = booked(ledger.hedges["h"], ledger)
    assert found.standing is Standing.SETTLED
    assert found.profit == 10 * ONE - SPENT
    assert (found.basis, found.due) == (-10 * ONE, 0)
    total = sums(ledger)
    assert (total.settled, total.basis, total.realised) == (10 * ONE - SPENT, -10 * ONE, 0)
    assert holdings(ledger) == ()


@pytest.mark.parametrize("yes", [0, ONE, 250_000])
def test_venues_that_agree_pay_a_dollar_whatever_happened(ledger: Ledger, yes: int) -> None:
    bought(ledger, 0)
    bought(ledger, 1)
    move(ledger, Event.MATCHED)
    pays(ledger, 0, yes)
    pays(ledger, 1, yes)
    found = booked(ledger.hedges["h"], ledger)
    assert (found.profit, found.basis) == (10 * ONE - SPENT, 0)


def test_a_value_that_is_not_told_is_not_guessed(ledger: Ledger) -> None:
    bought(ledger, 0)
    bought(ledger, 1)
    move(ledger, Event.MATCHED)
    pays(ledger, 0, None)
    pays(ledger, 1, ONE)
    assert booked(ledger.hedges["h"], ledger).standing is Standing.LOCKED


def test_what_was_sold_again_is_realised_with_both_fees(ledger: Ledger) -> None:
    bought(ledger, 0)
    move(ledger, Event.NAKED, Event.EXPIRED, Event.EXPIRED)
    bought(ledger, 0, side=Side.SELL)
    move(ledger, Event.EMPTY)
    found = booked(ledger.hedges["h"], ledger)
    assert (found.standing, found.profit) == (Standing.REALISED, -2 * FEE)
    assert holdings(ledger) == ()


def test_a_lone_leg_counts_as_if_it_paid_nothing(ledger: Ledger) -> None:
    bought(ledger, 0)
    move(ledger, Event.NAKED)
    total = sums(ledger)
    assert total.at_risk == -(6 * ONE + FEE)
    assert (total.realised, total.locked, total.provisional) == (0, 0, 0)
