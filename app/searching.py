"""`dutchbook search`: both catalogues by words, matched pairs side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.table import Table

from app.catalogue import age
from app.cli import console, emit
from app.commands import note
from app.config import load_settings
from app.problem import Exit, Problem
from app.report import plain
from app.store.opening import read_store
from app.wiring_terms import VENUES
from matching.executable import executable
from matching.listing import Listing
from matching.pair_book import Kept, PairState
from matching.pairs import MarketKey
from matching.search import Query, Rank
from venues import SystemClock


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOptions:
    text: str
    limit: int
    as_json: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hit:
    """One market, or the two of a pair; `why_not` of a pair."""

    rank: Rank
    kalshi: Listing | None = None
    polymarket: Listing | None = None
    kept: Kept | None = None
    why_not: tuple[str, ...] = ()


def search(options: SearchOptions, config: Path | None) -> Exit:
    settings, now_ms = load_settings(config), SystemClock().now_ms()
    try:
        query = Query.of(options.text)
    except ValueError as error:
        raise Problem(Exit.WRONG_USAGE, f"In {options.text!r} {error}.") from None
    now = datetime.fromtimestamp(now_ms / 1_000, UTC)
    with read_store(settings.place) as store:
        found: dict[MarketKey, tuple[Rank, Listing]] = {}
        for venue in VENUES:
            seen_ms = store.seen_ms(venue)
            if seen_ms is None:
                raise Problem(
                    Exit.BAD_FILE,
                    f"The catalogue of {venue} was never read: run `dutchbook pairs find` first.",
                )
            note(f"Catalogue of {venue}: {age(now_ms - seen_ms)}.")
            for listing in store.listings(venue, query.may_be_in):
                if (rank := query.rank(listing, now)) is not None:
                    found[MarketKey(venue, listing.id)] = (rank, listing)
        likely = [each for each in store.pairs() if each.state is not PairState.REJECTED]
        likely.sort(key=lambda each: each.scanned)  # of two that share a market the surer one
        kept = {
            key: each for each in likely for key in (each.kalshi, each.polymarket) if key in found
        }
        texts = {
            key: store.current(key, "") if key not in found else found[key][1]
            for each in kept.values()
            for key in (each.kalshi, each.polymarket)
        }
        away = store.unlisted()
    hits = sorted(_hits(found, kept, texts, away), key=lambda hit: hit.rank)
    for hit in hits[: options.limit]:
        if options.as_json:
            emit(_json(hit))
    if not options.as_json:
        _print(hits[: options.limit], options.text)
    if len(hits) > options.limit:
        note(f"{len(hits) - options.limit:,} more; say more words or raise --limit.")
    return Exit.DONE


def _hits(
    found: Mapping[MarketKey, tuple[Rank, Listing]],
    kept: Mapping[MarketKey, Kept],
    texts: Mapping[MarketKey, Listing | None],
    away: frozenset[MarketKey],
) -> list[_Hit]:
    hits, done = [], set[str]()
    for key, (rank, listing) in found.items():
        pair = kept.get(key)
        if pair is None:
            here = key.venue == "kalshi"
            hits.append(
                _Hit(
                    rank=rank,
                    kalshi=listing if here else None,
                    polymarket=None if here else listing,
                )
            )
        elif pair.id not in done:
            done.add(pair.id)
            one, two = texts[pair.kalshi], texts[pair.polymarket]
            why = executable(pair, one, two, away)
            best = min(found[k][0] for k in (pair.kalshi, pair.polymarket) if k in found)
            hits.append(_Hit(rank=best, kalshi=one, polymarket=two, kept=pair, why_not=why))
    return hits


def _json(hit: _Hit) -> dict[str, Any]:
    pair = hit.kept
    return {
        "schema": "dutchbook.search/1",
        **{venue: _market(getattr(hit, venue)) for venue in VENUES},
        "pair_id": pair.id if pair else None,
        "relation": pair.believed.value if pair else None,
        "state": pair.state.value if pair else None,
        "verdict": pair.verdict.value if pair else None,
        "executable": not hit.why_not if pair else None,
        "why_not": list(hit.why_not) if pair else None,
    }


def _market(listing: Listing | None) -> dict[str, Any] | None:
    if listing is None:
        return None
    closes = listing.closes_at
    return {
        "id": listing.id,
        "title": listing.title,
        "yes_means": listing.subtitle,
        "event": listing.event_title,
        "closes_ms": int(closes.timestamp() * 1_000) if closes else None,
    }


def _print(hits: list[_Hit], words: str) -> None:
    table = Table(title=f"Markets about “{plain(words)}”", title_justify="left")
    for name in ("Kalshi", "Polymarket", "pair"):
        table.add_column(name, overflow="fold")
    for hit in hits:
        table.add_row(_named(hit.kalshi), _named(hit.polymarket), _state(hit))
        table.add_section()
    console().print(table if hits else "No market of either catalogue has all these words.")


def _named(listing: Listing | None) -> str:
    if listing is None:
        return ""
    closes = f"\ncloses {listing.closes_at:%Y-%m-%d}" if listing.closes_at else ""
    answer = f" · {plain(listing.subtitle)}" if listing.subtitle else ""
    return f"{plain(listing.title)}{answer}\n{plain(listing.id)}{closes}"


def _state(hit: _Hit) -> str:
    if hit.kept is None:
        return ""
    ready = "executable" if not hit.why_not else plain(hit.why_not[0])
    state = hit.kept.state.value
    if hit.kept.state is PairState.PROPOSED:
        state = f"{state} ({hit.kept.verdict.value})"
    return f"{hit.kept.believed.value}, {state}; {ready}"
