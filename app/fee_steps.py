"""`dutchbook fees`: one order's fees, fill by fill and step by step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from rich.table import Table

from app.cli import console, emit
from app.problem import Exit, Problem
from app.wiring_terms import (
    Member,
    kalshi_model,
    polymarket_categories,
    polymarket_model,
    polymarket_model_on,
)
from venues import (
    ONE,
    CarriedFee,
    FeeModel,
    Quantity,
    Side,
    Slice,
    SystemClock,
    UnknownFee,
    WorseFee,
)
from venues.money import cost, price, proceeds, quantity, text

STEPS: Final = ("trade_fee", "rounding_fee", "rebate", "carried")
"""How a fee that is carried comes about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a person typed."""

    venue: str
    fills: tuple[str, ...]
    sell: bool
    maker: bool
    fee_type: str
    multiplier: str
    member: str
    category: str | None
    rate: str | None
    on: str | None


def explain(order: Order) -> dict[str, Any]:
    """The document of `--json`: each fill with its steps, then the order's totals and bound."""
    side = Side.SELL if order.sell else Side.BUY
    fills = [_fill(word, maker=order.maker) for word in order.fills]
    head = {"schema": "dutchbook.fees/1", "venue": order.venue, "side": side.value}
    return head | stepped(_model(order), side, fills)


def stepped(model: FeeModel, side: Side, fills: Sequence[Slice]) -> dict[str, Any]:
    """One order's fills, each with the steps of its fee, and the totals."""
    billed = model.billed(side, fills)
    steps = list(_steps(model, side, fills))
    rows = [
        {
            "price_micros": fill.price,
            "quantity_micros": fill.quantity,
            "cost_micros": cost(fill.price, fill.quantity)
            if side is Side.BUY
            else proceeds(fill.price, fill.quantity),
            **step,
            "fee_micros": fee,
        }
        for fill, step, fee in zip(fills, steps, billed, strict=True)
    ]
    return {
        "model": _words(model),
        "fills": rows,
        "cost_micros": sum(row["cost_micros"] for row in rows),
        "fee_micros": sum(billed),
        "bound_micros": _bound(model, side, fills),
    }


def show(document: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        emit(document)
        return
    worth = "cost" if document["side"] == "buy" else "proceeds"
    steps = [name for name in STEPS if f"{name}_micros" in document["fills"][0]]
    out = console()
    out.print(document["model"])
    table = Table()
    for name in ("quantity", "price", worth, *steps, "fee"):
        table.add_column(name.replace("_", " "), justify="right")
    for row in document["fills"]:
        names = ("quantity", "price", "cost", *steps, "fee")
        table.add_row(*(text(row[f"{name}_micros"], 4) for name in names))
    out.print(table)
    out.print(f"{worth} {text(document['cost_micros'], 4)}, fee {text(document['fee_micros'], 4)}.")
    out.print(f"However it is sliced, the fee is at most {text(document['bound_micros'], 4)}.")


def _fill(word: str, *, maker: bool) -> Slice:
    size, at, where = word.partition("@")
    if not at:
        raise _usage(f"{word} is not QUANTITY@PRICE, as 100@0.42")
    try:
        found = Slice(price(where), quantity(size), maker)
    except ValueError as error:
        raise _usage(f"{word}: {error}") from None
    if not found.quantity or not 0 < found.price < ONE:
        raise _usage(f"{word}: quantity above 0 and price between 0 and 1, as 100@0.42")
    return found


def _model(order: Order) -> FeeModel:
    match order.venue:
        case "kalshi":
            if order.member not in list(Member):
                raise _usage(f"--member is one of {', '.join(Member)}")
            multiplier = _number("--multiplier", order.multiplier)
            found = kalshi_model(order.fee_type, multiplier, Member(order.member))
        case "polymarket":
            found = _polymarket(order)
        case _:
            raise _usage(f"there is no venue {order.venue!r}; say kalshi or polymarket")
    if isinstance(found, UnknownFee):
        raise _usage(f"nobody documents the fee {found.name!r}, so nothing is reckoned with it")
    return found


def _polymarket(order: Order) -> FeeModel | UnknownFee:
    if order.rate is not None:
        return polymarket_model(_number("--rate", order.rate))
    known = polymarket_categories()
    if order.category is not None and order.category not in known:
        raise _usage(f"--category is one of {', '.join(known)}")
    return polymarket_model_on(order.category, _moment(order.on))


def _moment(day: str | None) -> int:
    if day is None:
        return SystemClock().now_ms()
    try:
        return int(datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()) * 1_000
    except ValueError:
        raise _usage(f"--on {day} is not a day, as 2026-07-05") from None


def _number(name: str, value: str) -> Decimal:
    try:
        return Decimal(value)
    except InvalidOperation:
        raise _usage(f"{name} {value} is not a number") from None


def _steps(model: FeeModel, side: Side, fills: Iterable[Slice]) -> Iterable[dict[str, int]]:
    """How each fee came about, where it comes about in steps."""
    if not isinstance(model, CarriedFee):
        yield from ({} for _ in fills)
        return
    bill = model.bill(side)
    for fill in fills:
        charge = bill.charge(fill)
        bill.add(fill)
        yield {f"{name}_micros": getattr(charge, name) for name in STEPS}


def _bound(model: FeeModel, side: Side, fills: Iterable[Slice]) -> int:
    return sum(model.bound(side, fill.price, Quantity(fill.quantity)) for fill in fills)


def _words(model: FeeModel) -> str:
    if isinstance(model, WorseFee):
        return f"the worse of: {_words(model.one)}; {_words(model.two)}"
    if isinstance(model, CarriedFee):
        return (
            f"{text(model.rate, 4)} × quantity × price × (1 − price) for takers, "
            f"{text(model.maker_rate, 4)} for makers, balance in steps of ${text(model.grid, 4)}"
        )
    rate = text(getattr(model, "rate", 0), 4)
    return f"{rate} × quantity × price × (1 − price) for takers, rounded half up to $0.00001"


def _usage(sentence: str) -> Problem:
    return Problem(Exit.WRONG_USAGE, f"{sentence}.")
