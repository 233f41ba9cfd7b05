"""`dutchbook quote`: the cheapest way to buy or sell one outcome over both venues."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from app.cli import console, emit
from app.commands import note
from app.config import Settings, load_settings
from app.live import Fetched, fetch, listed_as
from app.pair_source import pairs_to_scan
from app.pairs_file import PairRow
from app.problem import Exit, Problem
from app.report import WHY, money, plain
from app.wiring import open_venue
from app.wiring_terms import VENUES, Member, live_policy
from scanner.composite import Depth, Priced, composite, twin
from scanner.route import Route, cheapest
from scanner.scan import Listed, Policy, Reason, tradable
from venues import Cash, Outcome, Quantity, Side, SystemClock, micros
from venues.money import text


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteOptions:
    """`pair`: an id, or a Kalshi ticker and a Polymarket id with a comma between. `size` in
    contracts."""

    pair: str
    pairs: Path | None
    outcome: str
    sell: bool
    size: str
    as_json: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Quoted:
    """`alone`: by venue. `reasons`: by venue, why it takes no part."""

    route: Route
    alone: dict[str, Route]
    top: Sequence[Priced]
    ages_ms: dict[str, int]
    reasons: dict[str, str]


async def quote(options: QuoteOptions, config: Path | None) -> Exit:
    settings = load_settings(config)
    outcome, wanted = _outcome(options.outcome), _size(options.size)
    row = _row(options, settings)
    clock, member = SystemClock(), Member(settings.kalshi.member)
    async with AsyncExitStack() as stack:
        tasks = {}
        group = await stack.enter_async_context(asyncio.TaskGroup())
        for name in VENUES:
            venue = await stack.enter_async_context(
                open_venue(name, settings, clock=clock, member=member)
            )
            tasks[name] = group.create_task(fetch(venue, [getattr(row, name)]))
        got = {name: await task for name, task in tasks.items()}
    item = listed_as(row, got, member)
    side = Side.SELL if options.sell else Side.BUY
    policy = live_policy(settings)
    found = _quoted(item, got, outcome, side, wanted, policy, clock.now_ms())
    for name, reason in found.reasons.items():
        note(f"{name} takes no part: {reason}")
    if options.as_json:
        emit(_document(found, row, outcome, side))
    else:
        _print(found, outcome, side)
    whole = not found.reasons and not found.route.missing
    return Exit.DONE if whole else Exit.PARTIAL


def _outcome(words: str) -> Outcome:
    if words.lower() not in ("yes", "no"):
        raise Problem(Exit.WRONG_USAGE, f"--side is yes or no, not {words!r}.")
    return Outcome(words.lower())


def _size(words: str) -> Quantity:
    try:
        found = micros(words)
    except ValueError:
        found = 0
    if found <= 0:
        raise Problem(Exit.WRONG_USAGE, f"--size is contracts above zero, not {words!r}.")
    return Quantity(found)


def _row(options: QuoteOptions, settings: Settings) -> PairRow:
    """The pair by its id, else the two markets that are named."""
    kalshi, comma, polymarket = options.pair.partition(",")
    if comma:
        markets = {"kalshi": kalshi.strip(), "polymarket": polymarket.strip()}
        return PairRow.model_validate({"pair_id": options.pair, "relation": "same", **markets})
    source = pairs_to_scan(options.pairs, settings)
    for row in source.rows:
        if options.pair in (row.pair_id, row.kalshi, row.polymarket):
            return row
    said = f"{source.name} has no pair {options.pair!r} that is accepted or approved."
    raise Problem(Exit.BAD_FILE, f"{said} Name both markets: KALSHI_TICKER,POLYMARKET_ID.")


def _quoted(
    item: Listed,
    got: dict[str, Fetched],
    outcome: Outcome,
    side: Side,
    wanted: Quantity,
    policy: Policy,
    now_ms: int,
) -> _Quoted:
    pair, depths, reasons, ages = item.pair, [], {}, {}
    sides = ((pair.one, item.one, outcome), (pair.two, item.two, twin(outcome, pair.relation)))
    for key, market, bought in sides:
        fetched = got[key.venue]
        book = fetched.books.get(key.id)
        found = tradable(key, market, book, ts_ms=now_ms, policy=policy)
        if isinstance(found, Reason):
            reasons[key.venue] = fetched.down or WHY[found.value]
            continue
        its = found.book.of(bought)
        ages[key.venue] = max(now_ms - its.received_ms, 0)
        depths.append(
            Depth(
                contract=its.contract,
                levels=its.asks if side is Side.BUY else its.bids,
                fees=found.fees,
                minimum=found.market.minimum,
                minimum_cost=policy.minimum_cost.get(key.venue, Cash(0)),
                lot=found.market.lot,
            )
        )
    if not depths:
        raise Problem(Exit.PARTIAL, "Neither venue can be quoted: " + "; ".join(reasons.values()))
    return _Quoted(
        route=cheapest(wanted, side, depths),
        alone={d.contract.venue: cheapest(wanted, side, [d]) for d in depths},
        top=composite(side, depths)[:5],
        ages_ms=ages,
        reasons=reasons,
    )


def _document(found: _Quoted, row: PairRow, outcome: Outcome, side: Side) -> dict[str, Any]:
    return {
        "schema": "dutchbook.quote/1",
        "pair_id": row.pair_id,
        "side": outcome.value,
        "action": side.value,
        "route": _route_json(found.route),
        "alone": {venue: _route_json(route) for venue, route in found.alone.items()},
        "book": [
            {
                "venue": level.contract.venue,
                "price_micros": level.price,
                "quantity_micros": level.quantity,
                "fee_micros": level.fee,
                "effective_micros": level.effective,
            }
            for level in found.top
        ],
        "ages_ms": found.ages_ms,
        "left_out": found.reasons,
    }


def _route_json(route: Route) -> dict[str, Any]:
    return {
        "quantity_micros": route.quantity,
        "missing_micros": route.missing,
        "amount_micros": route.amount,
        "fee_micros": route.fee,
        "total_micros": route.total,
        "orders": [
            {
                "venue": part.contract.venue,
                "market": part.contract.market,
                "side": part.contract.outcome.value,
                "quantity_micros": part.quantity,
                "average_price_micros": part.average_price,
                "worst_price_micros": part.worst_price,
                "amount_micros": part.amount,
                "fee_micros": part.fee,
            }
            for part in route.parts
        ],
    }


def _print(found: _Quoted, outcome: Outcome, side: Side) -> None:
    out, route = console(), found.route
    verb = "Buy" if side is Side.BUY else "Sell"
    table = Table(
        title=f"{verb} {text(route.wanted)} {outcome.value.upper()}", title_justify="left"
    )
    for name in ("order", "quantity", "average", "to", "amount", "fee"):
        table.add_column(name, justify="left" if name == "order" else "right")
    for part in route.parts:
        table.add_row(
            f"{part.contract.outcome.value.upper()} at {part.contract.venue}",
            text(part.quantity),
            text(part.average_price),
            text(part.worst_price),
            money(part.amount),
            money(part.fee),
        )
    out.print(table)
    took = "costs" if side is Side.BUY else "brings"
    out.print(f"All of it {took} {money(route.total)}, fees counted in.")
    if route.missing:
        out.print(f"For {text(route.missing)} there is nobody.")
    for venue, alone in found.alone.items():
        better = route.better_by(alone)
        if better is None:
            out.print(f"{venue} alone fills {text(alone.quantity)} for {money(alone.total)}.")
        elif better:
            word = "more" if side is Side.BUY else "less"
            out.print(f"{venue} alone {took} {money(better)} {word}.")
        else:
            out.print(f"{venue} alone {took} the same.")
    ages = ", ".join(f"{venue} {age} ms" for venue, age in found.ages_ms.items())
    out.print(plain(f"Books: {ages} old. This sends nothing."))
