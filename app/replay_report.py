"""What a replay says: episodes by pair, and what clicks on their alerts would have got."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from rich.table import Table

from app.cli import console
from app.jobs_commands import lasting
from app.report import money, percent, plain
from scanner.click import Click
from scanner.clicks import Clicked
from scanner.episode import Change, Episode

_ALL_BPS: Final = 10_000


@dataclass(slots=True)
class Sum:
    """Of clicks of one delay and size. `wanted` and `hedged` are quantities of each leg, and of
    both; `whole` got all that was wanted."""

    clicks: int = 0
    whole: int = 0
    none: int = 0
    wanted: int = 0
    hedged: int = 0
    profit: int = 0
    losses: int = 0
    unknown: int = 0

    def add(self, clicked: Clicked) -> None:
        found = clicked.got
        if found is None:
            self.unknown += 1
            return
        self.clicks += 1
        self.whole += found.hedged == found.wanted > 0
        self.none += found.hedged == 0
        self.wanted += found.wanted
        self.hedged += found.hedged
        self.profit += found.profit
        self.losses += found.profit < 0

    @property
    def filled_bps(self) -> int | None:
        return self.hedged * _ALL_BPS // self.wanted if self.wanted else None


@dataclass(slots=True)
class Seen:
    """`sums` of all pairs; `by_pair` each by itself."""

    changes: int = 0
    episodes: dict[str, Episode] = field(default_factory=dict)
    sums: defaultdict[Click, Sum] = field(default_factory=lambda: defaultdict(Sum))
    by_pair: defaultdict[str, defaultdict[Click, Sum]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Sum))
    )

    def add(self, each: Change | Clicked) -> None:
        if isinstance(each, Change):
            self.changes += 1
            self.episodes[each.episode.id] = each.episode
        else:
            self.sums[each.click].add(each)
            self.by_pair[each.pair_id][each.click].add(each)


def document(seen: Seen, clicks: Sequence[Click]) -> dict[str, Any]:
    return {
        "schema": "dutchbook.replay/1",
        "episodes": len(seen.episodes),
        "good": sum(episode.was_good for episode in seen.episodes.values()),
        "changes": seen.changes,
        "clicks": _clicks_json(seen.sums, clicks),
        "pairs": [
            {"pair_id": pair_id, "clicks": _clicks_json(sums, clicks)}
            for pair_id, sums in sorted(seen.by_pair.items())
        ],
    }


def _clicks_json(sums: defaultdict[Click, Sum], clicks: Sequence[Click]) -> list[dict[str, Any]]:
    return [
        {
            "delay_ms": click.delay_ms,
            "budget_micros": click.budget,
            "clicks": found.clicks,
            "whole": found.whole,
            "none": found.none,
            "filled_bps": found.filled_bps,
            "losses": found.losses,
            "unknown": found.unknown,
            "profit_micros": found.profit,
        }
        for click in clicks
        for found in (sums[click],)
    ]


def show(seen: Seen, clicks: Sequence[Click]) -> None:
    out = console()
    if not seen.episodes:
        out.print("Nothing was left after fees at any moment of it.")
        return
    out.print(_pairs_table(seen.episodes.values()))
    if not seen.by_pair:
        out.print("No episode began with books that one could trust, so there is nothing to click.")
        return
    out.print(_fills_table(seen, clicks))
    out.print(_clicks_table(seen, clicks))
    out.print(
        "Filled: what got both legs, of what was wanted. Whole: all of it. What had no twin was "
        "sold back at once."
    )
    if unknown := sum(found.unknown for found in seen.sums.values()):
        out.print(
            f"{unknown:,} clicks would have come after the end, or in a gap; they do not count."
        )


def _pairs_table(episodes: Iterable[Episode]) -> Table:
    by_pair: defaultdict[str, list[Episode]] = defaultdict(list)
    for episode in episodes:
        by_pair[episode.pair_id].append(episode)
    names = ("pair", "episodes", "lasted, median", "longest", "half-life, median", "best")
    table = _table("Episodes by pair", names)
    for pair_id, found in sorted(by_pair.items()):
        halves = [e.half_life_ms for e in found if e.half_life_ms is not None]
        table.add_row(
            plain(pair_id),
            f"{len(found):,}",
            lasting(_median([e.duration_ms for e in found])),
            lasting(max(e.duration_ms for e in found)),
            lasting(_median(halves)) if halves else "",
            money(max(e.best.profit for e in found)),
        )
    return table


def _fills_table(seen: Seen, clicks: Sequence[Click]) -> Table:
    delays = sorted({click.delay_ms for click in clicks})
    sizes = sorted({click.budget for click in clicks})
    named = [name for ms in delays for name in (f"{_after(ms)}: filled", "profit")]
    table = _table("Clicks by pair; read along a line how they decay", ("pair", "dollars", *named))
    for pair_id, sums in sorted(seen.by_pair.items()):
        for size in sizes:
            found = [sums[Click(delay_ms, size)] for delay_ms in delays]
            cells = [cell for each in found for cell in (_filled(each), money(each.profit))]
            table.add_row(plain(pair_id), money(size), *cells)
    return table


def _clicks_table(seen: Seen, clicks: Sequence[Click]) -> Table:
    names = ("delay", "dollars", "clicks", "whole", "nothing", "filled", "losses", "profit")
    table = _table("All clicks: one on each alert, so long after it, with so many dollars", names)
    for click in clicks:
        found = seen.sums[click]
        table.add_row(
            _after(click.delay_ms),
            money(click.budget),
            f"{found.clicks:,}",
            f"{found.whole:,}",
            f"{found.none:,}",
            _filled(found),
            f"{found.losses:,}",
            money(found.profit),
        )
    return table


def _table(title: str, names: Iterable[str]) -> Table:
    table = Table(title=title, title_justify="left")
    for name in names:
        table.add_column(name, justify="left" if name == "pair" else "right")
    return table


def _after(delay_ms: int) -> str:
    return lasting(delay_ms) if delay_ms else "at once"


def _filled(found: Sum) -> str:
    return "" if found.filled_bps is None else percent(found.filled_bps)


def _median(values: Sequence[int]) -> int:
    return sorted(values)[len(values) // 2]
