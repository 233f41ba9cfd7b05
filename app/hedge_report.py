"""Plans and hedges as JSON and as tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from app.report import dollars, percent, plain
from execution.booking import Booked, Holding, Sums, booked
from execution.exposure import naked_most
from execution.hedge import Hedge
from execution.ledger import Ledger
from execution.orders import Attempt
from execution.plan import HedgePlan, PlannedLeg
from execution.records import Reckoned, Watched
from venues.money import text


def plan_json(plan: HedgePlan, refused: Sequence[str], mode: str) -> dict[str, Any]:
    return {
        "schema": "dutchbook.preview/1",
        "preview_id": plan.id,
        "mode": mode,
        "pair_id": plan.pair_id,
        "made_ms": plan.made_ms,
        "expires_ms": plan.expires_ms,
        "together": plan.together,
        "legs": [_planned_json(leg) for leg in plan.legs],
        "quantity_micros": plan.quantity,
        "profit_micros": plan.profit,
        "least_profit_micros": plan.least_profit,
        "edge_bps": plan.edge_bps,
        "days": plan.days,
        "worst_micros": plan.worst,
        "substitutes": [
            {"venue": each.venue, "market": each.market, "side": each.outcome.value}
            for each in plan.substitutes
        ],
        "endings": [{"says": each.says, "profit_micros": each.profit} for each in plan.endings],
        "executable": not refused,
        "refused": list(refused),
    }


def _planned_json(leg: PlannedLeg) -> dict[str, Any]:
    return {
        "venue": leg.contract.venue,
        "market": leg.contract.market,
        "side": leg.contract.outcome.value,
        "pocket": leg.pocket or None,
        "limit_micros": leg.limit,
        "cost_micros": leg.cost,
        "fee_micros": leg.fee,
        "reserve_micros": leg.reserve,
        "depth_micros": leg.depth,
    }


def hedge_json(
    hedge: Hedge, *, mode: str, now_ms: int, ledger: Ledger | None = None
) -> dict[str, Any]:
    """`ledger`: what else is known of it, else only the hedge itself."""
    known = ledger or Ledger()
    return {
        "schema": "dutchbook.hedge/1",
        "id": hedge.id,
        "mode": mode,
        "pair_id": hedge.plan.pair_id,
        "state": hedge.state.name,
        "why": hedge.why,
        "opened_by": hedge.opened_by,
        "opened_ms": hedge.opened_ms,
        "since_ms": hedge.since_ms,
        "quantity_micros": hedge.plan.quantity,
        "matched_micros": hedge.matched,
        "unhedged_micros": abs(hedge.naked),
        "unhedged_worst_micros": naked_most(hedge, now_ms),
        "outlay_micros": hedge.outlay,
        "profit_micros": hedge.result,
        "final": hedge.is_final,
        "fee_drift_micros": booked(hedge, known).fee_drift,
        "diverged_micros": known.diverged[hedge.id].basis if hedge.id in known.diverged else None,
        "markets": [
            _watched_json(each) for key, each in known.watched.items() if key[0] == hedge.id
        ],
        "orders": [attempt_json(each, known) for each in hedge.attempts],
    }


def _watched_json(seen: Watched) -> dict[str, Any]:
    return {
        "venue": seen.venue,
        "market": seen.market,
        "status": seen.status.value,
        "resolving": seen.resolving or None,
        "pays_micros": seen.pays,
        "closes_ms": seen.closes_ms,
        "seen_ms": seen.at_ms,
    }


def attempt_json(attempt: Attempt, ledger: Ledger) -> dict[str, Any]:
    order = attempt.order
    reckoned = ledger.reckoned.get(attempt.client_id)
    return {
        "number": attempt.number,
        "leg": attempt.leg,
        "rung": attempt.rung.value,
        "venue": attempt.request.contract.venue,
        "market": attempt.request.contract.market,
        "side": attempt.request.contract.outcome.value,
        "action": attempt.request.side.value,
        "client_id": attempt.client_id,
        "venue_order_id": order.order_id or None,
        "state": "absent" if attempt.absent_ms is not None else order.state.value,
        "why": attempt.why,
        "limit_micros": attempt.request.limit,
        "quantity_micros": attempt.request.quantity,
        "filled_micros": attempt.filled,
        "price_micros": average_micros(attempt),
        "fee_micros": attempt.fees if attempt.is_told else None,
        "fee_reckoned_micros": reckoned.fee if reckoned else None,
        "fills": _fills_json(attempt, reckoned),
        "outlay_micros": attempt.outlay,
        "sent_ms": attempt.sent_ms,
        "provisional": attempt.is_provisional,
    }


def _fills_json(attempt: Attempt, reckoned: Reckoned | None) -> list[dict[str, Any]]:
    fees = dict(reckoned.fees) if reckoned else {}
    return [
        {
            "id": each.fill_id,
            "price_micros": each.price,
            "quantity_micros": each.quantity,
            "fee_micros": each.fee,
            "fee_reckoned_micros": fees.get(each.fill_id),
            "provisional": each.provisional,
            "reversed": each.reversed,
        }
        for each in attempt.fills
    ]


def held_json(held: Holding) -> dict[str, Any]:
    return {
        "venue": held.contract.venue,
        "market": held.contract.market,
        "side": held.contract.outcome.value,
        "quantity_micros": held.quantity,
        "outlay_micros": held.outlay,
    }


def earned_json(earned: Booked) -> dict[str, Any]:
    return {
        "id": earned.hedge.id,
        "pair_id": earned.hedge.plan.pair_id,
        "standing": earned.standing.value,
        "opened_ms": earned.hedge.opened_ms,
        "profit_micros": earned.profit,
        "basis_micros": earned.basis,
        "basis_due_micros": earned.due,
        "fees_micros": earned.fees,
        "fee_drift_micros": earned.fee_drift,
    }


def sums_json(total: Sums) -> dict[str, int]:
    found = {f"{name}_micros": amount for name, amount in asdict(total).items()}
    return {"basis_due_micros": found.pop("due_micros"), **found}


def average_micros(attempt: Attempt) -> int | None:
    """What one contract cost or brought, fees apart, rounded up; None where fills are not told."""
    fills = [each for each in attempt.fills if not each.reversed]
    whole = sum(each.quantity for each in fills)
    if not attempt.is_told or not whole:
        return None
    return -(-sum(each.price * each.quantity for each in fills) // whole)


def print_plan(
    console: Console,
    plan: HedgePlan,
    refused: Sequence[str],
    titles: Sequence[str],
    *,
    mode: str,
) -> None:
    way = "both at once" if plan.together else f"{plan.legs[0].contract.venue} first"
    console.print(f"Preview {plan.id} · {plan.pair_id} · {mode} · {way}")
    table = Table(title=f"Buy {text(plan.quantity)} contracts of each", title_justify="left")
    for name in ("", "at most", "expected cost", "fee", "set aside", "stands there"):
        table.add_column(name, justify="right" if name else "left", overflow="fold")
    for leg, title in zip(plan.legs, titles, strict=True):
        table.add_row(
            f"{leg.contract.outcome.value.upper()} at {leg.contract.venue} · {plain(title)}",
            f"{dollars(leg.limit)}",
            f"{dollars(leg.cost)}",
            f"{dollars(leg.fee)}",
            f"{dollars(leg.reserve)}",
            text(leg.depth),
        )
    console.print(table)
    days = "unknown" if plan.days is None else f"{plan.days} d"
    console.print(
        f"Profit {dollars(plan.profit)} ({percent(plan.edge_bps)}), paid in {days}; at least "
        f"{dollars(plan.least_profit)} if both fill within their limits."
    )
    for other in plan.substitutes:
        name = f"{other.outcome.value.upper()} of {plain(other.market)} at {other.venue}"
        console.print(f"Stands in for the second leg: {name}")
    ends = Table(title="How it can end", title_justify="left")
    ends.add_column("what happens", overflow="fold")
    ends.add_column("leaves", justify="right")
    for ending in plan.endings:
        ends.add_row(ending.says, f"{dollars(ending.profit)}")
    console.print(ends)
    for each in refused:
        console.print(f"Refused: {plain(each)}")


def print_hedge(console: Console, hedge: Hedge, *, mode: str, ledger: Ledger | None = None) -> None:
    known = ledger or Ledger()
    console.print(
        f"Hedge {hedge.id} · {hedge.plan.pair_id} · {mode} · {hedge.state.value}"
        f"{f' ({plain(hedge.why)})' if hedge.why else ''}"
    )
    table = Table(title="Orders", title_justify="left")
    for name in ("", "contracts", "filled", "limit", "took", "fee", "reckoned", "state"):
        table.add_column(
            name, overflow="fold", justify="left" if name in {"", "state"} else "right"
        )
    for each in hedge.attempts:
        contract = each.request.contract
        state = "presumed absent" if each.absent_ms is not None else each.order.state.value
        table.add_row(
            f"{each.rung.value}: {each.request.side.value} {contract.outcome.value.upper()} at "
            f"{contract.venue}",
            text(each.request.quantity),
            text(each.filled),
            f"{dollars(each.request.limit)}",
            f"{dollars(each.outlay)}",
            f"{dollars(each.fees)}" if each.is_told else "",
            f"{dollars(fee.fee)}" if (fee := known.reckoned.get(each.client_id)) else "",
            f"{state}{' (provisional)' if each.is_provisional else ''}"
            f"{f': {plain(each.why)}' if each.why else ''}",
        )
    console.print(table)
    console.print(
        f"{text(hedge.matched)} contracts are hedged, {text(abs(hedge.naked))} have no twin. "
        f"It took {dollars(hedge.outlay)} and leaves {dollars(hedge.result)} if what has no twin "
        "pays nothing."
    )
    if drift := booked(hedge, known).fee_drift:
        console.print(f"Fees drift by {dollars(drift)}: charged less what the models make of them.")
    if found := known.diverged.get(hedge.id):
        console.print(f"Diverged: {plain(found.why)}.")


def print_hedges(console: Console, hedges: Sequence[Hedge], *, mode: str) -> None:
    if not hedges:
        console.print(f"No hedge was opened in {mode}.")
        return
    table = Table(title=f"Hedges · {mode}", title_justify="left")
    for name in ("id", "pair", "opened", "state", "hedged", "no twin", "leaves"):
        table.add_column(name, overflow="fold")
    for each in hedges:
        table.add_row(
            each.id,
            plain(each.plan.pair_id),
            f"{at(each.opened_ms)} by {plain(each.opened_by)}",
            f"{each.state.value}{f': {plain(each.why)}' if each.why else ''}",
            text(each.matched),
            text(abs(each.naked)),
            f"{dollars(each.result)}",
        )
    console.print(table)


def print_pnl(console: Console, every: Sequence[Booked], total: Sums, *, mode: str) -> None:
    table = Table(title=f"Profit and loss · {mode}", title_justify="left")
    for name in ("hedge", "pair", "standing", "profit", "basis", "fees", "fee drift"):
        table.add_column(name, overflow="fold")
    for each in every:
        drift = "" if each.fee_drift is None else f"{dollars(each.fee_drift)}"
        table.add_row(
            each.hedge.id,
            plain(each.hedge.plan.pair_id),
            each.standing.value,
            f"{dollars(each.profit)}",
            f"{dollars(each.due)} due" if each.due else f"{dollars(each.basis)}",
            f"{dollars(each.fees)}",
            drift,
        )
    console.print(table)
    console.print(
        f"Sold again {dollars(total.realised)} · settled {dollars(total.settled)} · locked "
        f"{dollars(total.locked)} · provisional {dollars(total.provisional)} · at work or parked "
        f"{dollars(total.at_risk)}\nApart from these: basis {dollars(total.basis)}, due "
        f"{dollars(total.due)}. Within them: fees {dollars(total.fees)}, of which "
        f"{dollars(total.fee_drift)} were not in the models."
    )


def print_holdings(console: Console, held: Sequence[Holding], *, mode: str) -> None:
    if not held:
        console.print(f"Nothing is held by hedges in {mode}.")
        return
    table = Table(title=f"Held by hedges · {mode}", title_justify="left")
    for name in ("venue", "market", "side", "contracts", "took"):
        table.add_column(name, overflow="fold")
    for each in held:
        contract = each.contract
        table.add_row(
            contract.venue,
            plain(contract.market),
            contract.outcome.value,
            text(each.quantity),
            f"{dollars(each.outlay)}",
        )
    console.print(table)


def at(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms // 1_000, UTC):%Y-%m-%d %H:%M:%S} UTC"
