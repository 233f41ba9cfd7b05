"""Every way in which two rules texts can differ that we know: its code, its severity, and why.

A code that stands in the labelled data is that label's own name; `LABELS` maps the rest
(docs/divergences.md).
"""

from __future__ import annotations

from typing import Final, NamedTuple

from matching.verdict import Severity

NOTE, CAUTION, BAR = Severity.NOTE, Severity.CAUTION, Severity.BAR


class Case(NamedTuple):
    """`code` is what a Divergence carries; several cases share one."""

    code: str
    severity: Severity
    reason: str


CASES: Final = {
    "instant": Case("timestamp_mismatch", BAR, "a price at another hour is another number"),
    "deadline": Case("time", BAR, "what happens between the two deadlines pays at one venue only"),
    "zone": Case("time", CAUTION, "one day in two time zones: hours apart, rarely decisive"),
    "trimmed": Case(
        "source_mismatch_trimmed_mean_vs_exchange_candle",
        BAR,
        "a wick on one exchange counts there and is trimmed away here",
    ),
    "rti": Case(
        "source_mismatch_CFB_RTI_vs_Binance", BAR, "an index of several exchanges, and one of them"
    ),
    "oracle": Case("source", BAR, "two oracles give two numbers near a strike"),
    "station": Case("source", BAR, "two stations or reports, often a degree apart"),
    "agency": Case("source", BAR, "two agencies publish two numbers"),
    "republished": Case("source", NOTE, "one republishes the other's number"),
    "calls": Case("source", CAUTION, "called races and certified results can part in a recount"),
    "unnamed": Case("source", CAUTION, "only one side says whose number counts"),
    "strict": Case(
        "strict_vs_inclusive_bound", CAUTION, "they part where the number is hit exactly"
    ),
    "touch": Case(
        "boundary_above_vs_reach", CAUTION, "above or just reaching: they part at a touch"
    ),
    "bracket": Case("boundary", CAUTION, "an exact hit goes to another bracket"),
    "listing": Case(
        "window_start_at_listing", CAUTION, "what came before listing counts on one side"
    ),
    "window": Case("window", BAR, "what happens between the two starts pays at one venue only"),
    "game": Case(
        "postponement_and_cancel_rules",
        CAUTION,
        "a game put off or never played: a last price here, half a dollar or waiting there",
    ),
    "postponed": Case("postponement", CAUTION, "one side waits for a new date, the other settles"),
    "cancelled": Case("cancellation", CAUTION, "what never happens settles in two ways"),
    "tie": Case("tie_overtime", CAUTION, "a tie settles in two ways, or on one side only"),
    "overtime": Case("tie_overtime", BAR, "a level score after regulation is no rare state"),
    "regulation": Case("tie_overtime", CAUTION, "only one side says that overtime does not count"),
    "early": Case(
        "early_close", NOTE, "money comes back sooner on one side; the payout is the same"
    ),
    "acting": Case("entity", BAR, "an acting holder counts on one side only"),
    "acting_unsaid": Case("entity", CAUTION, "only one side says whether an acting holder counts"),
    "successor": Case("entity", NOTE, "only one side names successors"),
    "statistic": Case("metric_mismatch", BAR, "another statistic, though the titles read alike"),
    "revision": Case("metric", CAUTION, "a revision counts on one side only"),
    "rounding": Case("metric", CAUTION, "two ways to round part near a strike"),
    "sampling": Case("metric", CAUTION, "one source read in two ways"),
    "announced": Case("announcement_vs_actual", BAR, "announced is not done: weeks lie between"),
    "announcement": Case(
        "announcement", CAUTION, "only one side says what an announcement is worth"
    ),
    "dead_heat": Case("dead_heat", CAUTION, "a shared place pays a part on one side"),
    "death": Case("death_or_withdrawal", CAUTION, "a death settles in two ways"),
    "withdrawal": Case("death_or_withdrawal", CAUTION, "who does not play settles in two ways"),
    "scalar": Case("scalar", BAR, "one side pays a fraction of a dollar in a usual state"),
}

# Our code → the names in the labelled data that mean the same kind of difference. A code that is
# not here is itself a label's name or has none there.
LABELS: Final = {
    "time": ("timestamp_mismatch", "period_mismatch"),
    "source": (
        "source_mismatch_trimmed_mean_vs_exchange_candle",
        "source_mismatch_CFB_RTI_vs_Binance",
    ),
    "boundary": (
        "boundary_above_vs_reach",
        "strict_vs_inclusive_bound",
        "range_vs_threshold",
        "value_grid_mismatch",
        "count_convention_25bp_equivalents",
    ),
    "window": ("window_start_at_listing", "period_mismatch"),
    "postponement": ("postponement_and_cancel_rules",),
    "cancellation": ("postponement_and_cancel_rules",),
    "metric": ("metric_mismatch",),
    "entity": ("entity_mismatch",),
    "announcement": ("announcement_vs_actual",),
}
