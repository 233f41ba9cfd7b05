"""What a demo that ended by itself says of what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from app.cli import console, emit
from app.problem import Exit
from app.report import money
from venues import LOT
from venues.money import text


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`hedge`: the document of the API; None: none was made, and `said` is why. `differences`:
    where our journal and the venues' ledgers do not agree; `outside`: who was asked beyond this
    machine (and refused)."""

    seconds: int
    pairs: int
    traps: int
    opportunities: int
    alerts: Mapping[str, int]
    hedge: Mapping[str, Any] | None
    said: str
    differences: Sequence[str]
    outside: Sequence[str]

    @property
    def exit(self) -> Exit:
        if self.traps or self.differences or self.outside:
            return Exit.OUR_BUG
        if self.hedge is None:
            return Exit.PARTIAL
        if self.hedge["state"] == "hedged" and not self.hedge["unhedged_micros"]:
            return Exit.DONE
        return Exit.UNKNOWN_OUTCOME


def say(report: Report, *, as_json: bool) -> Exit:
    if as_json:
        emit(_document(report))
    else:
        _print(report)
    return report.exit


def _document(report: Report) -> dict[str, Any]:
    return {
        "schema": "dutchbook.demo/1",
        "mode": "sim",
        "seconds": report.seconds,
        "pairs_matched": report.pairs,
        "traps_matched": report.traps,
        "opportunities": report.opportunities,
        "alerts": {name: report.alerts.get(name, 0) for name in ("email", "slack")},
        "hedge": None if report.hedge is None else _hedge(report.hedge),
        "ledgers_agree": not report.differences,
        "outside_connections": len(report.outside),
    }


def _hedge(hedge: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": hedge["id"],
        "state": hedge["state"].upper(),
        "legs": legs_of(hedge["orders"]),
        "unhedged_micros": hedge["unhedged_micros"],
        "profit_micros": hedge["profit_micros"],
    }


def legs_of(orders: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A line for each leg: of several orders (the first met too little) the sums, the average
    price, and the first order's id."""
    legs: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for order in orders:
        if order["filled_micros"]:
            legs.setdefault((order["venue"], order["market"], order["side"]), []).append(order)
    return [_leg(venue, side, found) for (venue, _, side), found in legs.items()]


def _leg(venue: str, side: str, orders: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    bought = sum(_signed(order, order["filled_micros"]) for order in orders)
    value = sum(_signed(o, o["filled_micros"] * (o["price_micros"] or 0)) for o in orders)
    return {
        "venue": venue,
        "side": side,
        "price_micros": value // bought if bought >= LOT else None,
        "quantity_micros": bought,
        "fee_micros": sum(order["fee_micros"] or 0 for order in orders),
        "venue_order_id": orders[0]["venue_order_id"],
    }


def _signed(order: Mapping[str, Any], amount: int) -> int:
    return amount if order["action"] == "buy" else -amount


def _print(report: Report) -> None:
    out, document = console(), _document(report)
    out.print(
        f"SIM, {report.seconds} s on this machine alone: {report.pairs} pairs matched, "
        f"{report.traps} of the traps; {report.opportunities} opportunities; alerts by "
        + ", ".join(f"{name} {count}" for name, count in document["alerts"].items())
        + "."
    )
    if (hedge := document["hedge"]) is None:
        out.print(f"No hedge was made: {report.said}.")
    else:
        table = Table(
            "buy", "at", "contracts", "price", "fee", "order", title=f"Hedge {hedge['id']}"
        )
        for leg in hedge["legs"]:
            table.add_row(
                leg["side"].upper(),
                leg["venue"],
                text(leg["quantity_micros"]),
                text(leg["price_micros"] or 0),
                money(leg["fee_micros"]),
                str(leg["venue_order_id"]),
            )
        out.print(table)
        out.print(
            f"{hedge['state']}, {text(hedge['unhedged_micros'])} without a twin; profit "
            f"{money(hedge['profit_micros'])}, whatever happens."
        )
    for each in report.differences or ["Our journal and both venues' ledgers agree."]:
        out.print(each)
    for each in report.outside:
        out.print(f"Refused: {each}")
