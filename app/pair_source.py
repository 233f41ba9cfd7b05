"""Which pairs a scan prices: those of a file, else those of the pair book."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.config import Settings
from app.pairs_file import PairRow, load_pairs
from app.problem import Exit, Problem
from matching.executable import executable
from matching.listing import Listing
from matching.pair_book import Kept
from matching.pairs import MarketKey
from matching.read import listing_of
from venues import Event, Market


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """A pair of the book, with both markets' texts as they were seen last.

    `unlisted`: all markets of the book that their venues' catalogues no longer have.
    """

    kept: Kept
    kalshi: Listing | None
    polymarket: Listing | None
    unlisted: frozenset[MarketKey]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """`booked`: by pair id, where the pairs come from the book; None for a person's file."""

    name: str
    rows: tuple[PairRow, ...]
    booked: Mapping[str, Booked] | None = None

    def why_not(
        self, pair_id: str, markets: Mapping[MarketKey, Market] | None = None
    ) -> tuple[str, ...] | None:
        """Why a pair is not executable; None for a pair of a file, which nobody has judged.

        `markets`: the venues' own words now, which then count instead of those in the book.
        """
        if self.booked is None:
            return None
        found = self.booked.get(pair_id)
        if found is None:
            return ("it is no longer in the pair book",)
        if markets is None:
            return executable(found.kept, found.kalshi, found.polymarket, found.unlisted)
        one, two = (markets.get(key) for key in (found.kept.kalshi, found.kept.polymarket))
        return executable(
            found.kept, as_listed(one, found.kalshi), as_listed(two, found.polymarket)
        )

    def marks(
        self, pair_id: str, markets: Mapping[MarketKey, Market] | None = None
    ) -> dict[str, Any]:
        """What a line of JSON says besides: nothing for a pair of a file."""
        why = self.why_not(pair_id, markets)
        return {} if why is None else {"executable": not why, "why_not": list(why)}


def pairs_to_scan(file: Path | None, settings: Settings) -> Source:
    """Raises Problem for a bad file, and for a book that holds nothing at all."""
    if file is not None:
        return Source(name=str(file), rows=load_pairs(file))
    from app.store.opening import read_store

    with read_store(settings.place) as store:
        every = store.pairs()
        if not every:
            raise Problem(
                Exit.BAD_FILE,
                "The pair book is empty, so there is nothing to scan: run `dutchbook pairs find` "
                "first, or name a file with --pairs.",
            )
        texts, away = store.current_of_pairs(), store.unlisted()
    booked = {
        kept.id: Booked(
            kept=kept,
            kalshi=texts.get(kept.kalshi),
            polymarket=texts.get(kept.polymarket),
            unlisted=away,
        )
        for kept in every
        if kept.scanned
    }
    rows = tuple(_row(each.kept) for each in booked.values())
    return Source(name="the pair book", rows=rows, booked=booked)


def _row(kept: Kept) -> PairRow:
    return PairRow.model_validate(
        {
            "pair_id": kept.id,
            "kalshi": kept.kalshi.id,
            "polymarket": kept.polymarket.id,
            "relation": kept.believed,
        }
    )


def why_not(
    source: Source, pair_id: str, markets: Mapping[MarketKey, Market], settings: Settings
) -> tuple[str, ...]:
    """Why the pair may not be traded, a sentence each. A pair of a file is bound to no texts: it
    may be tried out, but real money needs an approval in the pair book."""
    why = source.why_not(pair_id, markets)
    if why is None:
        if settings.mode != "live" or settings.environment == "sim":
            return ()
        return ("A pair of a file is bound to no rules text; approve it in the pair book.",)
    return tuple(f"The pair may not be traded: {each}." for each in why)


def as_listed(market: Market | None, seen: Listing | None) -> Listing | None:
    """A market as its venue words it now; of its event, for which nobody asked, what was seen.

    A market that moved to another event has no event's words, and so is not what was judged.
    """
    if market is None:
        return None
    around = seen if seen and market.event_id in {"", seen.event_id} else None
    event = Event(
        venue=market.venue,
        id=market.event_id,
        title=around.event_title if around else "",
        slug=around.slug if around else "",
        exclusive=False,
    )
    return listing_of(market, event)
