"""A scan as JSON lines (contract dutchbook.scan/1) and as tables for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from matching.pairs import MarketKey
from scanner import Finding, Leg, Opportunity
from venues import Market
from venues.money import text

SCHEMA: Final = "dutchbook.scan/1"
WHY: Final = {
    "venue_unreachable": "a venue did not answer, so nothing can be said",
    "unknown_market": "a venue does not know the market",
    "not_open": "a market is not open for trading",
    "fee_unknown": "nobody documents the fee of a market",
    "no_book": "a venue sent no book",
    "bad_book": "a book is broken (crossed, out of order or off 0 … 1)",
    "off_tick": "a book has prices off the market's tick",
    "stale_book": "a book is too old",
    "not_crossed": "the two venues do not disagree enough to cross",
    "spread<=fees": "they cross, but fees take it all",
    "below_minimum_or_cash": "something is left, but below an order's minimum or above its cash",
}


def as_json(finding: Finding, ts_ms: int) -> dict[str, Any]:
    """One line of a scan; zeros where nothing is left to buy, null where a thing is not known."""
    found = finding.opportunity
    capital = {"kalshi": 0, "polymarket": 0}
    if found:
        capital |= {leg.contract.venue: leg.outlay for leg in found.legs}
    return {
        "schema": SCHEMA,
        "ts_ms": ts_ms,
        "pair_id": finding.pair_id,
        "crossed": finding.crossed,
        "legs": legs_json(found) if found else None,
        "quantity_micros": found.quantity if found else 0,
        "profit_micros": found.profit if found else 0,
        "edge_bps": found.edge_bps if found else 0,
        "capital_micros": capital,
        "days": finding.days,
        "annual_bps": found.annual_bps if found else None,
        "reason": finding.reason,
    }


def legs_json(found: Opportunity) -> list[dict[str, Any]]:
    return [_leg(leg) for leg in found.legs]


def _leg(leg: Leg) -> dict[str, Any]:
    return {
        "venue": leg.contract.venue,
        "market": leg.contract.market,
        "side": leg.contract.outcome.value,
        "quantity_micros": leg.bought,
        "average_price_micros": leg.average_price,
        "worst_price_micros": leg.worst_price,
        "cost_micros": leg.cost,
        "fee_micros": leg.fee,
    }


@dataclass(slots=True)
class Tally:
    """What a scan of many passes adds up to."""

    passes: set[int] = field(default_factory=set)
    evaluated: int = 0
    crossed: int = 0
    positive: int = 0
    best: Opportunity | None = None
    of_pair: dict[str, Opportunity] = field(default_factory=dict)
    near_misses: Counter[str] = field(default_factory=Counter)

    def add(self, finding: Finding, ts_ms: int) -> None:
        self.passes.add(ts_ms)
        self.evaluated += 1
        self.crossed += finding.crossed
        if finding.reason:
            self.near_misses[finding.reason] += 1
        found = finding.opportunity
        if found is None:
            return
        self.positive += 1
        if self.best is None or found.edge_bps > self.best.edge_bps:
            self.best = found
        before = self.of_pair.get(found.pair_id)
        if before is None or found.profit > before.profit:
            self.of_pair[found.pair_id] = found

    @property
    def ranked(self) -> list[Opportunity]:
        """Each pair's most profitable moment, best first."""
        return sorted(self.of_pair.values(), key=lambda found: -found.profit)


def print_tally(console: Console, tally: Tally) -> None:
    """The headline of a tape."""
    table = Table(title="Scan of a tape", show_header=False, title_justify="left")
    table.add_row("cycles", f"{len(tally.passes):,}")
    table.add_row("pairs priced (one line each)", f"{tally.evaluated:,}")
    table.add_row("crossed before fees", _share(tally.crossed, tally.evaluated))
    table.add_row("positive after fees", _share(tally.positive, tally.evaluated))
    if tally.best:
        table.add_row(
            "best net edge", f"{percent(tally.best.edge_bps)} on {plain(tally.best.pair_id)}"
        )
    console.print(table)
    print_near_misses(console, tally.near_misses)


def print_near_misses(console: Console, near_misses: Mapping[str, int]) -> None:
    if not near_misses:
        return
    table = Table(title="Why nothing was left", title_justify="left")
    table.add_column("times", justify="right")
    table.add_column("reason")
    table.add_column("meaning")
    for reason, count in Counter(near_misses).most_common():
        table.add_row(f"{count:,}", reason, WHY[reason])
    console.print(table)


def print_opportunities(
    console: Console,
    found: Iterable[Opportunity],
    markets: Mapping[MarketKey, Market],
    *,
    title: str = "What is left after fees",
    why_not: Mapping[str, tuple[str, ...]] | None = None,
) -> None:
    """Opportunities, one block of two legs each; money in dollars.

    `why_not` tells of each pair of the book why it is not executable, in a table of its own.
    """
    table = Table(title=title, title_justify="left")
    for name in ("pair", "buy"):
        table.add_column(name, overflow="fold")
    for name in ("price", "quantity", "cost", "fee", "profit", "edge", "payout in", "a year"):
        table.add_column(name, justify="right")
    for item in found:
        for index, leg in enumerate(item.legs):
            tail = _totals(item) if index == 0 else ("", "", "", "")
            table.add_row(
                plain(item.pair_id) if index == 0 else "",
                f"{leg.contract.outcome.value.upper()} at {leg.contract.venue}"
                f"{_named(markets.get(MarketKey(leg.contract.venue, leg.contract.market)))}",
                _prices(leg),
                text(leg.bought),
                money(leg.cost),
                money(leg.fee),
                *tail,
            )
        table.add_section()
    console.print(table)
    if why_not is not None:
        _print_executable(console, why_not)


def _print_executable(console: Console, why_not: Mapping[str, tuple[str, ...]]) -> None:
    table = Table(title="May orders be made from it?", title_justify="left")
    for name in ("pair", "executable", "why not"):
        table.add_column(name, overflow="fold")
    for pair_id, why in why_not.items():
        table.add_row(plain(pair_id), "no" if why else "yes", plain("; ".join(why)))
    console.print(table)


def _totals(item: Opportunity) -> tuple[str, str, str, str]:
    days = "unknown" if item.days is None else f"{item.days} d"
    annual = "unknown" if item.annual_bps is None else percent(item.annual_bps)
    return money(item.profit), percent(item.edge_bps), days, annual


def _named(market: Market | None) -> str:
    words = market.name if market else ""
    return f" · {plain(words)}" if words else ""


def _prices(leg: Leg) -> str:
    average = text(leg.average_price)
    return (
        average if leg.average_price == leg.worst_price else f"{average} … {text(leg.worst_price)}"
    )


def _share(part: int, whole: int) -> str:
    """Hundredths of a percent, rounded down."""
    return f"{part:,} ({percent(10_000 * part // whole)})" if whole else "0"


def percent(bps: int) -> str:
    return f"{text(bps * 10_000, 2)} %"


def money(amount: int) -> str:
    return text(amount, 2)


def dollars(amount: int) -> str:
    """All digits, the sign in front."""
    return f"{'-' if amount < 0 else ''}${money(abs(amount))}"


def plain(words: str) -> str:
    """A venue's or a file's text made harmless for a terminal: printable, and cut short."""
    return "".join(c if c.isprintable() else " " for c in words)[:200]
