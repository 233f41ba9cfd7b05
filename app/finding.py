"""`dutchbook pairs find`: both catalogues, matched; what was found goes to the pair book."""

from __future__ import annotations

import asyncio
import gc
import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from app.catalogue import open_catalogue
from app.cli import console, emit
from app.config import Settings, load_settings
from app.evaluating import json_lines, peak_mb
from app.problem import Exit, Problem
from matching.catalogue import Matched, Matcher
from matching.keeping import keep
from matching.listing import Listing
from matching.pairs import MarketKey
from matching.read import catalogued, listing_of
from matching.verdict import Judgement
from venues import SystemClock

_SHOWN: Final = 20
VENUES: Final = ("kalshi", "polymarket")


@dataclass(frozen=True, slots=True, kw_only=True)
class FindOptions:
    """Catalogue files, or none for the venues' own; where to write the ranked candidates."""

    kalshi: Path | None
    polymarket: Path | None
    candidates: Path | None
    refresh: bool
    as_json: bool


@dataclass(slots=True)
class _Stages:
    """Seconds by stage."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str, shown: str) -> Iterator[None]:
        """One stage, with something that turns while it lasts."""
        with Console(stderr=True).status(shown), self._timed(name):
            yield

    @contextmanager
    def forking(self, name: str, shown: str) -> Iterator[None]:
        """The same for a stage that forks, beside which no thread may turn anything."""
        err = Console(stderr=True)
        if err.is_terminal:
            err.print(f"{shown} …")
        with self._timed(name):
            yield

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        clock = SystemClock()
        started_ns = clock.monotonic_ns()
        yield
        self.seconds[name] = round((clock.monotonic_ns() - started_ns) / 1e9, 3)


@contextmanager
def _without_collections() -> Iterator[None]:
    """A hundred thousand listings hold no cycles: looking for some takes a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def find(options: FindOptions, config: Path | None) -> Exit:
    """Matches two files, or both venues' catalogues; only the latter change the pair book."""
    from_files = options.kalshi is not None and options.polymarket is not None
    if not from_files and (options.kalshi or options.polymarket):
        raise Problem(
            Exit.WRONG_USAGE, "Name both catalogue files, --kalshi and --polymarket, or none."
        )
    stages = _Stages()
    with stages.stage("read", "reading both catalogues"):
        if options.kalshi and options.polymarket:
            listings = {
                "kalshi": _from_file("kalshi", options.kalshi),
                "polymarket": _from_file("polymarket", options.polymarket),
            }
            settings = None
        else:
            settings = load_settings(config)
            listings = asyncio.run(_from_venues(settings, options.refresh))
    sizes = " × ".join(f"{len(listings[venue]):,}" for venue in VENUES)
    matcher = Matcher(workers=os.cpu_count() or 1)
    with stages.forking("match", f"matching {sizes} markets"), _without_collections():
        matched = matcher.update(listings["kalshi"], listings["polymarket"])
    counts: Counter[int] = Counter()
    if options.candidates is not None:
        with stages.forking("candidates", "ranking candidates"), _without_collections():
            counts = _write_candidates(options.candidates, matcher, listings["kalshi"])
    kept: dict[str, Any] | None = None
    if settings is not None:
        with stages.stage("keep", "writing the pair book"):
            kept = _keep(settings, listings, matched)
    document = _document(listings, matched, stages.seconds, counts, kept)
    if options.as_json:
        emit(document)
    else:
        _print(document, listings, matched)
    return Exit.DONE


@_without_collections()
def _from_file(venue: str, file: Path) -> list[Listing]:
    found = []
    for line, row in json_lines(file):
        try:
            found.append(catalogued(venue, row))
        except ValueError as error:
            said = f"{file}, line {line}: {error}. Mend that line and try again."
            raise Problem(Exit.BAD_FILE, said) from None
    return found


async def _from_venues(settings: Settings, refresh: bool) -> dict[str, list[Listing]]:
    async with asyncio.TaskGroup() as group:
        tasks = {v: group.create_task(_from_venue(v, settings, refresh)) for v in VENUES}
    return {venue: task.result() for venue, task in tasks.items()}


async def _from_venue(venue: str, settings: Settings, refresh: bool) -> list[Listing]:
    async with open_catalogue(venue, settings, refresh=refresh) as kept:
        found: dict[str, Listing] = {}  # of a market in two events the first counts, always
        async for event in kept.events():
            for market in event.markets:
                if market.id not in found:
                    found[market.id] = listing_of(market, event)
        return list(found.values())


def _write_candidates(path: Path, matcher: Matcher, kalshi: list[Listing]) -> Counter[int]:
    """Ranked candidate ids of every Kalshi market; counts how many markets have how many."""
    counts: Counter[int] = Counter()
    try:
        with path.open("w", encoding="utf-8") as out:
            markets = list(dict.fromkeys(listing.id for listing in kalshi))
            for market, ids in zip(markets, matcher.candidates(markets), strict=True):
                counts[len(ids)] += 1
                out.write(json.dumps({"kalshi": market, "candidates": ids}) + "\n")
    except OSError as error:
        raise Problem(Exit.BAD_FILE, f"{path} cannot be written: {error.strerror}.") from None
    return counts


def _keep(
    settings: Settings, listings: dict[str, list[Listing]], matched: Matched
) -> dict[str, Any]:
    """Writes the catalogues and what was found to the pair book; what changed, in numbers."""
    from app.store.opening import open_store

    now_ms = SystemClock().now_ms()
    by_key = {MarketKey(venue, each.id): each for venue in VENUES for each in listings[venue]}
    with open_store(settings.place) as store:
        found = (*matched.accepted, *matched.review)
        counts = keep(found, by_key, store, at_ms=now_ms, near=matched.near)
        # Last: a run that ends before it has taken an approval back has seen no edit either.
        seen = {venue: store.see(venue, listings[venue], now_ms) for venue in VENUES}
    return {
        "listings": {
            venue: {"new": len(s.new), "changed": len(s.changed), "gone": len(s.gone)}
            for venue, s in seen.items()
        },
        "new": counts.new,
        "changed": counts.changed,
        "unchanged": counts.unchanged,
        "near_misses": counts.near,
        "revoked": [{"id": kept.id, "note": kept.note} for kept in counts.revoked],
        "reopened": [{"id": kept.id, "note": kept.note} for kept in counts.reopened],
    }


def _document(
    listings: dict[str, list[Listing]],
    matched: Matched,
    seconds: dict[str, float],
    counts: Counter[int],
    kept: dict[str, Any] | None,
) -> dict[str, Any]:
    total = sum(counts.values())
    candidates = (
        {"mean": round(sum(n * c for n, c in counts.items()) / total, 2), "max": max(counts)}
        if total
        else None
    )
    return {
        "schema": "dutchbook.find/1",
        "kalshi": len(listings["kalshi"]),
        "polymarket": len(listings["polymarket"]),
        "pairs": [_pair(judgement) for judgement in matched.accepted],
        "review": [_pair(judgement) for judgement in matched.review],
        "near_misses": len(matched.near),
        "judged": matched.judged,
        "candidates": candidates,
        "seconds": seconds,
        "peak_mb": peak_mb(),
        **({} if kept is None else {"book": kept}),
    }


def _pair(judgement: Judgement) -> dict[str, Any]:
    return {
        "kalshi": judgement.kalshi.id,
        "polymarket": judgement.polymarket.id,
        "relation": judgement.relation.value,
        "verdict": judgement.verdict.value,
        "score": judgement.score,
        "assumed": list(judgement.assumed),
        "divergences": [each.code for each in judgement.divergences],
    }


def _print(document: dict[str, Any], listings: dict[str, list[Listing]], matched: Matched) -> None:
    titles = {(v, each.id): each for v in VENUES for each in listings[v]}
    out = console()
    table = Table("Kalshi", "Polymarket", "relation", "assumed", title="Pairs found")
    for judgement in matched.accepted[:_SHOWN]:
        one, two = (titles[key.venue, key.id] for key in (judgement.kalshi, judgement.polymarket))
        table.add_row(
            _named(one), _named(two), judgement.relation.value, ", ".join(judgement.assumed)
        )
    if matched.accepted:
        out.print(table)
    more = len(matched.accepted) - _SHOWN
    if more > 0:
        out.print(f"… and {more:,} more (--json has all).")
    out.print(
        f"{document['kalshi']:,} Kalshi and {document['polymarket']:,} Polymarket markets:"
        f" {len(matched.accepted):,} pairs, {len(matched.review):,} for a person to read,"
        f" {len(matched.near):,} near-misses."
    )
    spent = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in document["seconds"].items())
    out.print(f"{spent}; at most {document['peak_mb']:,.0f} MB.")
    if "book" in document:
        out.print(
            "Read them: `dutchbook pairs list`, then `dutchbook pairs show` and a part of an id."
        )


def _named(listing: Listing) -> str:
    extra = (
        f" — {listing.subtitle}"
        if listing.subtitle and listing.subtitle not in listing.title
        else ""
    )
    return f"{listing.title}{extra}\n{listing.id[:40]}"
