"""What may be heard of one order, in whatever order it comes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from execution.ledger import Ledger
from execution.orders import Rung
from execution.plan import HedgePlan, PlannedLeg
from execution.records import Answered, Filled, Lost, NotDone, Opened, Record, Sending
from venues import (
    ONE,
    Cash,
    Contract,
    Fill,
    Order,
    OrderRequest,
    OrderState,
    Outcome,
    Price,
    Quantity,
    Side,
    TimeInForce,
)

HERE: Final = Contract("polymarket", "m", Outcome.YES)
_LEG: Final = PlannedLeg(
    contract=HERE,
    pocket="",
    limit=Price(600_000),
    cost=Cash(6 * ONE),
    fee=Cash(0),
    reserve=Cash(6 * ONE),
    exit=Cash(0),
    depth=Quantity(10 * ONE),
    minimum=Quantity(ONE),
)
PLAN: Final = HedgePlan(
    id="h",
    pair_id="p",
    legs=(_LEG, replace(_LEG, contract=Contract("kalshi", "k", Outcome.NO))),
    together=False,
    quantity=Quantity(10 * ONE),
    made_ms=0,
    expires_ms=1,
    loss_max=Cash(ONE),
)
REQUEST: Final = OrderRequest(
    client_id="c",
    contract=HERE,
    side=Side.BUY,
    limit=_LEG.limit,
    quantity=PLAN.quantity,
    time_in_force=TimeInForce.FILL_AND_KILL,
)
_ORDER: Final = Order(
    client_id="c",
    order_id="v",
    contract=HERE,
    side=Side.BUY,
    limit=_LEG.limit,
    quantity=PLAN.quantity,
    filled=Quantity(0),
    state=OrderState.ACKED,
)
_BEGIN: Final = (
    Opened(plan=PLAN, key="k", by="ann", at_ms=0),
    Sending(
        hedge="h",
        number=1,
        leg=0,
        rung=Rung.ENTER,
        request=REQUEST,
        order_id="v",
        body="b",
        fee_bound=Cash(0),
        at_ms=0,
    ),
)


def _word(state: OrderState, filled: int) -> Answered:
    return Answered(hedge="h", order=replace(_ORDER, state=state, filled=Quantity(filled * ONE)))


def _fill(id: str, count: int, **more: Any) -> Filled:
    fill = Fill(
        client_id="c",
        order_id="v",
        fill_id=id,
        contract=HERE,
        side=Side.BUY,
        price=Price(590_000),
        quantity=Quantity(count * ONE),
        fee=Cash(10),
        maker=False,
        filled_at=datetime(2026, 11, 25, tzinfo=UTC),
        provisional=True,
    )
    return Filled(hedge="h", fill=replace(fill, **more))


_FINAL: Final = {"provisional": False}
_BACK: Final = {"provisional": False, "reversed": True}
_LOST: Final = Lost(hedge="h", client_id="c", why="")
_NO: Final = NotDone(hedge="h", client_id="c", why="")
_THREE: Final = tuple(_fill(str(count), count) for count in (1, 2, 3))
EVENTS: Final[tuple[tuple[int, tuple[Record, ...]], ...]] = (
    (7, (_word(OrderState.CANCELED, 7), _fill("1", 4), _fill("2", 3), _fill("1", 4))),
    (10, (_word(OrderState.FILLED, 10), _fill("1", 4), _fill("2", 6), _fill("1", 4, **_FINAL))),
    (4, (_word(OrderState.CANCELED, 7), _fill("1", 4), _fill("2", 3), _fill("2", 3, **_BACK))),
    (0, (_word(OrderState.FILLED, 10), *(_fill("1", 10, **how) for how in ({}, _FINAL, _BACK)))),
    (4, (_LOST, _fill("1", 4), _fill("2", 6), _fill("2", 6, **_BACK))),
    (7, (_NO, _fill("1", 4), _fill("2", 3), _fill("1", 4))),
    (3, (*_THREE, _word(OrderState.CANCELED, 6), _fill("3", 3, **_BACK))),
)
"""How many are filled after all of them, in whatever order they come."""


class Ended(NamedTuple):
    filled: int
    is_open: bool
    outlay: int


def played(events: Iterable[Record]) -> Ended:
    ledger = Ledger()
    for each in (*_BEGIN, *events):
        ledger.apply(each)
    (attempt,) = ledger.hedges["h"].attempts
    return Ended(attempt.filled, attempt.is_open, attempt.outlay)
