"""`dutchbook account`: cash, positions and open orders at one venue."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from rich.table import Table

from app.cli import console, emit
from app.config import Settings, load_settings
from app.problem import Exit
from app.report import plain
from app.wiring import open_account
from venues import Balance, Order, Position
from venues.money import text


class Holdings(NamedTuple):
    """`as_of_ms`: what the venue shows is at least as new as this."""

    balances: tuple[Balance, ...]
    positions: tuple[Position, ...]
    orders: tuple[Order, ...]
    as_of_ms: int


async def show_account(venue: str, config: Path | None, *, as_json: bool) -> Exit:
    settings = load_settings(config)
    async with open_account(venue, settings) as account:
        found = Holdings(
            await account.balances(),
            await account.positions(),
            await account.open_orders(),
            await account.as_of_ms(),
        )
    if as_json:
        emit(_document(venue, settings, found))
    else:
        _print(venue, settings, found)
    return Exit.DONE


def _document(venue: str, settings: Settings, found: Holdings) -> dict[str, Any]:
    return {
        "schema": "dutchbook.account/1",
        "venue": venue,
        "environment": settings.environment,
        "as_of_ms": found.as_of_ms,
        "balances": [
            {"pocket": each.pocket, "available_micros": each.available} for each in found.balances
        ],
        "positions": [
            {
                "market": each.contract.market,
                "outcome": each.contract.outcome,
                "quantity_micros": each.quantity,
                "cost_micros": each.cost,
            }
            for each in found.positions
        ],
        "orders": [_order(each) for each in found.orders],
    }


def _order(order: Order) -> dict[str, Any]:
    return {
        "order_id": order.order_id,
        "client_id": order.client_id or None,
        "market": order.contract.market,
        "outcome": order.contract.outcome,
        "side": order.side,
        "limit_micros": order.limit,
        "quantity_micros": order.quantity,
        "filled_micros": order.filled,
        "fee_micros": order.fee,
        "state": order.state,
    }


def _print(venue: str, settings: Settings, found: Holdings) -> None:
    out = console()
    as_of = datetime.fromtimestamp(found.as_of_ms / 1_000, UTC)
    mark = " · SIM" if settings.environment == "sim" else ""
    out.print(f"{venue}{mark} · as of {as_of:%Y-%m-%d %H:%M:%S} UTC")
    cash = Table(title="Cash", title_justify="left")
    cash.add_column("shard" if venue == "kalshi" else "pocket")
    cash.add_column("available", justify="right")
    for balance in found.balances:
        cash.add_row(balance.pocket or "all", f"${text(balance.available)}")
    out.print(cash)
    if found.positions:
        out.print(_positions(found.positions))
    else:
        out.print("No positions.")
    if found.orders:
        out.print(_orders(found.orders))
    else:
        out.print("No open orders.")


def _positions(positions: tuple[Position, ...]) -> Table:
    table = Table(title="Positions", title_justify="left")
    table.add_column("market", overflow="fold")
    for name in ("side", "contracts", "cost"):
        table.add_column(name, justify="right" if name != "side" else "left")
    for each in positions:
        contract = each.contract
        table.add_row(
            plain(contract.market), contract.outcome, text(each.quantity), f"${text(each.cost)}"
        )
    return table


def _orders(orders: tuple[Order, ...]) -> Table:
    table = Table(title="Open orders", title_justify="left")
    table.add_column("market", overflow="fold")
    for name in ("order", "contracts", "filled", "limit", "our id"):
        table.add_column(name, overflow="fold")
    for each in orders:
        table.add_row(
            plain(each.contract.market),
            f"{each.side} {each.contract.outcome}",
            text(each.quantity),
            text(each.filled),
            f"${text(each.limit)}",
            plain(each.client_id),
        )
    return table
